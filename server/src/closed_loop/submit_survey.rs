//! `SubmitSurvey` (回访): what the company said to three separate questions. A question may stay unasked, but not all of
//! them: a call that reached nobody is a contact attempt. The hotline asks, never the unit. One survey a cycle; it
//! closes the ticket. A share of the surveys is chosen for a second call by another agent (`RecordRecheck`).

use super::{DecisionContext, FreeText, Verb};
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
    const DRAWS: bool = true;

    fn free_texts(&self) -> Vec<FreeText<'_>> {
        vec![FreeText::of("comment", &self.comment)]
    }

    fn decide(&self, _ticket: &Ticket, ctx: &DecisionContext<'_>) -> Result<Vec<Event>, Fault> {
        let survey = Survey {
            responded: self.responded,
            resolved: self.resolved,
            satisfied: self.satisfied,
            comment: self.comment.clone(),
            surveyed_at: ctx.now,
            surveyed_by: ctx.permit.principal().to_owned(),
            is_chosen: ctx.draw.is_within(ctx.policy.follow_up.recheck_percent),
        };
        Ok(vec![Event::SurveySubmitted { survey }, Event::TicketClosed { reason: ClosingReason::Surveyed }])
    }
}

#[cfg(test)]
mod tests {
    use hotline_proto::v1::ErrorReason;

    use super::super::fixture::*;
    use super::*;
    use crate::ticket::State;

    #[test]
    fn each_question_may_stay_unasked_and_any_survey_closes() {
        let desk = Desk::open();
        let nothing =
            SubmitSurvey { responded: None, resolved: None, satisfied: None, comment: String::new() };
        let one = SubmitSurvey { resolved: Some(Resolved::Partly), ..nothing.clone() };
        let refused = SubmitSurvey { satisfied: Some(Satisfied::WouldNotAnswer), ..nothing };
        for verb in [one, refused, dissatisfied()] {
            let SubmitSurvey { responded, resolved, satisfied, comment } = verb.clone();
            let (surveyed_at, surveyed_by) = (desk.now, "somebody".to_owned());
            let survey = Survey {
                responded,
                resolved,
                satisfied,
                comment,
                surveyed_at,
                surveyed_by,
                is_chosen: false,
            };
            let events = desk.ask(AGENT, &verb, &desk.completed());
            let closed = Event::TicketClosed { reason: ClosingReason::Surveyed };
            assert_eq!(events, Ok(vec![Event::SurveySubmitted { survey: survey.clone() }, closed]));
            let ticket = desk.run(AGENT, &verb, &desk.completed());
            assert_eq!((ticket.state, ticket.cycle.survey), (State::Closed, Some(survey)));
        }
    }

    #[test]
    fn the_hotline_asks_once_and_never_the_unit() {
        let desk = Desk::open();
        let verb = dissatisfied();
        assert_eq!(desk.refusal(LEAD_UNIT, &verb, &desk.completed()), ErrorReason::RoleNotAllowed);
        assert_eq!(desk.refusal(AGENT, &verb, &desk.closed()), ErrorReason::WrongState);
        assert_eq!(desk.refusal(AGENT, &verb, &desk.in_handling()), ErrorReason::WrongState);
    }
}
