//! Streams of tickets: what happens to the tickets that the caller may see, as it is committed.
//!
//! A [`TicketWatch`] outlives connections and servers. It reconnects, goes on after the last entry that it has given,
//! and misses nothing. It notices a silent connection, because the hotline sends a checkpoint every few seconds. With a
//! cursor file it goes on where an earlier process stopped.

mod connection;
mod cursor_file;
pub(crate) mod recovery;
mod snapshot;

use std::fmt;
use std::path::PathBuf;

use hotline_proto::v1;
use hotline_proto::v1::watch_tickets_response::Entry;

use self::connection::Connection;
use self::cursor_file::CursorFile;
use self::recovery::Recovery;
use self::snapshot::SeenInSnapshot;
use crate::call::Core;
use crate::convert::{FromProto as _, Malformed};
use crate::error::{Error, ErrorReason};
use crate::model::{Digest, Ticket, TicketEvent};
use crate::transport::StreamPlace;

/// The metadata of a gap that says where history begins.
const OLDEST_CURSOR: &str = "oldest_cursor";

/// A place in the stream of one hotline. Its text is opaque and may be stored.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct WatchCursor(String);

impl WatchCursor {
    /// A cursor that was stored as text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for WatchCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a stream begins.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum WatchStart {
    /// With what happens from now on.
    #[default]
    Now,
    /// After a cursor.
    After(WatchCursor),
    /// With the open tickets, then with what happens to them.
    Snapshot,
}

/// A stream to open.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct WatchTickets {
    /// Where it begins, unless the cursor file says where to go on.
    pub start: WatchStart,
    /// The file that keeps the cursor over restarts. It is replaced atomically, after an entry was handled and at most
    /// a few times a second. So a process that is killed gets the last entries again, and misses none.
    pub cursor_file: Option<PathBuf>,
}

impl WatchTickets {
    /// A stream that begins there.
    #[must_use]
    pub const fn new(start: WatchStart) -> Self {
        Self { start, cursor_file: None }
    }

    /// Keeps the cursor in a file over restarts.
    #[must_use]
    pub fn cursor_file(self, path: impl Into<PathBuf>) -> Self {
        Self { cursor_file: Some(path.into()), ..self }
    }
}

/// An entry of a stream.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum WatchItem {
    /// An event of a ticket. A unit gets the events since the present dispatch, as `list_ticket_events` numbers them.
    Event(Box<TicketEvent>),
    /// A ticket left the scope of the caller's unit. What became of it is not shown.
    Left {
        /// The ticket's number.
        ticket_number: String,
    },
    /// A digest of a unit. For units, dispatchers and supervisors.
    Digest(Digest),
    /// An open ticket of the snapshot. If the connection breaks during the snapshot, it comes again.
    Open(Box<Ticket>),
    /// The end of the snapshot.
    SnapshotEnd {
        /// How many tickets it had.
        ticket_count: u64,
    },
    /// Nothing happened up to here.
    Checkpoint,
    /// The history after the last cursor is gone, because a backup was restored; or the next event can't be read. The
    /// stream goes on with a snapshot of the open tickets, unless the caller goes on elsewhere with
    /// [`TicketWatch::go_on_after`].
    Gap {
        /// Where the history begins that there is.
        oldest: WatchCursor,
    },
}

/// A stream of tickets. It ends only with an error that a new connection would not change.
///
/// If its token or client certificate expires, it opens again with a new one of the
/// [`TokenProvider`](crate::TokenProvider) or the certificate's files. It ends if the hotline refuses that one too.
#[must_use = "nothing is read until the stream is asked for its next entry"]
pub struct TicketWatch {
    core: Core,
    _place: StreamPlace,
    start: WatchStart,
    connection: Option<Connection>,
    /// The cursor of the last entry that was given.
    given: Option<WatchCursor>,
    file: Option<CursorFile>,
    seen: SeenInSnapshot,
    recovery: Recovery,
}

impl fmt::Debug for TicketWatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TicketWatch").field("start", &self.start).finish_non_exhaustive()
    }
}

impl TicketWatch {
    pub(crate) fn new(core: &Core, which: WatchTickets) -> Self {
        let (core, place) = core.for_open_stream();
        Self {
            core,
            _place: place,
            start: which.start,
            connection: None,
            given: None,
            file: which.cursor_file.map(CursorFile::new),
            seen: SeenInSnapshot::default(),
            recovery: Recovery::default(),
        }
    }

    /// The cursor of the last entry that was given; `None` before the first one.
    #[must_use]
    pub const fn cursor(&self) -> Option<&WatchCursor> {
        self.given.as_ref()
    }

    /// Goes on after a cursor, for example after the oldest one when there was a gap.
    pub fn go_on_after(&mut self, cursor: WatchCursor) {
        self.start = WatchStart::After(cursor);
        self.connection = None;
        self.seen = SeenInSnapshot::default();
    }

