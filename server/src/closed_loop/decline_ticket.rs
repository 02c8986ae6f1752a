//! `DeclineTicket` (不予受理): a request that the hotline does not accept, with the reason and where to turn instead.
//! A repeat of an open matter is never declined: it is merged.

use super::{Moment, Verb};
use crate::platform::Fault;
use crate::ticket::{Command, Decline, DeclineReason, Event, Ticket};

/// A refusal to accept.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct DeclineTicket {
    pub reason: DeclineReason,
    pub turn_to: String,
    pub note: String,
}

impl Verb for DeclineTicket {
    const COMMAND: Command = Command::DeclineTicket;

    fn decide(&self, _ticket: &Ticket, moment: &Moment<'_>) -> Result<Vec<Event>, Fault> {
        let decline = Decline {
            reason: self.reason,
            turn_to: self.turn_to.clone(),
            note: self.note.clone(),
            declined_at: moment.now,
        };
        Ok(vec![Event::TicketDeclined { decline }])
    }
}
