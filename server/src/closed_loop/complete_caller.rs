//! A repeat of an intake by its source adds what was missing of the caller. What is on record stays as it is, whether
//! the repeat gives the same value or another one: a difference in the answer would tell a right guess.

use super::caller_update;
use super::create_ticket::ScreenedTicket;
use crate::access::{Permit, Scope};
use crate::closed_loop::ClosedLoop;
use crate::identity;
use crate::ledger::locked_ticket::LockedTicket;
use crate::ledger::{self, Entry};
use crate::platform::writes::Writes;
use crate::platform::{Fault, Work};
use crate::ticket::{CallerField, CallerIdentity, CallerUpdate, Event, Ticket, TicketNumber};

/// Whether what was missing is on record now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Completion {
    /// It is, or nothing was missing.
    Done,
    /// Somebody else has locked the ticket.
    Locked,
}

impl ScreenedTicket {
    /// Everything that the request says of the caller.
    fn caller_update(&self) -> CallerUpdate {
        CallerUpdate::of_given(self.create.identity.clone(), self.texts.industry.clone())
    }
}

impl ClosedLoop {
    /// Adds what a repeat by the maker of a ticket gives and the ticket lacks. Without `waits`, a ticket that somebody
    /// else has locked is left alone.
    pub(super) async fn complete_caller(
        &self,
        work: &Work,
        permit: &Permit,
        repeat: &ScreenedTicket,
        number: TicketNumber,
        waits: bool,
    ) -> Result<Completion, Fault> {
        // Most repeats give nothing new, and need no lock to show it.
        let given = repeat.caller_update().without(&identity::fields_on_record(&work.tx, number).await?);
        if given.fields.is_empty() {
            return Ok(Completion::Done);
        }
        let mut locked = ledger::lock::lock_tickets(work, &[(number, &Scope::All)], waits).await?;
        let Some(ticket) = locked.remove(&number) else { return Ok(Completion::Locked) };
        let given = given.without(&identity::fields_on_record(&work.tx, number).await?);
        let given = if ticket.industry.is_some() { given.without(&[CallerField::Industry]) } else { given };
        if given.fields.is_empty() || !may_complete(permit, &ticket) {
            return Ok(Completion::Done);
        }
        self.add_to_caller(work, permit, ticket, &given).await?;
        Ok(Completion::Done)
    }

    async fn add_to_caller(
        &self,
        work: &Work,
        permit: &Permit,
        ticket: LockedTicket,
        given: &CallerUpdate,
    ) -> Result<(), Fault> {
        let number = ticket.number;
        let updated = caller_update::event(&ticket, given);
        let stored = identity::decrypt_for_update(&work.tx, self.ledger.vault(), number).await?;
        let caller = caller_update::identity_after(stored, &ticket, given, &updated);
        let events = vec![Event::CallerUpdated(Box::new(updated))];
        let (actor, identity) = (permit.actor(), CallerIdentity::default());
        let entry = Entry { number, before: Some(ticket), actor, events, identity };
        let change = self.ledger.fold(work, entry).await?.with_caller(caller);
        let mut writes = Writes::new(work);
        self.ledger.add(work, vec![change], &mut writes).await?;
        writes.execute(work).await
    }
}

/// A unit may be the one that is complained about, and could put itself in the caller's place.
fn may_complete(permit: &Permit, ticket: &Ticket) -> bool {
    permit.unit().is_none() || !ticket.withholds_state()
}
