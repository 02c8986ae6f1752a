//! One stream: where it stands, and how it gets the next entry. The connection pulls entries, so that nothing is
//! buffered for a caller that does not read. It may be dropped at any time and changes nothing.
//!
//! A stream that is behind has a task that reads the database for it (`reading`). Then it joins the one reader of its
//! server (`fan_out`). What the caller gets of an entry is decided when the entry is sent, by audiences that are at
//! most [`StreamLimits::decision_age_max`](super::StreamLimits) old. What has waited for longer is read again.

use std::sync::Arc;
use std::time::Duration;

use hotline_proto::v1::ErrorReason;
use metrics::counter;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch as signal;
use tokio::time::Instant as Moment;

use super::cursor::{self, CursorKey};
use super::deliver::{Decision, Delivery, decide};
use super::entry::Batch;
use super::handle::Feed;
use super::reading::{Part, Reading};
use super::rows;
use super::snapshot::{OpenTicket, OpenTickets, Snapshot};
use super::streams::Slot;
use crate::access::Permit;
use crate::platform::Fault;
use crate::platform::metrics::SLOW_STREAMS_CLOSED;
use crate::ticket::Instant;

/// The longest silence of a stream. The contract promises a checkpoint every 10 seconds.
const SILENCE_MAX: Duration = Duration::from_secs(5);
/// When a caller that read too slowly may go on.
const SLOW_RETRY_AFTER: Duration = Duration::from_secs(1);
/// The key of the metadata that says where history begins.
const OLDEST_CURSOR: &str = "oldest_cursor";

/// Where a stream begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    /// With what happens from now on.
    Now,
    /// After a cursor.
    After(String),
    /// With the open tickets.
    Snapshot,
}

/// What a caller gets next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivered {
    /// Where to go on after it.
    pub cursor: String,
    /// What it is.
    pub item: Item,
}

/// What an entry of a stream is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// An entry of the feed.
    Entry(Delivery),
    /// Nothing to see up to the cursor.
    Checkpoint(Instant),
    /// A ticket of the snapshot.
    Open(Box<OpenTicket>),
    /// The end of the snapshot, and how many tickets it had.
    SnapshotEnd(u64),
}

/// Where a stream gets what comes next.
#[derive(Debug)]
enum Source {
    /// From its own task, because it is behind.
    Reading(Reading),
    /// From the reader of its server.
    Live(Receiver<Arc<Batch>>),
}

/// What a stream has received, and not yet given.
#[derive(Debug)]
enum Held {
    Nothing,
    Checkpoint,
    Open(OpenTickets),
    /// A batch, and the place of its next entry.
    Batch(Arc<Batch>, usize),
}

/// An open stream.
#[derive(Debug)]
pub struct Watch {
    feed: Feed,
    permit: Permit,
    key: CursorKey,
    /// The position up to which the caller was given everything.
    position: i64,
    /// How far the snapshot was given; `None` without one and behind its end.
    snapshot: Option<Snapshot>,
    source: Source,
    held: Held,
    sent_at: Moment,
    is_ending: signal::Receiver<bool>,
    _slot: Slot,
}

impl Feed {
    /// Begins a stream for a caller.
    ///
    /// # Errors
    /// `CURSOR_INVALID`, `FEED_GAP`; `RATE_LIMITED` or `OVERLOADED` if too many streams are open; if the database
    /// refuses.
    pub async fn watch(&self, permit: &Permit, start: Start) -> Result<Watch, Fault> {
        let slot = self.0.streams.open(permit.principal())?;
        Watch::begin(self.clone(), permit.clone(), start, slot).await
    }
}

impl Watch {
    async fn begin(feed: Feed, permit: Permit, start: Start, slot: Slot) -> Result<Self, Fault> {
        let key = feed.cursor_key().await?;
        let position = match &start {
            Start::Now | Start::Snapshot => rows::last(feed.0.store.reader()).await?,
            Start::After(cursor) => place_of(&feed, &key, cursor).await?,
        };
        let snapshot = (start == Start::Snapshot).then(Snapshot::default);
        let source = Source::Reading(Reading::start(feed.clone(), permit.clone(), position, snapshot));
        let is_ending = feed.0.is_ending.subscribe();
        let (held, sent_at) = (Held::Nothing, Moment::now());
        Ok(Self { feed, permit, key, position, snapshot, source, held, sent_at, is_ending, _slot: slot })
    }

    /// The cursor up to which the stream has looked at the feed.
    ///
    /// # Errors
    /// If the system has no randomness.
    pub fn cursor(&self) -> Result<String, Fault> {
        self.key.seal(self.position)
    }

    /// The next thing to send.
    ///
    /// # Errors
    /// `READER_TOO_SLOW`, `FEED_GAP` behind an entry that can't be read, `UNAVAILABLE` if the server stops, and what
    /// the database refuses with. The stream ends then.
    pub async fn next(&mut self) -> Result<Delivered, Fault> {
        loop {
            if let Some(item) = self.take()? {
                self.sent_at = Moment::now();
                return Ok(Delivered { cursor: self.key.seal(self.position)?, item });
            }
            self.receive().await?;
        }
    }

