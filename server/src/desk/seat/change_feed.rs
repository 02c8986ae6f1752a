//! Passes changes of seats and calls to the streams of this server. One task reads each change once, while a stream is
//! open. What it keeps for streams that are behind is bounded; a stream that falls further behind is closed.
//!
//! A decision of this server wakes it at once, and it looks every few milliseconds for those of other servers.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, broadcast};

use super::model::{Seat, SeatCall};
use super::read;
use crate::platform::{Fault, Store};

/// Rows of a table that are read together at most. One decision changes fewer.
const ROWS_MAX: u64 = 1_024;
/// Batches that are kept for streams that are behind.
const BATCHES_MAX: usize = 128;
/// The pause between two looks if no decision of this server wakes it.
const POLL_PAUSE: Duration = Duration::from_millis(25);
/// The pause after a failure.
const FAILURE_PAUSE: Duration = Duration::from_secs(1);

/// A change, as its last state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Of a seat.
    Seat(Box<Seat>),
    /// Of a call.
    Call(Box<SeatCall>),
}

impl Change {
    /// The number of the decision.
    #[must_use]
    pub const fn revision(&self) -> i64 {
        match self {
            Self::Seat(seat) => seat.revision,
            Self::Call(call) => call.revision,
        }
    }
}

/// The changes up to a revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Batch {
    pub(super) through: i64,
    pub(super) changes: Vec<Change>,
}

#[derive(Debug)]
struct Line {
    sender: broadcast::Sender<Arc<Batch>>,
    /// The revision up to which changes were passed on; `None` while no stream is open.
    head: Option<i64>,
}

/// Passes changes to streams.
#[derive(Debug)]
pub(super) struct ChangeFeed {
    store: Store,
    line: Mutex<Line>,
    hint: Notify,
}

impl ChangeFeed {
    pub(super) fn new(store: Store) -> Self {
        let line = Line { sender: broadcast::Sender::new(BATCHES_MAX), head: None };
        Self { store, line: Mutex::new(line), hint: Notify::new() }
    }

    /// Says that a decision was committed, if it was; passes its outcome on.
    pub(super) fn announce<T>(&self, outcome: Result<T, Fault>) -> Result<T, Fault> {
        if outcome.is_ok() {
            self.hint.notify_one();
        }
        outcome
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Joins a stream. It gets every change that is not committed yet, and may get earlier ones.
    pub(super) async fn join(self: &Arc<Self>) -> Result<broadcast::Receiver<Arc<Batch>>, Fault> {
        let now = read::revision(self.store.reader()).await?;
        let mut line = self.line();
        let receiver = line.sender.subscribe();
        if line.head.is_none() {
            line.head = Some(now);
            tokio::spawn(Arc::clone(self).run());
        }
        Ok(receiver)
    }

    /// The revision to read on from; `None` if nobody is there to read for. Then the next stream starts a new reader.
    fn head(&self) -> Option<i64> {
        let mut line = self.line();
        if line.sender.receiver_count() == 0 {
            line.head = None;
        }
        line.head
    }

    async fn run(self: Arc<Self>) {
        while let Some(head) = self.head() {
            let pause = match self.pass_on(head).await {
                Ok(true) => continue,
                Ok(false) => POLL_PAUSE,
                Err(fault) => {
                    tracing::warn!(
                        error = fault.detail,
                        "reading changes of seats failed; streams wait, retrying"
                    );
                    FAILURE_PAUSE
                }
            };
            tokio::select! {
                () = self.hint.notified() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Reads one batch and passes it on; returns whether there may be more.
    async fn pass_on(&self, head: i64) -> Result<bool, Fault> {
        if read::revision(self.store.reader()).await? <= head {
            return Ok(false);
        }
        // One snapshot, so that a seat and its call fit together.
        let snapshot = self.store.snapshot().await?;
        let last = read::revision(&snapshot).await?;
        // No key of a row comes before the empty one, and all rows of the head were passed on.
        let after = (head + 1, String::new());
        let seats = read::changed_seats(&snapshot, &after, ROWS_MAX).await?;
        let calls = read::changed_calls(&snapshot, &after, false, ROWS_MAX).await?;
        snapshot.rollback().await?;
        let batch = batch_of(seats, calls, last);
        let mut line = self.line();
        line.head = Some(batch.through);
        let is_more = batch.through < last;
        // Nobody may be left.
        let _ = line.sender.send(Arc::new(batch));
        Ok(is_more)
    }
}

/// What was read, up to the revision that was read as a whole. Pure.
fn batch_of(seats: Vec<Seat>, calls: Vec<SeatCall>, last: i64) -> Batch {
    let cut = |rows: usize, end: Option<i64>| {
        let is_full = rows as u64 >= ROWS_MAX;
        end.filter(|_| is_full).map_or(last, |end| end - 1)
    };
    let of_seats = cut(seats.len(), seats.last().map(|seat| seat.revision));
    let of_calls = cut(calls.len(), calls.last().map(|call| call.revision));
    let through = of_seats.min(of_calls);
    let seats = seats.into_iter().map(|seat| Change::Seat(Box::new(seat)));
    let mut changes: Vec<_> =
        seats.chain(calls.into_iter().map(|call| Change::Call(Box::new(call)))).collect();
    changes.retain(|change| change.revision() <= through);
    changes.sort_by_key(Change::revision);
    Batch { through, changes }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ticket::{CallId, Instant};

    fn call(revision: i64) -> SeatCall {
        let id = CallId(format!("call-{revision}"));
        SeatCall { revision, ..SeatCall::arrived(&id, "enterprise", revision, Instant::default()) }
    }

    #[test]
    fn a_batch_that_is_cut_ends_before_the_decision_that_it_cuts() {
        let calls: Vec<_> = (1..=ROWS_MAX).map(|row| call(i64::try_from(row / 2).expect("small"))).collect();
        let end = calls.last().expect("some").revision;
        let batch = batch_of(Vec::new(), calls, 9_999);
        assert_eq!(batch.through, end - 1);
        assert!(batch.changes.iter().all(|change| change.revision() < end));
        let batch = batch_of(Vec::new(), vec![call(3), call(5)], 7);
        assert_eq!((batch.through, batch.changes.len()), (7, 2));
    }
}
