//! A repeat of an intake by its source adds what was missing of the caller. What is on record stays as it is, whether
//! the repeat gives the same value or another one: a difference in the answer would tell a right guess. The industry
//! stands on the ticket and identifies nobody, so a repeat that gives another one is a conflict.

use super::caller_update;
use super::create_ticket::ScreenedTicket;
use crate::access::{Permit, Scope};
use crate::closed_loop::ClosedLoop;
use crate::identity;
use crate::ledger::locked_ticket::LockedTicket;
use crate::ledger::{self, Entry};
use crate::platform::idempotency::RequestKey;
use crate::platform::writes::Writes;
use crate::platform::{Fault, Work};
use crate::ticket::{CallerField, CallerIdentity, CallerUpdate, Event, Ticket, TicketNumber};

/// A request whose source belongs to a ticket.
#[derive(Debug, Clone, Copy)]
pub(super) struct SourceRepeat<'a> {
    /// Who repeats it.
    pub(super) permit: &'a Permit,
    /// The key of the repeat.
    pub(super) key: &'a RequestKey,
    /// What it says.
    pub(super) screened: &'a ScreenedTicket,
    /// The ticket.
    pub(super) number: TicketNumber,
    /// Whether it may wait for the lock of the ticket.
    pub(super) waits: bool,
}

/// Whether what was missing is on record now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Completion {
    /// It is, or nothing was missing.
    Done,
    /// Somebody else has locked the ticket.
    Locked,
    /// Another industry is on record. Nothing was added.
    OtherIndustry,
}

impl ScreenedTicket {
    /// Everything that the request says of the caller.
    fn caller_update(&self) -> CallerUpdate {
        CallerUpdate::of_given(self.create.identity.clone(), self.texts.industry.clone())
    }
}

impl ClosedLoop {
    /// Adds what a repeat by the maker of a ticket gives and the ticket lacks. Without `waits`, a ticket that somebody
    /// else has locked is left alone. `had_industry` says that the ticket was taken in with the industry of the repeat;
    /// it may have been corrected since.
    pub(super) async fn complete_caller(
        &self,
        work: &Work,
        SourceRepeat { permit, screened, number, waits, .. }: SourceRepeat<'_>,
        had_industry: bool,
    ) -> Result<Completion, Fault> {
        // Most repeats give nothing new, and need no lock to show it.
        let given = screened.caller_update().without(&identity::fields_on_record(&work.tx, number).await?);
        if given.fields.is_empty() {
            return Ok(Completion::Done);
        }
        let mut locked = ledger::lock::lock_tickets(work, &[(number, &Scope::All)], waits).await?;
        let Some(ticket) = locked.remove(&number) else { return Ok(Completion::Locked) };
        let given = given.without(&identity::fields_on_record(&work.tx, number).await?);
        let on_record = ticket.industry.as_ref().filter(|_| given.industry.is_some());
        // A unit adds nothing to a complaint, so a comparison would tell it whether the ticket is one.
        let is_compared = !had_industry && permit.unit().is_none();
        if on_record.is_some_and(|on_record| is_compared && !screened.is_industry(on_record)) {
            return Ok(Completion::OtherIndustry);
        }
        let given = if on_record.is_some() { given.without(&[CallerField::Industry]) } else { given };
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
