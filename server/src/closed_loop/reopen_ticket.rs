//! `ReopenTicket`: opens a closed ticket again when its company calls. Either the survey is taken late, because there
//! was none in this cycle; or the ticket is reworked, whatever the survey said. A cycle never gets a second survey.

use chrono::TimeDelta;
use hotline_proto::v1::ErrorReason;

use super::rework_ticket::new_cycle;
use super::{DecisionContext, FreeText, Verb, undo_window};
use crate::platform::Fault;
use crate::ticket::{Command, Event, Instant, Ticket, UnitCode};

/// What a closed ticket is opened again for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReopenPurpose {
    /// For the survey, which was not taken.
    Survey,
    /// For a new handling cycle.
    Rework,
}

/// Opening a closed ticket again.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct ReopenTicket {
    pub purpose: ReopenPurpose,
    pub note: String,
}

enum Refusal {
    UndoWindowClosed { closed_at: Instant },
    SurveyStands,
}

impl From<Refusal> for Fault {
    fn from(refused: Refusal) -> Self {
        match refused {
            Refusal::UndoWindowClosed { closed_at } => {
                Self::new(ErrorReason::UndoWindowClosed).with("closed_at", closed_at.to_rfc3339())
            }
            Refusal::SurveyStands => Self::new(ErrorReason::SurveyStands),
        }
    }
}

impl Verb for ReopenTicket {
    const COMMAND: Command = Command::ReopenTicket;
    const BEGINS_CYCLE: bool = true;
    const GIVES_WORK: bool = true;

    fn units_named(&self, ticket: &Ticket) -> Vec<UnitCode> {
        ticket.units().chain(ticket.planned_units()).cloned().collect()
    }

    fn free_texts(&self) -> Vec<FreeText<'_>> {
        vec![FreeText::of("note", &self.note)]
    }

    fn decide(&self, ticket: &Ticket, ctx: &DecisionContext<'_>) -> Result<Vec<Event>, Fault> {
        let closing = ticket.closing.as_ref();
        let closing = closing.ok_or_else(|| Fault::internal("a closed ticket has no closing"))?;
        let window = TimeDelta::days(i64::from(ctx.policy.undo.reopen_days));
        if let Some(closed_at) = undo_window::closed(closing.closed_at, window, ctx.now) {
            return Err(Refusal::UndoWindowClosed { closed_at }.into());
        }
        let reopened = Event::TicketReopened { note: self.note.clone() };
        match self.purpose {
            ReopenPurpose::Survey if ticket.cycle.survey.is_some() => Err(Refusal::SurveyStands.into()),
            ReopenPurpose::Survey => Ok(vec![reopened]),
            ReopenPurpose::Rework => {
                // What the company said stands in the event before, which hides it from the units of a confidential
                // ticket. Units read the note of a rework.
                let cycle = new_cycle("", ticket, ctx)?;
                Ok(std::iter::once(reopened).chain(cycle).collect())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::answer_ticket::AnswerTicket;
    use super::super::fixture::*;
    use super::super::record_contact_attempt::RecordContactAttempt;
    use super::super::submit_survey::SubmitSurvey;
    use super::*;
    use crate::ticket::{Resolved, Satisfied, State};

    fn reopen(purpose: ReopenPurpose) -> ReopenTicket {
        ReopenTicket { purpose, note: "企业来电称未解决".to_owned() }
    }

    /// A ticket whose company was never reached; it was closed eight hours after its completion.
    fn unreachable(desk: &Desk, completed: &Ticket) -> Ticket {
        let attempt = RecordContactAttempt { note: "无人接听".to_owned() };
        [0, 4, 8]
            .iter()
            .fold(completed.clone(), |ticket, hours| desk.after_hours(*hours).run(AGENT, &attempt, &ticket))
    }

    fn satisfied() -> SubmitSurvey {
        let (resolved, satisfied) = (Some(Resolved::Yes), Some(Satisfied::Satisfied));
        SubmitSurvey { responded: None, resolved, satisfied, comment: String::new() }
    }

    #[test]
    fn a_company_that_calls_back_is_surveyed_late() {
        let desk = Desk::open();
        let closed = unreachable(&desk, &desk.completed());
        let later = desk.after_hours(24);
        let open = later.run(AGENT, &reopen(ReopenPurpose::Survey), &closed);
        assert_eq!((open.state, &open.closing, open.cycle.number), (State::Completed, &None, 1));
        assert_eq!(open.cycle.contact_attempts.len(), 3, "the attempts stay");
        let surveyed = later.run(AGENT, &dissatisfied(), &open);
        assert_eq!(surveyed.state, State::Closed);
        let rework = super::super::rework_ticket::ReworkTicket { note: "请重新处理".to_owned() };
        assert_eq!(later.run(AGENT, &rework, &surveyed).cycle.number, 2);
        // Another call that reaches nobody closes it at once.
        let attempt = RecordContactAttempt { note: "无人接听".to_owned() };
        assert_eq!(later.run(AGENT, &attempt, &open).state, State::Closed);
    }

    #[test]
    fn an_answer_is_followed_up_late_as_well() {
        let mut desk = Desk::open();
        desk.policy.follow_up.answers_followed_up = false;
        let answer =
            AnswerTicket {
                content: "可网上办理".to_owned(), cited: Vec::new(), unanswered_question: None
            };
        let closed = desk.run(AGENT, &answer, &desk.taken_in(&consultation()));
        let open = desk.run(AGENT, &reopen(ReopenPurpose::Survey), &closed);
        assert_eq!(open.state, State::Answered);
        assert_eq!(desk.run(AGENT, &satisfied(), &open).state, State::Closed);
    }

    #[test]
    fn a_cycle_with_a_survey_is_reworked_and_never_surveyed_again() {
        let desk = Desk::open();
        let closed = desk.run(AGENT, &satisfied(), &desk.completed());
        assert_eq!(desk.refusal(AGENT, &reopen(ReopenPurpose::Survey), &closed), ErrorReason::SurveyStands);
        let later = desk.after_hours(24 * 7);
        let open = later.run(SUPERVISOR, &reopen(ReopenPurpose::Rework), &closed);
        assert_eq!((open.state, open.cycle.number, open.closing), (State::Handling, 2, None));
        assert_eq!(open.cycle.due_at() - later.now, TimeDelta::days(7));
        assert_eq!((open.cycle.survey, open.cycle.caller_reply), (None, None));
    }

    #[test]
    fn a_rework_counts_as_one_of_those_that_the_policy_allows() {
        let mut desk = Desk::open();
        desk.policy.follow_up.reworks_max = 0;
        let refused = desk.refusal(AGENT, &reopen(ReopenPurpose::Rework), &desk.closed());
        assert_eq!(refused, ErrorReason::ReworksExhausted);
    }

    #[test]
    fn the_window_is_counted_from_the_closing() {
        let desk = Desk::open();
        let closed = unreachable(&desk, &desk.completed());
        let last = desk.after(TimeDelta::hours(8) + TimeDelta::days(30));
        for purpose in [ReopenPurpose::Survey, ReopenPurpose::Rework] {
            assert!(last.ask(AGENT, &reopen(purpose), &closed).is_ok());
            let late = last.after(TimeDelta::microseconds(1));
            assert_eq!(late.refusal(AGENT, &reopen(purpose), &closed), ErrorReason::UndoWindowClosed);
        }
        assert_eq!(
            desk.refusal(AGENT, &reopen(ReopenPurpose::Rework), &desk.completed()),
            ErrorReason::WrongState
        );
    }
}
