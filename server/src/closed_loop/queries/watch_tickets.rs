//! `WatchTickets`: the stream of what happens to the tickets in the caller's scope.

use super::TicketQueries;
use crate::access::Permit;
use crate::feed::{Start, Watch};
use crate::platform::Fault;

/// A stream to open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchTickets {
    /// Where it begins.
    pub start: Start,
}

impl TicketQueries {
    /// Opens a stream.
    ///
    /// # Errors
    /// `CURSOR_INVALID`, `FEED_GAP`; `RATE_LIMITED` or `OVERLOADED` if too many streams are open; if the database
    /// refuses.
    pub async fn watch_tickets(&self, permit: &Permit, query: WatchTickets) -> Result<Watch, Fault> {
        self.feed.watch(permit, query.start).await
    }
}
