//! `SearchTickets`: a page of the tickets in the reader's scope that have the words of a query.

use super::TicketQueries;
use crate::access::Permit;
use crate::feed::search::{self, FoundPage, TicketSearch};
use crate::platform::Fault;

impl TicketQueries {
    /// A page of what a search finds.
    ///
    /// # Errors
    /// `SEARCH_INDEX_BEHIND`; if the database refuses.
    pub async fn search_tickets(&self, permit: &Permit, search: &TicketSearch) -> Result<FoundPage, Fault> {
        search::find(&self.store, &permit.scope(), search).await
    }
}
