//! `AcceptTicket` (签收): the lead unit signs for a ticket and begins to handle it.

use super::{Moment, Verb};
use crate::platform::Fault;
use crate::ticket::{Command, Event, Ticket};

/// Signing for a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AcceptTicket;

impl Verb for AcceptTicket {
    const COMMAND: Command = Command::AcceptTicket;

    fn decide(&self, ticket: &Ticket, moment: &Moment<'_>) -> Result<Vec<Event>, Fault> {
        Ok(vec![Event::TicketAccepted { unit: moment.lead(ticket)? }])
    }
}
