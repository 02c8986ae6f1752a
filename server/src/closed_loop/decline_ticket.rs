//! `DeclineTicket` (不予受理): declines a request, with the reason and where to turn instead. A repeat of an open matter is
//! never declined but merged. A ticket that a unit returned as not acceptable can still be declined after the return is
//! accepted.

use hotline_proto::v1::ErrorReason;

use super::{DecisionContext, FreeText, Verb};
use crate::platform::Fault;
use crate::ticket::{Command, Decline, DeclineReason, Event, Ticket};

/// A declined request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct DeclineTicket {
    pub reason: DeclineReason,
    pub turn_to: String,
    pub note: String,
}

enum Refusal {
    ReturnPending,
}

impl From<Refusal> for Fault {
    fn from(refused: Refusal) -> Self {
        match refused {
            Refusal::ReturnPending => Self::new(ErrorReason::ReturnPending),
        }
    }
}

impl Verb for DeclineTicket {
    const COMMAND: Command = Command::DeclineTicket;

    fn free_texts(&self) -> Vec<FreeText<'_>> {
        vec![FreeText::for_caller("turn_to", &self.turn_to), FreeText::for_caller("note", &self.note)]
    }

    fn decide(&self, ticket: &Ticket, ctx: &DecisionContext<'_>) -> Result<Vec<Event>, Fault> {
        if ticket.pending_return().is_some() {
            return Err(Refusal::ReturnPending.into());
        }
        let decline = Decline {
            reason: self.reason,
            turn_to: self.turn_to.clone(),
            note: self.note.clone(),
            declined_at: ctx.now,
        };
        Ok(vec![Event::TicketDeclined { decline }])
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::*;
    use super::*;
    use crate::ticket::State;

    #[test]
    fn a_refusal_to_accept_is_recorded_with_where_to_turn() {
        let desk = Desk::open();
        let decline = DeclineTicket {
            reason: DeclineReason::Litigation,
            turn_to: "朝阳区人民法院".to_owned(),
            note: "已立案".to_owned(),
        };
        let DeclineTicket { reason, turn_to, note } = decline.clone();
        let recorded = Decline { reason, turn_to, note, declined_at: desk.now };
        let events = desk.ask(AGENT, &decline, &desk.received());
        assert_eq!(events, Ok(vec![Event::TicketDeclined { decline: recorded.clone() }]));
        let ticket = desk.run(AGENT, &decline, &desk.received());
        assert_eq!((ticket.state, ticket.decline), (State::Declined, Some(recorded)));
    }
}
