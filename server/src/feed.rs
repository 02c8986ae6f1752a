//! The feed: every event of a ticket and every digest with its position, for readers that must miss nothing.
//!
//! - A **position** is dense and never taken back. No entry that is committed later gets an earlier position. The
//!   events of one ticket are in their order. SQLite's one writer takes positions by itself; on PostgreSQL the
//!   [`Sequencer`] numbers what it can see.
//! - A **cursor** is a position of one epoch of the database, sealed. A restored backup begins a new epoch, so a cursor
//!   from before is answered with a gap and never skips entries silently.
//! - One reader of each server reads new entries and passes them to all open streams ([`FanOut`]). A stream that is
//!   behind reads the database until it has caught up ([`Watch`]).
//!
//! Whatever follows tickets by position (streams, rollups, search) reads the feed. Nothing here writes a ticket.

mod cursor;
mod deliver;
mod entry;
mod epoch;
mod fan_out;
mod read;
mod rows;
pub mod sequencer;
mod snapshot;
mod streams;
mod watch;

use std::sync::Arc;

use tokio::sync::{OnceCell, Semaphore, watch as signal};

use self::cursor::CursorKey;
pub use self::deliver::Delivery;
use self::epoch::Epoch;
pub use self::fan_out::FanOut;
pub use self::sequencer::Sequencer;
pub use self::streams::StreamLimits;
use self::streams::Streams;
pub use self::watch::{Delivered, Item, Start, Watch};
use crate::access::Permit;
use crate::identity::vault::Vault;
use crate::platform::{Clock, Fault, Store};

/// Streams that read the database at a time, because they are behind.
const CATCHING_UP_MAX: usize = 4;

/// The feed of one server.
#[derive(Debug, Clone)]
pub struct Feed(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    store: Store,
    clock: Clock,
    vault: Vault,
    fan_out: FanOut,
    streams: Streams,
    epoch: OnceCell<Epoch>,
    catching_up: Semaphore,
    is_ending: signal::Sender<bool>,
}

impl Feed {
    /// The feed of a database, with these limits on streams.
    #[must_use]
    pub fn new(store: Store, clock: Clock, vault: Vault, limits: StreamLimits) -> Self {
        Self(Arc::new(Parts {
            fan_out: FanOut::new(store.in_background()),
            store,
            clock,
            vault,
            streams: Streams::new(limits),
            epoch: OnceCell::new(),
            catching_up: Semaphore::new(CATCHING_UP_MAX),
            is_ending: signal::Sender::new(false),
        }))
    }

    /// The sequencer of this server.
    #[must_use]
    pub fn sequencer(&self) -> Sequencer {
        let Parts { store, clock, .. } = &*self.0;
        Sequencer { store: store.in_background(), clock: clock.clone(), feed: self.clone() }
    }

    /// Reads new entries for all streams of this server once; returns whether there may be more.
    ///
    /// # Errors
    /// If the database refuses. Streams get nothing then.
    pub async fn pass_on(&self) -> Result<bool, Fault> {
        self.0.fan_out.pass_on().await
    }

    /// Reads new entries for all streams of this server, until it is dropped.
    pub async fn run(self) {
        self.0.fan_out.run().await;
    }

    /// Begins a stream for a caller.
    ///
    /// # Errors
    /// `CURSOR_INVALID`, `FEED_GAP`; `RATE_LIMITED` or `OVERLOADED` if too many streams are open; if the database
    /// refuses.
    pub async fn watch(&self, permit: &Permit, start: Start) -> Result<Watch, Fault> {
        let slot = self.0.streams.open(permit.principal())?;
        Watch::begin(self.clone(), permit.clone(), start, slot).await
    }

    /// Ends all streams, because the server stops. Their callers go on at another server.
    pub fn end_streams(&self) {
        self.0.is_ending.send_replace(true);
    }

    fn hint(&self) {
        self.0.fan_out.hint();
    }

    /// The epoch of the database. It cannot change while a server runs.
    async fn epoch(&self) -> Result<Epoch, Fault> {
        self.0.epoch.get_or_try_init(|| epoch::read(self.0.store.reader())).await.copied()
    }

    /// The key that seals new cursors.
    async fn cursor_key(&self) -> Result<CursorKey, Fault> {
        let keys = self.0.vault.keys();
        CursorKey::derive(keys, keys.active(), self.epoch().await?).await
    }
}
