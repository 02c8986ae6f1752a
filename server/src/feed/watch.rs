//! One stream: where it stands, and how it gets the next entry. It is pulled by the connection, so that nothing is
//! buffered for a caller that does not read. Dropping it at any time changes nothing.
//!
//! A stream that is behind reads the database page by page, with its caller's scope. Then it joins the
//! one reader of its server (`fan_out`).

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use hotline_proto::v1::ErrorReason;
use metrics::counter;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch as signal;
use tokio::time::Instant as Moment;

use super::cursor::{self, CursorKey};
use super::deliver::{Delivery, deliver};
use super::fan_out::Batch;
use super::handle::Feed;
use super::read::{self, Range};
use super::rows;
use super::snapshot::{OpenTicket, Snapshot};
use super::streams::Slot;
use crate::access::Permit;
use crate::platform::Fault;
use crate::platform::metrics::SLOW_STREAMS_CLOSED;
use crate::ticket::Instant;

/// The longest silence of a stream. The contract promises a checkpoint every 10 seconds.
const SILENCE_MAX: Duration = Duration::from_secs(5);
/// Positions that a stream that is behind looks through at a time.
const SCAN: i64 = 2_000;
/// Entries that it reads at a time.
const PAGE: u64 = 200;
/// The pause before another look if the reader of the server is ahead of this one.
const JOIN_PAUSE: Duration = Duration::from_millis(5);
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

/// An open stream.
#[derive(Debug)]
pub struct Watch {
    feed: Feed,
    permit: Permit,
    key: CursorKey,
    /// The position up to which the caller was given everything, or will be by the queue.
    position: i64,
    queue: VecDeque<(i64, Item)>,
    snapshot: Option<Snapshot>,
    live: Option<Receiver<Arc<Batch>>>,
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
        let is_ending = feed.0.is_ending.subscribe();
        Ok(Self {
            queue: VecDeque::new(),
            live: None,
            sent_at: Moment::now(),
            is_ending,
            _slot: slot,
            feed,
            permit,
            key,
            position,
            snapshot,
        })
    }

    /// The cursor up to which the stream has looked at the feed.
    ///
    /// # Errors
    /// Never with a sound key.
    pub fn cursor(&self) -> Result<String, Fault> {
        self.key.seal(self.position)
    }

    /// The next thing to send.
    ///
    /// # Errors
    /// `READER_TOO_SLOW`, `UNAVAILABLE` if the server stops, and what the database refuses with. The stream ends then.
    pub async fn next(&mut self) -> Result<Delivered, Fault> {
        loop {
            if let Some((position, item)) = self.queue.pop_front() {
                self.sent_at = Moment::now();
                return Ok(Delivered { cursor: self.key.seal(position)?, item });
            }
            self.step().await?;
        }
    }

    /// Does what may fill the queue.
    async fn step(&mut self) -> Result<(), Fault> {
        if *self.is_ending.borrow() {
            return Err(Fault::unavailable("the server stops"));
        }
        if self.snapshot.is_some() {
            self.read_snapshot().await
        } else if self.live.is_some() {
            self.receive().await
        } else {
            self.catch_up().await
        }
    }

    /// The next thing that is there already; `None` if the stream has caught up with its server. For followers that
    /// work in batches.
    ///
    /// # Errors
    /// As [`Self::next`].
    pub async fn next_ready(&mut self) -> Result<Option<Delivered>, Fault> {
        loop {
            let is_caught_up = self.snapshot.is_none() && self.live.as_ref().is_some_and(Receiver::is_empty);
            if self.queue.is_empty() && is_caught_up {
                return Ok(None);
            }
            if !self.queue.is_empty() {
                return self.next().await.map(Some);
            }
            self.step().await?;
        }
    }

    fn checkpoint(&self) -> (i64, Item) {
        (self.position, Item::Checkpoint(self.feed.0.clock.now()))
    }

    async fn read_snapshot(&mut self) -> Result<(), Fault> {
        let Some(snapshot) = &mut self.snapshot else { return Ok(()) };
        let db = self.feed.0.store.read_conn(self.permit.scope().unit()).await?;
        let open = snapshot.next(&db, &self.permit).await?;
        if open.is_empty() {
            self.queue.push_back((self.position, Item::SnapshotEnd(snapshot.count)));
            self.snapshot = None;
        }
        let position = self.position;
        self.queue.extend(open.into_iter().map(|one| (position, Item::Open(Box::new(one)))));
        Ok(())
    }

    /// Reads some positions in the database, or joins the other streams if there are none.
    async fn catch_up(&mut self) -> Result<(), Fault> {
        let Feed(parts) = self.feed.clone();
        let _turn = parts.catching_up.acquire().await.map_err(|_| Fault::internal("no turn"))?;
        let last = rows::last(parts.store.reader()).await?;
        if last <= self.position {
            // Without a receiver the reader is ahead of this look at the database, so there is more to read.
            self.live = parts.fan_out.join(self.position);
            if self.live.is_some() {
                // The caller knows now that it has caught up, and where to go on from before anything happens.
                self.queue.push_back(self.checkpoint());
            } else {
                tokio::time::sleep(JOIN_PAUSE).await;
            }
            return Ok(());
        }
        let scope = self.permit.scope();
        let db = parts.store.read_conn(scope.unit()).await?;
        let through = last.min(self.position.saturating_add(SCAN));
        let page = read::page(&db, &scope, Range { after: self.position, through, limit: PAGE }).await?;
        for entry in &page.entries {
            let delivery = deliver(entry, &self.permit);
            self.queue.extend(delivery.map(|delivery| (entry.position, Item::Entry(delivery))));
        }
        self.position = page.through;
        self.break_silence();
        Ok(())
    }

    /// Waits for a batch, or until the silence has lasted too long.
    async fn receive(&mut self) -> Result<(), Fault> {
        let Some(live) = &mut self.live else { return Ok(()) };
        let silence_end = self.sent_at + SILENCE_MAX;
        let received = tokio::select! {
            received = live.recv() => received,
            () = tokio::time::sleep_until(silence_end) => {
                self.queue.push_back(self.checkpoint());
                return Ok(());
            }
            _ = self.is_ending.changed() => return Ok(()),
        };
        let batch = match received {
            Ok(batch) => batch,
            Err(RecvError::Lagged(_)) => {
                counter!(SLOW_STREAMS_CLOSED).increment(1);
                let retry_after = Some(SLOW_RETRY_AFTER);
                return Err(Fault { retry_after, ..Fault::new(ErrorReason::ReaderTooSlow) });
            }
            Err(RecvError::Closed) => return Err(Fault::unavailable("the reader of the feed has ended")),
        };
        for entry in batch.entries.iter().filter(|entry| entry.position > self.position) {
            let delivery = deliver(entry, &self.permit);
            self.queue.extend(delivery.map(|delivery| (entry.position, Item::Entry(delivery))));
        }
        self.position = self.position.max(batch.through);
        self.break_silence();
        Ok(())
    }

    /// Queues a checkpoint if entries that the caller may not see have kept the stream silent for too long.
    fn break_silence(&mut self) {
        if self.queue.is_empty() && self.sent_at.elapsed() >= SILENCE_MAX {
            self.queue.push_back(self.checkpoint());
        }
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
    Err(Fault::new(ErrorReason::FeedGap).with(OLDEST_CURSOR, key.seal(oldest)?))
}
