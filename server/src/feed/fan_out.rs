//! The one reader of the feed in a server. It reads each new entry once and passes it to all open streams. What it
//! keeps for them is bounded in entries and bytes; a stream that falls further behind is closed.
//!
//! Without open streams it reads nothing.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, Weak};
use std::time::Duration;

use tokio::sync::{Notify, broadcast};

use super::entry::{Batch, FeedEntry, FeedItem, SharedAudience};
use super::page_bytes::BATCH_BYTES_MAX;
use super::read::{self, Range};
use super::rows;
use super::unreadable::UnreadableEntries;
use crate::access::Scope;
use crate::ledger::audience::Audience;
use crate::platform::{Fault, Store};

/// Entries that are read together at most.
const BATCH_ENTRIES_MAX: u64 = 128;
/// Batches that are kept for streams that are behind. A batch has what was committed since the batch before, so it has
/// one entry if little happens, and never more than [`BATCH_ENTRIES_MAX`] or [`BATCH_BYTES_MAX`]. In all they have at
/// most 8 MiB, whatever the number of streams.
const BATCHES_MAX: usize = 128;
/// The pause between two looks if nobody has said that there is something new: another server may have numbered it.
const POLL_PAUSE: Duration = Duration::from_millis(50);
/// The pause while no stream is open.
const IDLE_PAUSE: Duration = Duration::from_secs(1);
/// The pause after a failure.
const FAILURE_PAUSE: Duration = Duration::from_secs(1);
/// Audiences that are remembered before those of forgotten entries are dropped.
const AUDIENCES_BETWEEN_SWEEPS: usize = 4_096;

/// The streams, and how far they were served.
#[derive(Debug)]
struct Line {
    sender: broadcast::Sender<Arc<Batch>>,
    /// The position up to which entries were passed on; `None` while no stream is open.
    head: Option<i64>,
}

impl Line {
    fn new() -> Self {
        Self { sender: broadcast::Sender::new(BATCHES_MAX), head: None }
    }
}

/// Passes new entries to streams.
#[derive(Debug)]
pub(super) struct FanOut {
    store: Store,
    unreadable: Arc<UnreadableEntries>,
    line: Mutex<Line>,
    hint: Notify,
    audiences: Mutex<HashMap<i64, Weak<RwLock<Audience>>>>,
}

impl FanOut {
    pub(super) fn new(store: Store, unreadable: Arc<UnreadableEntries>) -> Self {
        let line = Mutex::new(Line::new());
        Self { store, unreadable, line, hint: Notify::new(), audiences: Mutex::default() }
    }

    /// Says that there may be something new. Nothing depends on it but the delay.
    pub(super) fn hint(&self) {
        self.hint.notify_one();
    }

    /// Joins a stream that has read up to a position; `None` if it has to read further in the database first. It may
    /// get entries that it has read already.
    pub(super) fn join(&self, position: i64) -> Option<broadcast::Receiver<Arc<Batch>>> {
        let mut line = self.line();
        let is_reached = line.head.is_none_or(|head| position >= head);
        let receiver = is_reached.then(|| line.sender.subscribe());
        if receiver.is_some() && line.head.is_none() {
            line.head = Some(position);
            self.hint();
        }
        receiver
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The position to read on from; `None` if nobody is there to read for.
    fn head(&self) -> Option<i64> {
        let mut line = self.line();
        if line.sender.receiver_count() == 0 {
            line.head = None;
        }
        line.head
    }

    /// Reads one batch and passes it on; returns whether there may be more.
    pub(super) async fn pass_on(&self) -> Result<bool, Fault> {
        let Some(after) = self.head() else { return Ok(false) };
        let last = rows::last(self.store.reader()).await?;
        if last < after {
            // The history has gone back. The streams end, and their cursors are answered with a gap.
            let streams = std::mem::replace(&mut *self.line(), Line::new()).sender.receiver_count();
            tracing::warn!(position = after, streams, "the feed has lost entries; its streams end");
        }
        if last <= after {
            return Ok(false);
        }
        // One snapshot, so that events and audiences fit together.
        let snapshot = self.store.snapshot().await?;
        let through = rows::last(&snapshot).await?;
        let range = Range { after, through, limit: BATCH_ENTRIES_MAX, bytes_max: BATCH_BYTES_MAX };
        // Without a scope: each stream decides what its caller gets.
        let mut batch = read::page(&snapshot, &Scope::All, range, &self.unreadable).await?;
        snapshot.rollback().await?;
        self.share_audiences(&mut batch.entries);
        let is_whole = batch.through == through;
        let mut line = self.line();
        line.head = Some(batch.through);
        // Nobody may be left.
        let _ = line.sender.send(Arc::new(batch));
        Ok(!is_whole)
    }

    /// Lets all entries of a ticket that are kept share its newest audience.
    fn share_audiences(&self, entries: &mut [FeedEntry]) {
        let mut known = self.audiences.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() > AUDIENCES_BETWEEN_SWEEPS {
            known.retain(|_, audience| audience.strong_count() > 0);
        }
        for entry in entries {
            match &mut entry.item {
                FeedItem::Event(item) => share(&mut known, item.ticket.as_i64(), &mut item.audience),
                // It shows nothing.
                FeedItem::Unreadable(_) => {}
                FeedItem::Digest(item) => {
                    for (ticket, audience) in &mut item.tickets {
                        share(&mut known, ticket.number.as_i64(), audience);
                    }
                }
            }
        }
    }

    /// Reads and passes on until it is dropped.
    pub(super) async fn run(&self) {
        loop {
            let pause = match self.pass_on().await {
                Ok(true) => continue,
                Ok(false) if self.head().is_none() => IDLE_PAUSE,
                Ok(false) => POLL_PAUSE,
                Err(fault) => {
                    let position = self.head();
                    tracing::warn!(
                        position,
                        error = fault.detail,
                        "reading the feed failed; streams wait, retrying"
                    );
                    FAILURE_PAUSE
                }
            };
            // SQLite has no sequencer that would say when there is something new.
            let changed = async {
                if self.store.is_sqlite() { self.store.changed().await } else { std::future::pending().await }
            };
            tokio::select! {
                () = self.hint.notified() => {}
                () = changed => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }
}

fn share(known: &mut HashMap<i64, Weak<RwLock<Audience>>>, ticket: i64, audience: &mut SharedAudience) {
    match known.get(&ticket).and_then(Weak::upgrade).map(SharedAudience) {
        Some(earlier) => {
            earlier.replace(audience.read(Audience::clone));
            *audience = earlier;
        }
        None => {
            known.insert(ticket, Arc::downgrade(&audience.0));
        }
    }
}
