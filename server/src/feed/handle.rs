//! The feed of one server: what its streams and its sequencer share.

use std::sync::Arc;

use tokio::sync::{OnceCell, Semaphore, watch as signal};

use super::cursor::CursorKey;
use super::epoch::{self, Epoch};
use super::fan_out::FanOut;
use super::streams::{Slot, StreamLimits, Streams};
use super::unreadable::UnreadableEntries;
use crate::identity::vault::Vault;
use crate::platform::{Clock, Fault, Store};

/// Streams that read the database at a time, because they are behind.
const CATCHING_UP_MAX: usize = 4;

/// The slot of an open stream of another kind, until it is dropped.
#[derive(Debug)]
pub struct StreamSlot {
    _slot: Slot,
}

/// The feed of one server.
#[derive(Debug, Clone)]
pub struct Feed(pub(super) Arc<Parts>);

/// What the streams and the sequencer of a server share.
#[derive(Debug)]
pub(super) struct Parts {
    pub(super) store: Store,
    pub(super) clock: Clock,
    pub(super) vault: Vault,
    pub(super) fan_out: FanOut,
    pub(super) streams: Streams,
    epoch: OnceCell<Epoch>,
    pub(super) catching_up: Semaphore,
    pub(super) unreadable: Arc<UnreadableEntries>,
    pub(super) is_ending: signal::Sender<bool>,
}

impl Feed {
    /// The feed of a database, with these limits on streams.
    #[must_use]
    pub fn new(store: Store, clock: Clock, vault: Vault, limits: StreamLimits) -> Self {
        let unreadable = Arc::<UnreadableEntries>::default();
        Self(Arc::new(Parts {
            fan_out: FanOut::new(store.in_background(), Arc::clone(&unreadable)),
            unreadable,
            store,
            clock,
            vault,
            streams: Streams::new(limits),
            epoch: OnceCell::new(),
            catching_up: Semaphore::new(CATCHING_UP_MAX),
            is_ending: signal::Sender::new(false),
        }))
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

    /// A slot for a stream of another kind, under the same limits, and the signal that the server stops.
    ///
    /// # Errors
    /// `RATE_LIMITED` if the principal has too many streams, `OVERLOADED` if there are too many in all.
    pub fn open_slot(&self, principal: &str) -> Result<(StreamSlot, signal::Receiver<bool>), Fault> {
        let slot = StreamSlot { _slot: self.0.streams.open(principal)? };
        Ok((slot, self.0.is_ending.subscribe()))
    }

    /// Ends all streams, because the server stops. Their callers go on at another server. Returns how many were open.
    #[must_use = "one log line says it for all of them"]
    pub fn end_streams(&self) -> u32 {
        let open = self.0.streams.open_now();
        self.0.is_ending.send_replace(true);
        open
    }

    /// Says that there may be something new.
    pub(super) fn hint(&self) {
        self.0.fan_out.hint();
    }

    /// The epoch of the database. It cannot change while a server runs.
    pub(super) async fn epoch(&self) -> Result<Epoch, Fault> {
        self.0.epoch.get_or_try_init(|| epoch::read(self.0.store.reader())).await.copied()
    }

    /// The key that seals new cursors.
    pub(super) async fn cursor_key(&self) -> Result<CursorKey, Fault> {
        let keys = self.0.vault.keys();
        CursorKey::derive(keys, keys.active(), self.epoch().await?).await
    }
}
