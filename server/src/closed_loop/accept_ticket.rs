//! `AcceptTicket` (签收): the lead unit accepts a ticket and begins to handle it.

use super::{DecisionContext, Verb};
use crate::platform::Fault;
use crate::ticket::{Command, Event, Ticket};

/// An acceptance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AcceptTicket;

impl Verb for AcceptTicket {
    const COMMAND: Command = Command::AcceptTicket;

    fn decide(&self, ticket: &Ticket, ctx: &DecisionContext<'_>) -> Result<Vec<Event>, Fault> {
        Ok(vec![Event::TicketAccepted { unit: ctx.lead(ticket)? }])
    }
}

#[cfg(test)]
mod tests {
    use hotline_proto::v1::ErrorReason;

    use super::super::fixture::*;
    use super::*;
    use crate::ticket::State;

    #[test]
    fn the_lead_alone_signs() {
        let desk = Desk::open();
        let ticket = desk.dispatched();
        for who in [ASSIST_UNIT, INFORM_UNIT] {
            assert_eq!(desk.refusal(who, &AcceptTicket, &ticket), ErrorReason::LeadOnly);
        }
        assert_eq!(desk.refusal(AGENT, &AcceptTicket, &ticket), ErrorReason::RoleNotAllowed);
        let events = desk.ask(LEAD_UNIT, &AcceptTicket, &ticket);
        assert_eq!(events, Ok(vec![Event::TicketAccepted { unit: code(LEAD) }]));
    }

    #[test]
    fn signing_begins_the_handling_and_is_noted_on_the_dispatch() {
        let desk = Desk::open();
        let signed = desk.after_hours(3);
        let ticket = signed.run(LEAD_UNIT, &AcceptTicket, &desk.dispatched());
        assert_eq!(ticket.state, State::Handling);
        assert_eq!(ticket.dispatch.and_then(|dispatch| dispatch.accepted_at), Some(signed.now));
    }
}
