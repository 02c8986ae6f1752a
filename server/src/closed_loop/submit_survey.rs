//! `SubmitSurvey` (回访): what the company said to three separate questions, each of which may stay unanswered. The
//! hotline asks, never the unit. One survey a cycle; it closes the ticket.

use super::{Moment, Verb};
use crate::platform::Fault;
use crate::ticket::{ClosingReason, Command, Event, Resolved, Responded, Satisfied, Survey, Ticket};

/// A survey.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct SubmitSurvey {
    pub responded: Option<Responded>,
    pub resolved: Option<Resolved>,
    pub satisfied: Option<Satisfied>,
    pub comment: String,
}

impl Verb for SubmitSurvey {
    const COMMAND: Command = Command::SubmitSurvey;

    fn decide(&self, _ticket: &Ticket, moment: &Moment<'_>) -> Result<Vec<Event>, Fault> {
        let survey = Survey {
            responded: self.responded,
            resolved: self.resolved,
            satisfied: self.satisfied,
            comment: self.comment.clone(),
            surveyed_at: moment.now,
        };
        Ok(vec![Event::SurveySubmitted { survey }, Event::TicketClosed { reason: ClosingReason::Surveyed }])
    }
}
