//! `WatchSeats`: a stream of seats and calls. First comes what is there, or what changed behind a revision, page by
//! page from the database. Then the stream joins the one reader of its server ([`change_feed`](super::change_feed)).
//!
//! The connection pulls entries, so nothing is buffered for a caller that does not read. Entries are states and not
//! events, so a stream that begins again at its last revision misses nothing.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use hotline_proto::v1::ErrorReason;
use metrics::counter;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch as signal;
use tokio::time::Instant as Moment;

use super::change_feed::{Batch, Change};
use super::{Seats, read};
use crate::access::Permit;
use crate::feed::StreamSlot;
use crate::platform::Fault;
use crate::platform::metrics::SLOW_STREAMS_CLOSED;
use crate::ticket::Instant;

/// Rows of a page of what is there.
const PAGE: u64 = 256;
/// The same as a length.
const PAGE_ROWS: usize = 256;
/// The longest silence of a stream. The contract promises a checkpoint every 10 seconds.
const SILENCE_MAX: Duration = Duration::from_secs(5);
/// When a caller that read too slowly may go on.
const SLOW_RETRY_AFTER: Duration = Duration::from_secs(1);

/// What a caller gets next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeatEntry {
    /// Where to go on after it.
    pub revision: i64,
    /// The change; `None` for a checkpoint.
    pub change: Option<Change>,
    /// The server's clock.
    pub now: Instant,
}

/// What is read of what is there.
#[derive(Debug)]
enum Phase {
    Seats(read::After),
    Calls(read::After),
    Live,
}

/// An open stream.
#[derive(Debug)]
pub struct SeatWatch {
    seats: Seats,
    /// Everything up to here was given.
    position: i64,
    /// The revision when the stream began: what it reads from the database is of it, or later.
    beginning: i64,
    phase: Phase,
    /// Whether it begins with what is there now. Calls that are over are left out then.
    is_snapshot: bool,
    held: VecDeque<Change>,
    /// Where the held changes end.
    through: i64,
    live: Receiver<Arc<Batch>>,
    sent_at: Moment,
    is_ending: signal::Receiver<bool>,
    _slot: StreamSlot,
}

impl Seats {
    /// Begins a stream after a revision; 0 for all that is there.
    ///
    /// # Errors
    /// `RATE_LIMITED` or `OVERLOADED` if too many streams are open; `INVALID_FIELDS` for a revision that no decision
    /// has had; if the database refuses.
    pub async fn watch_seats(&self, permit: &Permit, revision: i64) -> Result<SeatWatch, Fault> {
        let (slot, is_ending) = self.feed.open_slot(permit.principal())?;
        let live = self.changes.join().await?;
        // After the stream has joined, so that nothing lies between what it reads and what it gets.
        let beginning = read::revision(self.store.reader()).await?;
        if revision > beginning {
            return Err(Fault::invalid_fields().at("revision", "is the revision of an earlier response"));
        }
        Ok(SeatWatch {
            seats: self.clone(),
            position: revision,
            beginning,
            phase: Phase::Seats((revision + 1, String::new())),
            is_snapshot: revision == 0,
            held: VecDeque::new(),
            through: revision,
            live,
            sent_at: Moment::now(),
            is_ending,
            _slot: slot,
        })
    }
}

impl SeatWatch {
    /// The next thing to send.
    ///
    /// # Errors
    /// `READER_TOO_SLOW`, `UNAVAILABLE` if the server stops, and what the database refuses with. The stream ends then.
    pub async fn next(&mut self) -> Result<SeatEntry, Fault> {
        loop {
            if let Some(change) = self.held.pop_front() {
                // Only the last one of a batch says that all of it was given.
                if self.held.is_empty() {
                    self.position = self.through;
                }
                return Ok(self.entry(Some(change)));
            }
            self.position = self.through;
            if matches!(self.phase, Phase::Live) {
                if let Some(entry) = self.receive().await? {
                    return Ok(entry);
                }
            } else if self.read_page().await? {
                self.position = self.beginning;
                self.through = self.beginning;
                return Ok(self.entry(None));
            }
        }
    }

    fn entry(&mut self, change: Option<Change>) -> SeatEntry {
        self.sent_at = Moment::now();
        SeatEntry { revision: self.position, change, now: self.seats.clock.now() }
    }

    /// Reads a page of what is there; returns whether that was all.
    async fn read_page(&mut self) -> Result<bool, Fault> {
        let db = self.seats.store.reader();
        match &self.phase {
            Phase::Seats(after) => {
                let page = read::changed_seats(db, after, PAGE).await?;
                let start = (self.position + 1, String::new());
                self.phase = match page.last().filter(|_| page.len() >= PAGE_ROWS) {
                    Some(last) => Phase::Seats((last.revision, last.setup.code.clone())),
                    None => Phase::Calls(start),
                };
                self.held.extend(page.into_iter().map(|seat| Change::Seat(Box::new(seat))));
                Ok(false)
            }
            Phase::Calls(after) => {
                let page = read::changed_calls(db, after, self.is_snapshot, PAGE).await?;
                let is_end = page.len() < PAGE_ROWS;
                self.phase = match page.last().filter(|_| !is_end) {
                    Some(last) => Phase::Calls((last.revision, last.id.0.clone())),
                    None => Phase::Live,
                };
                self.held.extend(page.into_iter().map(|call| Change::Call(Box::new(call))));
                Ok(is_end && self.held.is_empty())
            }
            Phase::Live => Ok(false),
        }
    }

    /// Waits for changes; returns a checkpoint if the silence has lasted too long.
    async fn receive(&mut self) -> Result<Option<SeatEntry>, Fault> {
        if *self.is_ending.borrow() {
            return Err(Fault::unavailable("the server stops").logged_for_all());
        }
        if self.position < self.beginning {
            self.position = self.beginning;
            self.through = self.beginning;
            return Ok(Some(self.entry(None)));
        }
        let silence_end = self.sent_at + SILENCE_MAX;
        let batch = tokio::select! {
            biased;
            _ = self.is_ending.changed() => return Ok(None),
            batch = self.live.recv() => batch,
            () = tokio::time::sleep_until(silence_end) => return Ok(Some(self.entry(None))),
        };
        match batch {
            Ok(batch) => {
                let new = batch.changes.iter().filter(|change| change.revision() > self.position);
                self.held.extend(new.cloned());
                self.through = self.through.max(batch.through);
                Ok(None)
            }
            Err(RecvError::Lagged(_)) => {
                counter!(SLOW_STREAMS_CLOSED).increment(1);
                let retry_after = Some(SLOW_RETRY_AFTER);
                Err(Fault { retry_after, ..Fault::new(ErrorReason::ReaderTooSlow) })
            }
            Err(RecvError::Closed) => {
                Err(Fault::unavailable("changes of seats are not read").logged_for_all())
            }
        }
    }
}
