//! `ListTickets`: a page of the tickets in the reader's scope.

use super::TicketQueries;
use crate::access::Permit;
use crate::desk::reveal::look_up::CallerNumbers;
use crate::ledger;
use crate::ledger::list::ListQuery;
use crate::platform::Fault;
use crate::ticket::Ticket;

impl TicketQueries {
    /// The tickets of a page. A search by who called is an access to each identity that it finds.
    ///
    /// # Errors
    /// If the database refuses, or the vault's keys do not answer.
    pub async fn list_tickets(
        &self,
        permit: &Permit,
        numbers: &CallerNumbers,
        query: &ListQuery,
    ) -> Result<Vec<Ticket>, Fault> {
        if let Some(found) = self.identities.look_up(permit, numbers, query).await? {
            return Ok(found);
        }
        let scope = permit.scope();
        if scope.unit().is_none() {
            return ledger::list::page(self.store.lists(), &scope, query).await;
        }
        // What a unit may see is always judged by the newest rows.
        ledger::list::page(&self.reading(permit).await?, &scope, query).await
    }
}
