//! `ReturnTicket` (退单): the lead unit sends a ticket back inside the return window, with the rule it relies on and
//! the unit it proposes. The clock keeps running. Past the allowed number of returns the next one is an arbitration.

use hotline_proto::v1::ErrorReason;

use super::{Moment, Verb};
use crate::platform::Fault;
use crate::ticket::{Command, Event, Instant, ReturnReason, Ticket, TicketReturn, UnitCode};

/// A return.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct ReturnTicket {
    pub reason: ReturnReason,
    pub rule: String,
    pub proposed_unit: Option<UnitCode>,
    pub note: String,
}

enum Refused {
    ReturnWindowClosed { closed_at: Instant },
    ReturnsExhausted,
}

impl From<Refused> for Fault {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::ReturnWindowClosed { closed_at } => {
                Self::new(ErrorReason::ReturnWindowClosed).with("closed_at", closed_at.to_rfc3339())
            }
            Refused::ReturnsExhausted => Self::new(ErrorReason::ReturnsExhausted),
        }
    }
}

impl Verb for ReturnTicket {
    const COMMAND: Command = Command::ReturnTicket;

    fn units_named(&self, _ticket: &Ticket) -> Vec<UnitCode> {
        self.proposed_unit.iter().cloned().collect()
    }

    fn decide(&self, ticket: &Ticket, moment: &Moment<'_>) -> Result<Vec<Event>, Fault> {
        let unit = moment.lead(ticket)?;
        let proposed = self.proposed_unit.iter();
        moment.units.check(proposed.map(|unit| ("proposed_unit".to_owned(), unit)))?;
        if ticket.has_final_ruling() {
            return Err(Refused::ReturnsExhausted.into());
        }
        let closed_at = ticket.dispatch.as_ref().map(|dispatch| dispatch.return_due_at);
        if let Some(closed_at) = closed_at.filter(|closed_at| moment.now > *closed_at) {
            return Err(Refused::ReturnWindowClosed { closed_at }.into());
        }
        let allowed = usize::try_from(moment.policy.returns.returns_max).unwrap_or(usize::MAX);
        let ticket_return = TicketReturn {
            unit,
            reason: self.reason,
            rule: self.rule.clone(),
            proposed_unit: self.proposed_unit.clone(),
            note: self.note.clone(),
            returned_at: moment.now,
            is_arbitration: ticket.returns.len() >= allowed,
            ruling: None,
        };
        Ok(vec![Event::TicketReturned { ticket_return }])
    }
}