    /// The next thing that is there already; `None` if the stream has caught up with its server. For followers that
    /// work in batches.
    ///
    /// # Errors
    /// As [`Self::next`].
    pub async fn next_ready(&mut self) -> Result<Option<Delivered>, Fault> {
        loop {
            if let Some(item) = self.take()? {
                self.sent_at = Moment::now();
                return Ok(Some(Delivered { cursor: self.key.seal(self.position)?, item }));
            }
            if matches!(&self.source, Source::Live(receiver) if receiver.is_empty()) {
                return Ok(None);
            }
            self.receive().await?;
        }
    }

    /// The next item of what the stream holds; `None` if it holds nothing that the caller gets.
    fn take(&mut self) -> Result<Option<Item>, Fault> {
        if self.has_waited_too_long() {
            self.read_again();
        }
        match &mut self.held {
            Held::Nothing => Ok(None),
            Held::Checkpoint => {
                self.held = Held::Nothing;
                Ok(Some(Item::Checkpoint(self.feed.0.clock.now())))
            }
            Held::Open(open) => Ok(if let Some(ticket) = open.tickets.next() {
                self.snapshot.get_or_insert_default().note(&ticket);
                Some(Item::Open(Box::new(ticket)))
            } else {
                let is_end = open.is_end;
                self.held = Held::Nothing;
                is_end.then(|| Item::SnapshotEnd(self.snapshot.take().unwrap_or_default().count))
            }),
            Held::Batch(..) => self.take_entry(),
        }
    }

    /// The next entry of the batch that the caller gets.
    fn take_entry(&mut self) -> Result<Option<Item>, Fault> {
        let Held::Batch(batch, next) = &mut self.held else { return Ok(None) };
        while let Some(entry) = batch.entries.get(*next) {
            *next += 1;
            // A stream that has just joined may get entries that it has read already.
            if entry.position <= self.position {
                continue;
            }
            self.position = entry.position;
            match decide(entry, &self.permit) {
                Decision::PassOver => {}
                Decision::Give(delivery) => return Ok(Some(Item::Entry(delivery))),
                Decision::Gap => return Err(gap(&self.key, entry.position)?),
            }
        }
        self.position = self.position.max(batch.through);
        self.held = Held::Nothing;
        Ok(None)
    }

    /// Whether what the stream holds was read so long ago that it may have become somebody else's business.
    fn has_waited_too_long(&self) -> bool {
        let read_at = match &self.held {
            Held::Open(open) => open.read_at,
            Held::Batch(batch, _) => batch.read_at,
            Held::Nothing | Held::Checkpoint => return false,
        };
        read_at.elapsed() > self.feed.0.streams.limits.decision_age_max
    }

    /// Forgets what it holds, and reads in the database behind what the caller was given.
    fn read_again(&mut self) {
        self.held = Held::Nothing;
        let (feed, permit) = (self.feed.clone(), self.permit.clone());
        self.source = Source::Reading(Reading::start(feed, permit, self.position, self.snapshot));
    }

    /// Waits for something to hold: what was read, or a checkpoint if the silence has lasted too long.
    async fn receive(&mut self) -> Result<(), Fault> {
        if *self.is_ending.borrow() {
            return Err(Fault::unavailable("the server stops").logged_for_all());
        }
        let silence_end = self.sent_at + SILENCE_MAX;
        let part = tokio::select! {
            biased;
            _ = self.is_ending.changed() => return Ok(()),
            // A checkpoint in a snapshot would say that the snapshot is over.
            () = tokio::time::sleep_until(silence_end), if self.snapshot.is_none() => {
                self.held = Held::Checkpoint;
                return Ok(());
            }
            part = next_part(&mut self.source) => part?,
        };
        self.held = match part {
            Part::Open(open) => Held::Open(open),
            Part::Batch(batch) => Held::Batch(batch, 0),
            Part::Joined(receiver) => {
                self.source = Source::Live(receiver);
                // The caller knows now that it has caught up, and where to go on from before anything happens.
                Held::Checkpoint
            }
        };
        Ok(())
    }
}

async fn next_part(source: &mut Source) -> Result<Part, Fault> {
    let live = match source {
        Source::Reading(reading) => return reading.next().await,
        Source::Live(live) => live,
    };
    match live.recv().await {
        Ok(batch) => Ok(Part::Batch(batch)),
        Err(RecvError::Lagged(_)) => {
            counter!(SLOW_STREAMS_CLOSED).increment(1);
            let retry_after = Some(SLOW_RETRY_AFTER);
            Err(Fault { retry_after, ..Fault::new(ErrorReason::ReaderTooSlow) })
        }
        Err(RecvError::Closed) => Err(Fault::unavailable("the feed has lost entries").logged_for_all()),
    }
}

/// The position of a cursor.
///
/// # Errors
/// `CURSOR_INVALID`; `FEED_GAP` if what follows it is not there, or belongs to another epoch.
async fn place_of(feed: &Feed, key: &CursorKey, cursor: &str) -> Result<i64, Fault> {
    let place = cursor::open(feed.0.vault.keys(), cursor).await?;
    let (first, last) = rows::ends(feed.0.store.reader()).await?;
    let oldest = (first - 1).max(0);
    let is_there = place.epoch == feed.epoch().await? && (oldest..=last).contains(&place.position);
    if is_there {
        return Ok(place.position);
    }
    Err(gap(key, oldest)?)
}

/// The refusal that says that history begins after a position.
fn gap(key: &CursorKey, oldest: i64) -> Result<Fault, Fault> {
    Ok(Fault::new(ErrorReason::FeedGap).with(OLDEST_CURSOR, key.seal(oldest)?))
}
