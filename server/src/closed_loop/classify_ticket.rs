//! `ClassifyTicket`: corrects category, complexity, topic and responsibility. The limit is counted again from the
//! beginning of the cycle, under the policy of the ticket's intake.
//!
//! A limit that has passed stays. Only a supervisor may then classify into another tier. A wrong classification may
//! have moved the limit into the past: its correction within minutes is counted as if it had not been made, and takes
//! its rungs back.
//!
//! An appeal with overlapping responsibility goes to the coordinator. If the ticket turns out to be a complaint about a
//! unit that has it, it is recalled at once.

use hotline_proto::v1::{ErrorReason, Role};

use super::conflict_recall::Conflicts;
use super::{DecisionContext, FreeText, Verb};
use crate::platform::Fault;
use crate::ticket::TicketClassified;
use crate::ticket::{
    Category, ClassifiedLimit, Command, Complexity, Deadline, Event, Instant, Responsibility, State, Ticket,
    Tier, UnitCode,
};

/// A classification.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct ClassifyTicket {
    pub category: Category,
    pub complexity: Complexity,
    pub has_several_units: bool,
    pub responsibility: Responsibility,
    pub topic: Option<String>,
    pub district: Option<String>,
    pub accused_units: Vec<UnitCode>,
    pub note: String,
}

enum Refusal {
    PlanNotCalledFor,
    ReturnPending,
    SupervisorNeeded { due_at: Instant },
    NoteMissing,
}

impl From<Refusal> for Fault {
    fn from(refused: Refusal) -> Self {
        match refused {
            Refusal::PlanNotCalledFor => Self::new(ErrorReason::PlanNotCalledFor),
            Refusal::ReturnPending => Self::new(ErrorReason::ReturnPending),
            Refusal::SupervisorNeeded { due_at } => {
                Self::new(ErrorReason::SupervisorNeeded).with("due_time", due_at.to_rfc3339())
            }
            Refusal::NoteMissing => {
                Self::invalid_fields().at("note", "is required, because the limit has passed")
            }
        }
    }
}

impl ClassifyTicket {
    /// Only appeals that no unit has can have overlapping responsibility.
    fn check_responsibility(&self, ticket: &Ticket) -> Result<(), Refusal> {
        if self.responsibility == Responsibility::Clear {
            return Ok(());
        }
        if self.category != Category::Appeal || matches!(ticket.state, State::Dispatched | State::Handling) {
            return Err(Refusal::PlanNotCalledFor);
        }
        if ticket.pending_return().is_some() {
            return Err(Refusal::ReturnPending);
        }
        Ok(())
    }

    /// After the limit, a supervisor alone classifies into another tier, and says why.
    fn check_late(&self, ticket: &Ticket, ctx: &DecisionContext<'_>) -> Result<(), Refusal> {
        if !ctx.permit.has(Role::Supervisor) {
            return Err(Refusal::SupervisorNeeded { due_at: ticket.cycle.due_at() });
        }
        if self.note.is_empty() { Err(Refusal::NoteMissing) } else { Ok(()) }
    }
}

/// What a classification into a tier does with the limit, and the limit from then on.
fn limit(
    tier: Tier,
    ticket: &Ticket,
    ctx: &DecisionContext<'_>,
) -> Result<(ClassifiedLimit, Deadline), Fault> {
    let cycle = &ticket.cycle;
    let is_as_before = |deadline: &&Deadline| deadline.tier == tier;
    if let Some(before) = cycle.correctable_at(ctx.now, ctx.policy.undo.correction_window()) {
        let deadline = Some(&before.deadline).filter(is_as_before).cloned();
        let deadline = deadline.map_or_else(|| ctx.deadline(tier, cycle.began_at), Ok)?;
        return Ok((ClassifiedLimit::Corrected, deadline));
    }
    if cycle.has_passed(ctx.now) {
        return Ok((ClassifiedLimit::Kept, cycle.deadline.clone()));
    }
    // Counted again, a limit that a notice left as it was could become earlier.
    let deadline = Some(&cycle.deadline).filter(is_as_before).cloned();
    let deadline = deadline.map_or_else(|| ctx.deadline(tier, cycle.began_at), Ok)?;
    Ok((ClassifiedLimit::Counted, deadline))
}

impl Verb for ClassifyTicket {
    const COMMAND: Command = Command::ClassifyTicket;

