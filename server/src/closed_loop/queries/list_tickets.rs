//! `ListTickets`: a page of the tickets in the reader's scope.

use super::TicketQueries;
use crate::access::Permit;
use crate::desk::absence;
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
        let mut query = query.clone();
        self.add_stood_in_for(permit, &mut query).await?;
        // What a unit may see is always judged by the newest rows.
        ledger::list::page(&self.reading(permit).await?, &scope, &query).await
    }

    /// Whoever lists the work of a clerk gets that of the clerks whom it stands in for now.
    async fn add_stood_in_for(&self, permit: &Permit, query: &mut ListQuery) -> Result<(), Fault> {
        let clerks = &mut query.filter.assigned_to;
        if let (Some(unit), [clerk]) = (permit.unit(), clerks.as_slice()) {
            let present = absence::present(self.store.reader(), unit, self.clock.now()).await?;
            let others = absence::stood_in_for(&present, clerk);
            clerks.extend(others);
        }
        Ok(())
    }
}
