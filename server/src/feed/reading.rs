//! What a stream reads in the database before it follows the others: the snapshot, and what it has missed. A task of
//! its own reads, and passes page by page through a channel with room for one.
//!
//! The task reads only if there is room. So a caller that does not read holds neither a connection to the database nor
//! a turn, and at most two pages wait for it: the one that it is given, and the one in the channel. The task ends with
//! its stream.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::broadcast;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::entry::Batch;
use super::handle::Feed;
use super::page_bytes::PAGE_BYTES_MAX;
use super::read::{self, Range};
use super::rows;
use super::snapshot::{OpenTickets, Snapshot};
use crate::access::Permit;
use crate::platform::Fault;

/// Positions that a stream that is behind looks through at a time.
const SCAN: i64 = 2_000;
/// Entries that it reads at a time.
const PAGE: u64 = 64;
/// Pages that wait in the channel.
const PAGES_MAX: usize = 1;
/// The pause before another look if the reader of the server is ahead of this one.
const JOIN_PAUSE: Duration = Duration::from_millis(5);

/// What was read.
#[derive(Debug)]
pub(super) enum Part {
    /// Open tickets of the snapshot.
    Open(OpenTickets),
    /// Entries.
    Batch(Arc<Batch>),
    /// Nothing is left to read: the stream follows the reader of its server from here.
    Joined(broadcast::Receiver<Arc<Batch>>),
}

/// A task that reads for one stream. It is aborted when this is dropped.
#[derive(Debug)]
pub(super) struct Reading {
    parts: mpsc::Receiver<Result<Part, Fault>>,
    _task: JoinSet<()>,
}

/// Where the task stands.
struct Reader {
    feed: Feed,
    permit: Permit,
    position: i64,
    /// How far the snapshot was read; `None` without one and behind its end.
    snapshot: Option<Snapshot>,
}

impl Reading {
    /// Begins to read after a position, or behind the last ticket of a snapshot that was sent.
    pub(super) fn start(feed: Feed, permit: Permit, position: i64, snapshot: Option<Snapshot>) -> Self {
        let (sender, parts) = mpsc::channel(PAGES_MAX);
        let mut task = JoinSet::new();
        task.spawn(Reader { feed, permit, position, snapshot }.run(sender));
        Self { parts, _task: task }
    }

    /// The next part. It may be dropped and called again.
    pub(super) async fn next(&mut self) -> Result<Part, Fault> {
        let part = self.parts.recv().await;
        part.unwrap_or_else(|| Err(Fault::internal("the task that reads for a stream has ended")))
    }
}

impl Reader {
    async fn run(mut self, sender: mpsc::Sender<Result<Part, Fault>>) {
        // Room comes first: what is read then is new when it arrives, and nothing is held while there is no room.
        while let Ok(room) = sender.reserve().await {
            let read = self.read().await.transpose();
            let is_last = matches!(read, Some(Err(_) | Ok(Part::Joined(_))));
            if let Some(part) = read {
                room.send(part);
            } else {
                drop(room);
                tokio::time::sleep(JOIN_PAUSE).await;
            }
            if is_last {
                return;
            }
        }
    }

    /// Reads one part; nothing if the reader of the server is ahead of what the database showed.
    async fn read(&mut self) -> Result<Option<Part>, Fault> {
        let Feed(parts) = self.feed.clone();
        let _turn = parts.catching_up.acquire().await.map_err(|_| Fault::internal("no turn"))?;
        if let Some(snapshot) = &mut self.snapshot {
            let db = parts.store.read_conn(self.permit.scope().unit()).await?;
            let open = snapshot.next(&db, &self.permit).await?;
            open.tickets.as_slice().iter().for_each(|ticket| snapshot.note(ticket));
            if open.is_end {
                self.snapshot = None;
            }
            return Ok(Some(Part::Open(open)));
        }
        let last = rows::last(parts.store.reader()).await?;
        if last <= self.position {
            return Ok(parts.fan_out.join(self.position).map(Part::Joined));
        }
        let scope = self.permit.scope();
        let db = parts.store.read_conn(scope.unit()).await?;
        let through = last.min(self.position.saturating_add(SCAN));
        let range = Range { after: self.position, through, limit: PAGE, bytes_max: PAGE_BYTES_MAX };
        let batch = read::page(&db, &scope, range, &parts.unreadable).await?;
        self.position = batch.through;
        Ok(Some(Part::Batch(Arc::new(batch))))
    }
}
