//! `PauseTicket`: a dispatcher pauses the handling and says why. The ticket stays where it is, and its limit runs on.

use super::{DecisionContext, FreeText, Verb};
use crate::platform::Fault;
use crate::ticket::{Command, Event, Ticket};

/// A pause.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct PauseTicket {
    pub note: String,
}

impl Verb for PauseTicket {
    const COMMAND: Command = Command::PauseTicket;

    fn free_texts(&self) -> Vec<FreeText<'_>> {
        vec![FreeText::of("note", &self.note)]
    }

    fn decide(&self, _ticket: &Ticket, _ctx: &DecisionContext<'_>) -> Result<Vec<Event>, Fault> {
        Ok(vec![Event::TicketPaused { note: self.note.clone() }])
    }
}

#[cfg(test)]
mod tests {
    use hotline_proto::v1::ErrorReason;

    use super::super::fixture::*;
    use super::*;

    fn pause() -> PauseTicket {
        PauseTicket { note: "等待企业补充材料".to_owned() }
    }

    #[test]
    fn a_pause_stands_on_the_timeline_alone() {
        let desk = Desk::open();
        let ticket = desk.in_handling();
        let events = desk.ask(DISPATCHER, &pause(), &ticket);
        assert_eq!(events, Ok(vec![Event::TicketPaused { note: pause().note }]));
        let after = desk.run(DISPATCHER, &pause(), &ticket);
        assert_eq!(after, Ticket { version: ticket.version + 1, updated_at: desk.now, ..ticket });
    }

    #[test]
    fn only_what_is_handled_is_paused() {
        let desk = Desk::open();
        for ticket in [desk.received(), desk.dispatched(), desk.returned(), desk.completed(), desk.closed()] {
            assert_eq!(desk.refusal(DISPATCHER, &pause(), &ticket), ErrorReason::WrongState);
        }
    }
}
