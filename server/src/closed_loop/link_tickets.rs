//! `LinkTickets`: two tickets are about the same cause. Each of them names the other from then on, to whoever may read
//! both. Nothing else changes: unlike a merge, both are handled.

use hotline_proto::v1::ErrorReason;

use super::command::{Action, TicketChange, TicketCommand, UnitsNeeded};
use super::verb::not_found;
use super::{Change, ClosedLoop, DecisionContext, FreeText, Verb};
use crate::access::Permit;
use crate::ledger::locked_ticket::LockedTicket;
use crate::platform::Fault;
use crate::platform::metrics::TEXTS_REFUSED;
use crate::ticket::{Command, Event, LinkedTicket, Ticket, TicketNumber};

/// The most tickets that a ticket is linked to.
const LINKS_MAX: usize = 20;

/// A link, as one of the two tickets decides about it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct LinkTickets {
    pub other: TicketNumber,
    pub note: String,
}

enum Refusal {
    LinkUnfit,
}

impl From<Refusal> for Fault {
    fn from(refused: Refusal) -> Self {
        match refused {
            Refusal::LinkUnfit => Self::new(ErrorReason::LinkUnfit),
        }
    }
}

impl Verb for LinkTickets {
    const COMMAND: Command = Command::LinkTickets;

    fn free_texts(&self) -> Vec<FreeText<'_>> {
        vec![FreeText::of("note", &self.note)]
    }

    fn decide(&self, ticket: &Ticket, _ctx: &DecisionContext<'_>) -> Result<Vec<Event>, Fault> {
        let is_linked = ticket.linked_tickets.contains(&self.other);
        if self.other == ticket.number || is_linked || ticket.linked_tickets.len() >= LINKS_MAX {
            return Err(Refusal::LinkUnfit.into());
        }
        Ok(vec![Event::TicketsLinked(LinkedTicket { other: self.other, note: self.note.clone() })])
    }
}

/// A link on both tickets.
#[derive(Debug)]
struct LinkBoth(Change<LinkTickets>);

impl TicketChange for LinkBoth {
    fn numbers(&self) -> Vec<TicketNumber> {
        let (number, other) = (self.0.number, self.0.verb.other);
        if number == other { vec![number] } else { vec![number, other] }
    }

    fn check(&self, permit: &Permit, found: Vec<Option<LockedTicket>>) -> Result<Vec<LockedTicket>, Fault> {
        let mut found = found.into_iter();
        let mut tickets = self.0.check(permit, found.next().into_iter().collect())?;
        let Some(other) = found.next() else { return Err(Refusal::LinkUnfit.into()) };
        tickets.push(other.ok_or_else(|| not_found(self.0.verb.other))?);
        Ok(tickets)
    }

    fn units_needed(&self, _tickets: &[LockedTicket]) -> UnitsNeeded {
        UnitsNeeded::default()
    }

    fn decide(&self, tickets: &[LockedTicket], ctx: &DecisionContext<'_>) -> Result<Vec<Vec<Event>>, Fault> {
        let [first, second] = tickets else { return Err(Fault::internal("a link needs two tickets")) };
        // The note is screened against the caller of the first ticket, so it stands there alone.
        let back = LinkTickets { other: first.number, note: String::new() };
        Ok(vec![self.0.verb.decide(first, ctx)?, back.decide(second, ctx)?])
    }

    fn free_texts(&self) -> Vec<FreeText<'_>> {
        self.0.verb.free_texts()
    }

    fn name(&self) -> &'static str {
        Command::LinkTickets.name()
    }
}

impl ClosedLoop {
    /// Links two tickets; returns the one of the request.
    ///
    /// # Errors
    /// Those of every command on a ticket, and `LINK_UNFIT`.
    pub async fn link_tickets(&self, permit: Permit, change: Change<LinkTickets>) -> Result<Ticket, Fault> {
        let key = change.key.clone();
        let action = Action::Change(Box::new(LinkBoth(change)));
        self.run(TicketCommand { permit, key, action }, TEXTS_REFUSED, |_| {}).await
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::*;
    use super::*;

    fn to(sequence: u32) -> LinkTickets {
        LinkTickets { other: number(sequence), note: "同一停工".to_owned() }
    }

    #[test]
    fn a_link_names_another_ticket_once() {
        let desk = Desk::open();
        let ticket = desk.in_handling();
        let linked = desk.run(AGENT, &to(2), &ticket);
        assert_eq!((linked.linked_tickets.as_slice(), linked.state), (&[number(2)][..], ticket.state));
        assert_eq!(desk.refusal(SUPERVISOR, &to(2), &linked), ErrorReason::LinkUnfit);
        let own = LinkTickets { other: ticket.number, ..to(2) };
        assert_eq!(desk.refusal(AGENT, &own, &ticket), ErrorReason::LinkUnfit);
        let full = (2..22).fold(ticket, |ticket, other| desk.run(AGENT, &to(other), &ticket));
        assert_eq!(desk.refusal(AGENT, &to(22), &full), ErrorReason::LinkUnfit);
    }
}
