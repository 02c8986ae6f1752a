//! Entries of the feed as a server holds them: without a caller's view, and with the audiences by which each caller's
//! view is decided.

use std::sync::{Arc, PoisonError, RwLock};

use tokio::time::Instant as Moment;

use crate::ledger::audience::Audience;
use crate::ledger::digests::list::{Digest, DigestTicket};
use crate::ticket::{EventRecord, TicketNumber, UnitCode};

/// Entries that were read together. Streams decide what their callers get of them when they send them.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) entries: Vec<FeedEntry>,
    /// The position up to which there is nothing else.
    pub(super) through: i64,
    /// When they were read, and so the age of the audiences that no later batch has replaced.
    pub(super) read_at: Moment,
}

/// An entry.
#[derive(Debug)]
pub(super) struct FeedEntry {
    pub(super) position: i64,
    pub(super) item: FeedItem,
}

/// What an entry is.
#[derive(Debug)]
pub(super) enum FeedItem {
    /// An event of a ticket.
    Event(EventItem),
    /// A digest of a unit, with its tickets.
    Digest(DigestItem),
    /// An entry that can't be read.
    Unreadable(UnreadableItem),
}

#[derive(Debug)]
pub(super) struct EventItem {
    pub(super) ticket: TicketNumber,
    /// `None` if the connection may not see it.
    pub(super) recorded: Option<Arc<EventRecord>>,
    /// The units that the ticket left with the event.
    pub(super) departed: Vec<String>,
    pub(super) audience: SharedAudience,
}

#[derive(Debug)]
pub(super) struct DigestItem {
    pub(super) digest: Digest,
    pub(super) tickets: Vec<(DigestTicket, SharedAudience)>,
}

#[derive(Debug)]
pub(super) struct UnreadableItem {
    /// The unit, if the entry is a digest.
    pub(super) unit: Option<UnitCode>,
    /// Who may see the ticket, if the entry is an event.
    pub(super) audience: SharedAudience,
}

/// The audience of a ticket. All entries of the ticket in a server's memory share it, so that an older entry is never
/// shown by an audience that has changed since.
#[derive(Debug, Clone, Default)]
pub(super) struct SharedAudience(pub(super) Arc<RwLock<Audience>>);

impl SharedAudience {
    pub(super) fn new(audience: Audience) -> Self {
        Self(Arc::new(RwLock::new(audience)))
    }

    /// The audience as it was read last.
    pub(super) fn read<T>(&self, look: impl FnOnce(&Audience) -> T) -> T {
        look(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Replaces the audience for everybody who shares it.
    pub(super) fn replace(&self, audience: Audience) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = audience;
    }
}
