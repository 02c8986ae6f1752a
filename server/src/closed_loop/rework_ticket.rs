//! `ReworkTicket` (返工): a company that answers "not resolved" or "dissatisfied" gets a second try, as often as the
//! policy allows. A new cycle begins, with its own limit. The same unit handles the ticket again, unless it is now
//! under a unit that is complained about, or no longer active: then the ticket goes to the desk.

use hotline_proto::v1::ErrorReason;

use super::conflict_recall::Conflicts;
use super::transfer_decision::without_inactive_units;
use super::{DecisionContext, FreeText, Verb};
use crate::platform::Fault;
use crate::ticket::{ClassifiedLimit, Command, Event, Survey, Ticket, UnitCode};

/// Sending a ticket back for rework.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct ReworkTicket {
    pub note: String,
}

enum Refusal {
    SurveyNotBad,
    ReworksExhausted,
}

impl From<Refusal> for Fault {
    fn from(refused: Refusal) -> Self {
        match refused {
            Refusal::SurveyNotBad => Self::new(ErrorReason::SurveyNotBad),
            Refusal::ReworksExhausted => Self::new(ErrorReason::ReworksExhausted),
        }
    }
}

impl Verb for ReworkTicket {
    const COMMAND: Command = Command::ReworkTicket;
    const BEGINS_CYCLE: bool = true;
    const GIVES_WORK: bool = true;

    fn units_named(&self, ticket: &Ticket) -> Vec<UnitCode> {
        ticket.units().chain(ticket.planned_units()).cloned().collect()
    }

    fn free_texts(&self) -> Vec<FreeText<'_>> {
        vec![FreeText::of("note", &self.note)]
    }

    fn decide(&self, ticket: &Ticket, ctx: &DecisionContext<'_>) -> Result<Vec<Event>, Fault> {
        if !ticket.cycle.survey.as_ref().is_some_and(Survey::is_bad) {
            return Err(Refusal::SurveyNotBad.into());
        }
        new_cycle(&self.note, ticket, ctx)
    }
}

