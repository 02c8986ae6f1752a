//! `WithdrawTicket`: the company withdraws its request.

use super::{DecisionContext, FreeText, Verb};
use crate::platform::Fault;
use crate::ticket::{Command, Event, Ticket};

/// A withdrawal.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct WithdrawTicket {
    pub note: String,
}

impl Verb for WithdrawTicket {
    const COMMAND: Command = Command::WithdrawTicket;

    fn free_texts(&self) -> Vec<FreeText<'_>> {
        vec![FreeText::of("note", &self.note)]
    }

    fn decide(&self, _ticket: &Ticket, _ctx: &DecisionContext<'_>) -> Result<Vec<Event>, Fault> {
        Ok(vec![Event::TicketWithdrawn { note: self.note.clone() }])
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::*;
    use super::*;
    use crate::ticket::State;

    #[test]
    fn the_company_takes_its_request_back_wherever_it_stands() {
        let desk = Desk::open();
        let withdraw = WithdrawTicket { note: "已自行解决".to_owned() };
        for ticket in [desk.received(), desk.dispatched(), desk.in_handling(), desk.returned()] {
            let events = desk.ask(AGENT, &withdraw, &ticket);
            assert_eq!(events, Ok(vec![Event::TicketWithdrawn { note: withdraw.note.clone() }]));
            let after = desk.run(AGENT, &withdraw, &ticket);
            assert_eq!((after.state, after.withdrawal_note), (State::Withdrawn, Some(withdraw.note.clone())));
        }
    }
}