    fn free_texts(&self) -> Vec<FreeText<'_>> {
        // A topic has the form of a code, but is long enough to hold a number.
        let topic = self.topic.iter().map(|topic| FreeText::of_code("topic", topic));
        topic.chain([FreeText::of("note", &self.note)]).collect()
    }

    fn units_named(&self, ticket: &Ticket) -> Vec<UnitCode> {
        self.accused_units.iter().chain(ticket.units()).chain(ticket.planned_units()).cloned().collect()
    }

    fn topic_named(&self) -> Option<&str> {
        self.topic.as_deref()
    }

    fn accuses(&self) -> bool {
        !self.accused_units.is_empty()
    }

    fn decide(&self, ticket: &Ticket, ctx: &DecisionContext<'_>) -> Result<Vec<Event>, Fault> {
        let accused = self.accused_units.iter().enumerate();
        ctx.units.check_known(accused.map(|(place, unit)| (format!("accused_units[{place}]"), unit)))?;
        self.check_responsibility(ticket)?;
        let conflicts = Conflicts::of(ticket, &self.accused_units, ctx.units);
        let tier = Tier::of(self.category, self.complexity, self.has_several_units);
        let (limit, deadline) = limit(tier, ticket, ctx)?;
        if limit == ClassifiedLimit::Kept && tier != ticket.tier() {
            self.check_late(ticket, ctx)?;
        }
        let mut events = conflicts.settled(ticket, ctx.now);
        events.push(Event::TicketClassified(Box::new(TicketClassified {
            category: self.category,
            complexity: self.complexity,
            has_several_units: self.has_several_units,
            responsibility: self.responsibility,
            topic: self.topic.clone(),
            district: self.district.clone(),
            accused_units: self.accused_units.clone(),
            deadline,
            is_recalled: conflicts.is_with_unit,
            is_plan_dropped: conflicts.drops_plan(ticket),
            is_plan_void: conflicts.voids_plan(ticket),
            limit,
            note: self.note.clone(),
        })));
        Ok(events)
    }
}