/// The events that begin a new handling cycle of a closed ticket.
///
/// # Errors
/// `REWORKS_EXHAUSTED`.
pub(super) fn new_cycle(note: &str, ticket: &Ticket, ctx: &DecisionContext<'_>) -> Result<Vec<Event>, Fault> {
    if ticket.cycle.number > ctx.policy.follow_up.reworks_max {
        return Err(Refusal::ReworksExhausted.into());
    }
    let deadline = ctx.deadline(ticket.tier(), ctx.now)?;
    let conflicts = Conflicts::of(ticket, &[], ctx.units);
    let recalled = conflicts.recalled(ticket, (ClassifiedLimit::Counted, deadline.clone()), ctx.now);
    // A recall takes the ticket from all its units.
    let taken_off = if conflicts.is_with_unit { Vec::new() } else { without_inactive_units(ticket, ctx) };
    let cycle = ticket.cycle.number + 1;
    let reworked = Event::TicketReworked { cycle, note: note.to_owned(), deadline };
    Ok(std::iter::once(reworked).chain(recalled).chain(taken_off).collect())
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::super::answer_ticket::AnswerTicket;
    use super::super::fixture::*;
    use super::super::submit_survey::SubmitSurvey;
    use super::*;
    use crate::ticket::{Resolved, Responsibility, Rung, Satisfied, State};

    fn rework() -> ReworkTicket {
        ReworkTicket { note: "请重新联系企业".to_owned() }
    }

    #[test]
    fn a_bad_survey_opens_a_new_cycle_with_a_limit_of_its_own() {
        let desk = Desk::open();
        let closed = desk.closed();
        let later = desk.after_hours(100);
        let ticket = later.run(SUPERVISOR, &rework(), &closed);
        assert_eq!((ticket.state, ticket.cycle.number, ticket.closing), (State::Handling, 2, None));
        assert_eq!((ticket.cycle.began_at, ticket.cycle.rung), (later.now, Rung::None));
        assert_eq!(ticket.cycle.due_at() - later.now, TimeDelta::days(7));
        assert_eq!((ticket.cycle.caller_reply, ticket.cycle.survey), (None, None));
        assert_eq!(ticket.received_at, closed.received_at);
    }

    #[test]
    fn only_not_resolved_or_dissatisfied_is_bad() {
        let desk = Desk::open();
        let no_answer =
            SubmitSurvey { responded: None, resolved: None, satisfied: None, comment: String::new() };
        for (resolved, satisfied, is_bad) in [
            (None, None, false),
            (Some(Resolved::Yes), Some(Satisfied::Satisfied), false),
            (Some(Resolved::Partly), Some(Satisfied::Basically), false),
            (Some(Resolved::No), None, true),
            (None, Some(Satisfied::Dissatisfied), true),
            (Some(Resolved::Yes), Some(Satisfied::Dissatisfied), true),
        ] {
            let survey = SubmitSurvey { resolved, satisfied, ..no_answer.clone() };
            let closed = desk.run(AGENT, &survey, &desk.completed());
            let reason = desk.ask(AGENT, &rework(), &closed).err().map(|fault| fault.reason);
            assert_eq!(reason, (!is_bad).then_some(ErrorReason::SurveyNotBad), "{survey:?}");
        }
    }

    #[test]
    fn a_ticket_is_reworked_as_often_as_policy_allows() {
        let mut desk = Desk::open();
        let again = |desk: &Desk, ticket: &Ticket| {
            let reworked = desk.run(AGENT, &rework(), ticket);
            let completed = desk.run(LEAD_UNIT, &both(desk.now), &reworked);
            desk.run(AGENT, &dissatisfied(), &completed)
        };
        let once = again(&desk, &desk.closed());
        assert_eq!(desk.refusal(AGENT, &rework(), &once), ErrorReason::ReworksExhausted);
        desk.policy.follow_up.reworks_max = 2;
        let twice = again(&desk, &once);
        assert_eq!(twice.cycle.number, 3);
        assert_eq!(desk.refusal(AGENT, &rework(), &twice), ErrorReason::ReworksExhausted);
        desk.policy.follow_up.reworks_max = 0;
        assert_eq!(desk.refusal(AGENT, &rework(), &desk.closed()), ErrorReason::ReworksExhausted);
    }

    /// A consultation that was answered on the spot, with a bad survey.
    fn badly_answered(desk: &Desk, ticket: &Ticket) -> Ticket {
        let answer =
            AnswerTicket {
                content: "可网上办理".to_owned(), cited: Vec::new(), unanswered_question: None
            };
        desk.run(AGENT, &dissatisfied(), &desk.run(AGENT, &answer, ticket))
    }

    #[test]
    fn an_answer_given_on_the_spot_goes_back_to_the_desk() {
        let desk = Desk::open();
        let closed = badly_answered(&desk, &desk.taken_in(&consultation()));
        assert_eq!(desk.run(AGENT, &rework(), &closed).state, State::Received);
    }

    #[test]
    fn a_rework_for_an_inactive_lead_goes_to_the_desk() {
        let desk = Desk::open();
        let closed = desk.closed();
        let dispatch = closed.dispatch.clone().expect("it was handled");
        let dispatch = crate::ticket::Dispatch { lead_unit: code(INACTIVE), ..dispatch };
        let ticket = desk.run(AGENT, &rework(), &Ticket { dispatch: Some(dispatch), ..closed });
        assert_eq!((ticket.state, ticket.dispatch, ticket.cycle.number), (State::Received, None, 2));
    }

    #[test]
    fn a_unit_that_returned_the_ticket_does_not_get_the_rework() {
        use super::super::classify_ticket::ClassifyTicket;
        use super::super::rule_on_return::RuleOnReturn;
        use crate::ticket::Category;

        let desk = Desk::open();
        let accepted = RuleOnReturn { is_accepted: true, note: "属实".to_owned() };
        let overlapping = ClassifyTicket { responsibility: Responsibility::Overlapping, ..as_appeal() };
        let question = ClassifyTicket { category: Category::Consultation, ..as_appeal() };
        let ticket = desk.run(DISPATCHER, &accepted, &desk.returned());
        let ticket = desk.run(AGENT, &overlapping, &ticket);
        let ticket = desk.run(AGENT, &question, &ticket);
        let closed = badly_answered(&desk, &ticket);
        assert_eq!(desk.run(AGENT, &rework(), &closed).state, State::Received);
    }
}