    /// Waits for the next entry. To ask for it says that the entry before was handled. The call may be dropped at any
    /// time and made again.
    ///
    /// # Errors
    /// If the caller may not read the stream, its cursor is not this hotline's, or the cursor file can't be read or
    /// written. Failures of the network and of servers are no errors: the stream reconnects until it succeeds.
    pub async fn next(&mut self) -> Result<WatchItem, Error> {
        self.load_cursor().await?;
        self.save_cursor(false).await?;
        loop {
            let received = match &mut self.connection {
                Some(connection) => connection.receive().await,
                None => match self.open().await {
                    Ok(()) => continue,
                    Err(error) => Err(error),
                },
            };
            match received {
                Ok(response) => {
                    if let Some(item) = self.take(response)? {
                        return Ok(item);
                    }
                }
                Err(error) => {
                    let ended = self.connection.take();
                    if let Some(gap) = self.gap(&error) {
                        return Ok(gap);
                    }
                    self.recovery.pause(error, ended.map(|connection| connection.age())).await?;
                }
            }
        }
    }

    /// Writes the cursor of the last entry to the cursor file now. Call it before the process ends by itself.
    ///
    /// # Errors
    /// If the file can't be written.
    pub async fn flush(&mut self) -> Result<(), Error> {
        self.save_cursor(true).await
    }

    async fn open(&mut self) -> Result<(), Error> {
        if self.start == WatchStart::Snapshot {
            // It begins again, and this time it may lack tickets that it had before.
            self.seen = SeenInSnapshot::default();
        }
        self.connection = Some(Connection::open(&self.core, &self.start).await?);
        Ok(())
    }

    async fn load_cursor(&mut self) -> Result<(), Error> {
        if let Some(file) = &mut self.file
            && let Some(stored) = file.load_once().await?
        {
            self.start = WatchStart::After(stored);
        }
        Ok(())
    }

    async fn save_cursor(&mut self, is_now: bool) -> Result<(), Error> {
        match (&mut self.file, &self.given) {
            (Some(file), Some(cursor)) if self.start != WatchStart::Snapshot => {
                file.save(cursor, is_now).await
            }
            _ => Ok(()),
        }
    }

    /// What the caller gets of a response; nothing if a snapshot contains it already.
    fn take(&mut self, response: v1::WatchTicketsResponse) -> Result<Option<WatchItem>, Error> {
        let cursor = WatchCursor(response.cursor);
        let sequence = match &response.entry {
            Some(Entry::SnapshotTicket(open)) => open.sequence.unsigned_abs(),
            _ => 0,
        };
        let item = item_of(response.entry).map_err(Error::from_malformed)?;
        match &item {
            // An incomplete snapshot begins again, so its cursor is not used before its end.
            Some(WatchItem::Open(ticket)) => {
                self.seen.note(ticket, sequence);
                self.given = Some(cursor);
                return Ok(item);
            }
            Some(WatchItem::Event(event)) if self.seen.contains(event) => {
                self.start = WatchStart::After(cursor.clone());
                self.given = Some(cursor);
                return Ok(None);
            }
            Some(WatchItem::Left { ticket_number }) => self.seen.forget(ticket_number),
            _ => {}
        }
        self.start = WatchStart::After(cursor.clone());
        self.given = Some(cursor);
        Ok(item)
    }

    fn gap(&mut self, error: &Error) -> Option<WatchItem> {
        if error.reason() != Some(ErrorReason::FeedGap) {
            return None;
        }
        let oldest = error.metadata().get(OLDEST_CURSOR).cloned().map(WatchCursor)?;
        self.start = WatchStart::Snapshot;
        self.given = None;
        self.seen = SeenInSnapshot::default();
        Some(WatchItem::Gap { oldest })
    }
}

/// An entry of the contract as an item; `None` for a kind that this version of the library does not know.
fn item_of(entry: Option<Entry>) -> Result<Option<WatchItem>, Malformed> {
    const AT: &str = "WatchTicketsResponse";
    Ok(Some(match entry {
        Some(Entry::Event(event)) => WatchItem::Event(Box::new(TicketEvent::from_proto(*event, AT)?)),
        Some(Entry::Left(left)) => WatchItem::Left { ticket_number: left.ticket_number },
        Some(Entry::Digest(digest)) => WatchItem::Digest(Digest::from_proto(digest, AT)?),
        Some(Entry::Checkpoint(_)) => WatchItem::Checkpoint,
        Some(Entry::SnapshotTicket(open)) => {
            let ticket = open.ticket.ok_or(Malformed("SnapshotTicket.ticket"))?;
            WatchItem::Open(Box::new(Ticket::from_proto(ticket, AT)?))
        }
        Some(Entry::SnapshotEnd(end)) => {
            WatchItem::SnapshotEnd { ticket_count: end.ticket_count.unsigned_abs() }
        }
        None => return Ok(None),
    }))
}
