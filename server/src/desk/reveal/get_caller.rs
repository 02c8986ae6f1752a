//! The caller of a ticket that is read with `GetTicket`, if the reader may know the caller.

use super::{CallerIdentities, not_found};
use crate::access::{Permit, view};
use crate::identity::access_log::{AccessReason, Occasion};
use crate::platform::{Fault, Work};
use crate::ticket::{CallerIdentity, Ticket, TicketNumber};
use crate::{identity, ledger};

/// A ticket and who called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketWithCaller {
    /// The ticket.
    pub ticket: Ticket,
    /// Who called; empty if nobody was named, or the reader may not know.
    pub caller: CallerIdentity,
    /// Whether a caller was named and is withheld from this reader.
    pub is_withheld: bool,
}

impl CallerIdentities {
    /// A ticket with its caller. The access is recorded in the transaction that decrypts the identity. The ticket is
    /// read again in it, because it may have become confidential meanwhile.
    ///
    /// # Errors
    /// `TICKET_NOT_FOUND`; if the database refuses, or the vault can't decrypt the identity.
    pub async fn get_caller(&self, permit: &Permit, ticket: Ticket) -> Result<TicketWithCaller, Fault> {
        // For every ticket in scope the answer says whether a caller was named. Row-level security hides the row of the
        // identity, so this query does not use the unit's own connection.
        let is_known = identity::is_known(self.store.reader(), ticket.number).await?;
        if !is_known || !view::shows_identity(permit, &ticket) {
            return Ok(TicketWithCaller { ticket, caller: CallerIdentity::default(), is_withheld: is_known });
        }
        let input = (self.clone(), permit.clone(), ticket.number);
        self.store
            .run(&self.clock, input, async |work, (identities, permit, number)| {
                identities.get_caller_in(work, permit, *number).await
            })
            .await
    }

    async fn get_caller_in(
        &self,
        work: &Work,
        permit: &Permit,
        number: TicketNumber,
    ) -> Result<TicketWithCaller, Fault> {
        let scope = permit.scope();
        work.set_unit_scope(scope.unit()).await?;
        let ticket = ledger::read::find(&work.tx, &scope, number).await?;
        let ticket = ticket.ok_or_else(|| not_found(number))?;
        if !view::shows_identity(permit, &ticket) {
            return Ok(TicketWithCaller { ticket, caller: CallerIdentity::default(), is_withheld: true });
        }
        let reason = AccessReason::of(Occasion::Ticket);
        let caller = identity::disclose(work, &self.vault, &permit.actor(), number, reason).await?;
        Ok(TicketWithCaller { ticket, caller, is_withheld: false })
    }
}