#[cfg(test)]
mod limit_tests;

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::super::carry_over_ticket::CarryOverTicket;
    use super::super::fixture::*;
    use super::super::rule_on_return::RuleOnReturn;
    use super::super::submit_feedback::SubmitFeedback;
    use super::*;

    fn overlapping() -> ClassifyTicket {
        ClassifyTicket { responsibility: Responsibility::Overlapping, ..as_appeal() }
    }

    fn complaint(accused: &str) -> ClassifyTicket {
        let accused_units = vec![code(accused)];
        ClassifyTicket { category: Category::ComplaintReport, accused_units, ..as_appeal() }
    }

    #[test]
    fn the_limit_is_counted_again_from_intake() {
        let desk = Desk::open();
        let ticket = desk.received();
        let later = desk.after_hours(50);
        for (category, complexity, has_several_units, tier, days) in [
            (Category::Consultation, Complexity::Complex, false, Tier::ConsultationComplexOneUnit, 3),
            (Category::Consultation, Complexity::Complex, true, Tier::ConsultationComplexSeveralUnits, 7),
            (Category::Appeal, Complexity::General, true, Tier::General, 7),
            (Category::Appeal, Complexity::Complex, false, Tier::Complex, 15),
            (Category::ComplaintReport, Complexity::Complex, false, Tier::Complex, 15),
        ] {
            let verb = ClassifyTicket { category, complexity, has_several_units, ..as_appeal() };
            let after = later.run(AGENT, &verb, &ticket);
            let deadline = &after.cycle.deadline;
            assert_eq!(deadline.tier, tier);
            assert_eq!(deadline.due_at - ticket.received_at, TimeDelta::days(days), "{tier:?}");
            assert_eq!(deadline.policy_version, ticket.cycle.deadline.policy_version);
        }
    }

    #[test]
    fn what_is_left_out_stays_as_it_is() {
        let desk = Desk::open();
        let ticket = desk.received();
        let kept = desk.run(DISPATCHER, &as_appeal(), &ticket);
        assert_eq!((&kept.topic, &kept.district), (&ticket.topic, &ticket.district));
        let topic = Some("tax.refund".to_owned());
        let changed = desk.run(DISPATCHER, &ClassifyTicket { topic, ..as_appeal() }, &ticket);
        assert_eq!((changed.topic.as_deref(), &changed.district), (Some("tax.refund"), &ticket.district));
    }

    #[test]
    fn overlapping_responsibility_is_for_appeals_that_no_unit_has() {
        let desk = Desk::open();
        let returned = desk.returned();
        let ruled = RuleOnReturn { is_accepted: true, note: "属实".to_owned() };
        let ruled = desk.run(DISPATCHER, &ruled, &returned);
        let planning = desk.run(AGENT, &overlapping(), &desk.received());
        let consultation = ClassifyTicket { category: Category::Consultation, ..overlapping() };
        let complaint = ClassifyTicket { category: Category::ComplaintReport, ..overlapping() };
        for (verb, ticket, expected) in vec![
            (overlapping(), desk.received(), Ok(State::Planning)),
            (overlapping(), planning.clone(), Ok(State::Planning)),
            (overlapping(), ruled, Ok(State::Planning)),
            (as_appeal(), planning, Ok(State::Received)),
            (as_appeal(), returned.clone(), Ok(State::Returned)),
            (consultation, desk.received(), Err(ErrorReason::PlanNotCalledFor)),
            (complaint, desk.received(), Err(ErrorReason::PlanNotCalledFor)),
            (overlapping(), desk.dispatched(), Err(ErrorReason::PlanNotCalledFor)),
            (overlapping(), desk.in_handling(), Err(ErrorReason::PlanNotCalledFor)),
            (overlapping(), returned, Err(ErrorReason::ReturnPending)),
        ] {
            let outcome = desk.ask(AGENT, &verb, &ticket).map_err(|fault| fault.reason);
            let outcome = outcome.map(|events| desk.fold(Some(ticket.clone()), events).state);
            assert_eq!(outcome, expected, "{verb:?} in {:?}", ticket.state);
        }
    }

    #[test]
    fn a_complaint_is_taken_away_from_the_unit_it_is_about() {
        let desk = Desk::open();
        for (accused, is_recalled) in [(LEAD, true), (ASSIST, true), (INFORM, true), (UNDER_LEAD, false)] {
            for ticket in [desk.dispatched(), desk.in_handling()] {
                let after = desk.run(DISPATCHER, &complaint(accused), &ticket);
                let state = if is_recalled { State::Received } else { ticket.state };
                assert_eq!((after.state, after.dispatch.is_none()), (state, is_recalled), "{accused}");
                assert_eq!(after.accused_units, [code(accused)]);
                assert!(after.is_confidential, "a complaint-report withholds identity");
            }
        }
        // A sub-unit of the accused unit has it.
        let under =
            super::super::dispatch_ticket::DispatchTicket { lead_unit: code(UNDER_LEAD), ..to_units() };
        let ticket = desk.run(DISPATCHER, &under, &desk.received());
        assert_eq!(desk.run(DISPATCHER, &complaint(LEAD), &ticket).state, State::Received);
    }

    #[test]
    fn a_recall_settles_the_return_so_that_the_ticket_can_go_elsewhere() {
        let desk = Desk::open();
        let after = desk.run(DISPATCHER, &complaint(LEAD), &desk.returned());
        assert_eq!((after.state, after.pending_return()), (State::Received, None));
        let elsewhere = super::super::dispatch_ticket::DispatchTicket {
            lead_unit: code(ASSIST),
            assist_units: Vec::new(),
            ..to_units()
        };
        let dispatched = desk.run(DISPATCHER, &elsewhere, &after);
        // The new lead may return it too.
        assert_eq!(desk.run(ASSIST_UNIT, &back(), &dispatched).state, State::Returned);
    }

    #[test]
    fn what_the_recalled_unit_said_does_not_stand() {
        let desk = Desk::open();
        let report = SubmitFeedback { caller_reply: None, hotline_report: Some(report()) };
        let half = SubmitFeedback { caller_reply: Some(reply(desk.now)), hotline_report: None };
        let ticket = desk.run(ASSIST_UNIT, &report, &desk.in_handling());
        for verb in [half, report] {
            let after = desk.run(DISPATCHER, &complaint(LEAD), &desk.run(LEAD_UNIT, &verb, &ticket));
            let cycle = after.cycle;
            assert_eq!((cycle.caller_reply, cycle.hotline_report), (None, None));
            assert_eq!(cycle.assist_reports, []);
        }
    }

    #[test]
    fn a_granted_date_outlives_the_recall_and_one_asked_for_does_not() {
        let desk = Desk::open();
        let ticket = desk.in_handling();
        let promised_at = ticket.cycle.due_at() + TimeDelta::days(30);
        let ask =
            CarryOverTicket::Ask {
                next_steps: "等待验收".to_owned(), promised_at, informed_at: desk.now
            };
        let asked = desk.run(LEAD_UNIT, &ask, &ticket);
        let grant = CarryOverTicket::Decide { is_granted: true, note: String::new() };
        let granted = desk.run(DISPATCHER, &grant, &asked);
        assert_eq!(desk.run(DISPATCHER, &complaint(LEAD), &asked).cycle.carry_over, None);
        assert_eq!(desk.run(DISPATCHER, &complaint(LEAD), &granted).cycle.due_at(), promised_at);
    }

    #[test]
    fn identity_once_withheld_stays_withheld() {
        let desk = Desk::open();
        let complaint = desk.taken_in(&complaint_about(LEAD));
        let after = desk.run(AGENT, &as_appeal(), &complaint);
        assert!(complaint.is_confidential && after.is_confidential);
        assert_eq!(after.accused_units, [code(LEAD)]);
    }

    #[test]
    fn every_unknown_accused_unit_is_named_and_an_inactive_one_is_known() {
        let desk = Desk::open();
        let accused_units = [INACTIVE, NOWHERE, LEAD, "dept-neither"].map(code).to_vec();
        let verb = ClassifyTicket { accused_units, ..complaint(LEAD) };
        let fault = desk.ask(AGENT, &verb, &desk.received()).expect_err("it is refused");
        assert_eq!(fault.reason, ErrorReason::UnitUnknown);
        let fields: Vec<_> = fault.violations.iter().map(|violation| violation.field.as_str()).collect();
        assert_eq!(fields, ["accused_units[1]", "accused_units[3]"]);
    }
}
