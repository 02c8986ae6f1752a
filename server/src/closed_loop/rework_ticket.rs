//! `ReworkTicket` (返工): a company that says "not resolved" or "dissatisfied" gets a second try, as often as policy
//! allows. A new cycle begins, with a limit of its own; the unit that handled the ticket handles it again.

use hotline_proto::v1::ErrorReason;

use super::{Moment, Verb};
use crate::platform::Fault;
use crate::ticket::{Command, Event, Survey, Ticket};

/// Sending a ticket back for rework.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct ReworkTicket {
    pub note: String,
}

enum Refused {
    SurveyNotBad,
    ReworksExhausted,
}

impl From<Refused> for Fault {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::SurveyNotBad => Self::new(ErrorReason::SurveyNotBad),
            Refused::ReworksExhausted => Self::new(ErrorReason::ReworksExhausted),
        }
    }
}

impl Verb for ReworkTicket {
    const COMMAND: Command = Command::ReworkTicket;

    fn decide(&self, ticket: &Ticket, moment: &Moment<'_>) -> Result<Vec<Event>, Fault> {
        if !ticket.cycle.survey.as_ref().is_some_and(Survey::is_bad) {
            return Err(Refused::SurveyNotBad.into());
        }
        if ticket.cycle.number > moment.policy.follow_up.reworks_max {
            return Err(Refused::ReworksExhausted.into());
        }
        let deadline = moment.deadline(ticket.cycle.deadline.tier, moment.now)?;
        Ok(vec![Event::TicketReworked { cycle: ticket.cycle.number + 1, note: self.note.clone(), deadline }])
    }
}
