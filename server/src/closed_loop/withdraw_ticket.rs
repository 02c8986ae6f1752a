//! `WithdrawTicket`: the company takes its request back.

use super::{Moment, Verb};
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

    fn decide(&self, _ticket: &Ticket, _moment: &Moment<'_>) -> Result<Vec<Event>, Fault> {
        Ok(vec![Event::TicketWithdrawn { note: self.note.clone() }])
    }
}
