//! `DispatchTicket` (派单): to one lead unit, and any assisting and informed units. It is possible again after a return,
//! and until both halves of the feedback are there (改派). Signed work moves only with a reason. A complaint never goes
//! to the accused unit or its sub-units.

use hotline_proto::v1::{ErrorReason, Role};

use super::transfer_decision::return_window;
use super::{DecisionContext, FreeText, Verb, text_hold};
use crate::platform::Fault;
use crate::ticket::{Command, Dispatch, Event, State, Ticket, Tier, UnitCode};

/// A dispatch.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct DispatchTicket {
    pub lead_unit: UnitCode,
    pub assist_units: Vec<UnitCode>,
    pub inform_units: Vec<UnitCode>,
    pub note: String,
    pub reason: String,
}

enum Refusal {
    PartNotAllowed,
    AnsweredOnTheSpot,
    PlanMissing,
    ReturnPending,
    ConflictOfInterest,
    TextHeld,
}

impl From<Refusal> for Fault {
    fn from(refused: Refusal) -> Self {
        Self::new(match refused {
            Refusal::PartNotAllowed => ErrorReason::PartNotAllowed,
            Refusal::AnsweredOnTheSpot => ErrorReason::AnsweredOnTheSpot,
            Refusal::PlanMissing => ErrorReason::PlanMissing,
            Refusal::ReturnPending => ErrorReason::ReturnPending,
            Refusal::ConflictOfInterest => ErrorReason::ConflictOfInterest,
            Refusal::TextHeld => ErrorReason::TextHeld,
        })
    }
}

impl DispatchTicket {
    fn units(&self) -> impl Iterator<Item = &UnitCode> {
        std::iter::once(&self.lead_unit).chain(&self.assist_units).chain(&self.inform_units)
    }

    /// Every unit with the field that names it.
    fn named(&self) -> impl Iterator<Item = (String, &UnitCode)> {
        let assisting = self.assist_units.iter().enumerate();
        let informed = self.inform_units.iter().enumerate();
        std::iter::once(("lead_unit".to_owned(), &self.lead_unit))
            .chain(assisting.map(|(place, unit)| (format!("assist_units[{place}]"), unit)))
            .chain(informed.map(|(place, unit)| (format!("inform_units[{place}]"), unit)))
    }

    fn check(&self, ticket: &Ticket, ctx: &DecisionContext<'_>) -> Result<(), Refusal> {
        if ctx.permit.has_only(Role::Supervisor) && ticket.state != State::Handling {
            return Err(Refusal::PartNotAllowed);
        }
        if ticket.tier() == Tier::ConsultationGeneral {
            return Err(Refusal::AnsweredOnTheSpot);
        }
        if ticket.state == State::Planning && ticket.plan.is_none() {
            return Err(Refusal::PlanMissing);
        }
        if ticket.pending_return().is_some() {
            return Err(Refusal::ReturnPending);
        }
        if ctx.units.has_conflict(self.units(), &ticket.accused_units) {
            return Err(Refusal::ConflictOfInterest);
        }
        Ok(())
    }
}

impl Verb for DispatchTicket {
    const COMMAND: Command = Command::DispatchTicket;

    const GIVES_WORK: bool = true;

    fn free_texts(&self) -> Vec<FreeText<'_>> {
        vec![FreeText::of("note", &self.note), FreeText::of("reason", &self.reason)]
    }

    fn units_named(&self, _ticket: &Ticket) -> Vec<UnitCode> {
        self.units().cloned().collect()
    }

    fn decide(&self, ticket: &Ticket, ctx: &DecisionContext<'_>) -> Result<Vec<Event>, Fault> {
        ctx.units.check(self.named())?;
        self.check(ticket, ctx)?;
        if ticket.state == State::Handling && self.reason.is_empty() {
            let required = Fault::new(ErrorReason::InvalidFields);
            return Err(required.at("reason", "is required: the lead has accepted the ticket"));
        }
        if ticket.is_held() {
            return Err(text_hold::with_marks(Refusal::TextHeld.into(), ticket, &ticket.text_marks));
        }
        let dispatch = Dispatch {
            lead_unit: self.lead_unit.clone(),
            assist_units: self.assist_units.clone(),
            inform_units: self.inform_units.clone(),
            dispatched_at: ctx.now,
            return_due_at: return_window(ctx.now, ctx.policy, ctx.calendar)?,
            accepted_at: None,
            note: self.note.clone(),
        };
        Ok(vec![Event::TicketDispatched { dispatch, reason: self.reason.clone(), transfer: None }])
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::super::accept_ticket::AcceptTicket;
    use super::super::carry_over_ticket::CarryOverTicket;
    use super::super::classify_ticket::ClassifyTicket;
    use super::super::fixture::*;
    use super::super::plan_ticket::PlanTicket;
    use super::super::rule_on_return::RuleOnReturn;
    use super::super::submit_feedback::SubmitFeedback;
    use super::*;
    use crate::ticket::{Cycle, Responsibility, Rung};

    fn planning(desk: &Desk) -> Ticket {
        let overlapping = ClassifyTicket { responsibility: Responsibility::Overlapping, ..as_appeal() };
        desk.run(AGENT, &overlapping, &desk.received())
    }

    #[test]
    fn a_dispatch_names_its_units_and_its_return_window() {
        let desk = Desk::open();
        let DispatchTicket { lead_unit, assist_units, inform_units, note, reason } = to_units();
        let dispatch = Dispatch {
            lead_unit,
            assist_units,
            inform_units,
            note,
            dispatched_at: desk.now,
            // One working day: the same wall time on Tuesday.
            return_due_at: at("2019-10-15T10:00:00+08:00"),
            accepted_at: None,
        };
        let events = desk.ask(DISPATCHER, &to_units(), &desk.received());
        assert_eq!(events, Ok(vec![Event::TicketDispatched { dispatch, reason, transfer: None }]));
    }

    #[test]
    fn what_is_not_ready_is_not_dispatched() {
        let desk = Desk::open();
        let plan =
            PlanTicket { text: "先核实".to_owned(), lead_unit: code(LEAD), assist_units: Vec::new() };
        let planned = desk.run(COORDINATOR, &plan, &planning(&desk));
        let ruling = RuleOnReturn { is_accepted: true, note: "属实".to_owned() };
        let ruled = desk.run(DISPATCHER, &ruling, &desk.returned());
        for (ticket, expected) in [
            (desk.taken_in(&consultation()), Some(ErrorReason::AnsweredOnTheSpot)),
            (planning(&desk), Some(ErrorReason::PlanMissing)),
            (desk.returned(), Some(ErrorReason::ReturnPending)),
            (desk.in_handling(), Some(ErrorReason::InvalidFields)),
            (desk.completed(), Some(ErrorReason::WrongState)),
            (desk.received(), None),
            (planned, None),
            (ruled, None),
            // 改派: the lead has not accepted it.
            (desk.dispatched(), None),
        ] {
            let outcome = desk.ask(DISPATCHER, &to_units(), &ticket);
            assert_eq!(outcome.err().map(|fault| fault.reason), expected, "{:?}", ticket.state);
        }
    }

    #[test]
    fn a_complaint_reaches_neither_the_unit_it_is_about_nor_one_under_it() {
        let desk = Desk::open();
        let alone = DispatchTicket { assist_units: Vec::new(), inform_units: Vec::new(), ..to_units() };
        let led_by = |unit| DispatchTicket { lead_unit: code(unit), ..alone.clone() };
        let assisted_by = |unit| DispatchTicket { assist_units: vec![code(unit)], ..led_by(INFORM) };
        let informing = |unit| DispatchTicket { inform_units: vec![code(unit)], ..led_by(ASSIST) };
        for (verb, accused, is_refused) in [
            (led_by(LEAD), LEAD, true),
            (led_by(UNDER_LEAD), LEAD, true),
            (led_by(LEAD), UNDER_LEAD, false),
            (assisted_by(LEAD), LEAD, true),
            (assisted_by(UNDER_LEAD), LEAD, true),
            (informing(LEAD), LEAD, true),
            (informing(UNDER_LEAD), LEAD, true),
            (led_by(ASSIST), LEAD, false),
        ] {
            let ticket = desk.taken_in(&complaint_about(accused));
            let reason = desk.ask(DISPATCHER, &verb, &ticket).err().map(|fault| fault.reason);
            assert_eq!(reason, is_refused.then_some(ErrorReason::ConflictOfInterest), "{verb:?}");
        }
    }

    #[test]
    fn every_unknown_unit_is_named_by_its_field() {
        let desk = Desk::open();
        let verb = DispatchTicket {
            lead_unit: code(NOWHERE),
            assist_units: vec![code(ASSIST), code(INACTIVE)],
            inform_units: vec![code(NOWHERE)],
            note: String::new(),
            reason: String::new(),
        };
        let fault = desk.ask(DISPATCHER, &verb, &desk.received()).expect_err("it is refused");
        assert_eq!(fault.reason, ErrorReason::UnitUnknown);
        let fields: Vec<_> = fault.violations.iter().map(|violation| violation.field.as_str()).collect();
        assert_eq!(fields, ["lead_unit", "assist_units[1]", "inform_units[0]"]);
    }

    /// A dispatch of signed work to another lead.
    fn moved(lead: &str) -> DispatchTicket {
        let (assist_units, inform_units) = (Vec::new(), Vec::new());
        let reason = "签收单位职责已划转".to_owned();
        DispatchTicket { lead_unit: code(lead), assist_units, inform_units, reason, ..to_units() }
    }

    #[test]
    fn signed_work_moves_with_a_reason_and_its_limit_and_rung_stay() {
        let desk = Desk::open();
        let half = SubmitFeedback { hotline_report: None, ..both(desk.now) };
        let (rung, unit, note) = (Rung::Urged, None, String::new());
        let urged = Event::RungFired { cycle: 1, rung, due_at: None, unit, note };
        let urged = desk.fold(Some(desk.run(LEAD_UNIT, &half, &desk.in_handling())), vec![urged]);
        let later = desk.after_hours(30);
        for who in [DISPATCHER, COORDINATOR, SUPERVISOR] {
            let ticket = later.run(who, &moved(INFORM), &urged);
            assert_eq!((ticket.state, ticket.lead_unit()), (State::Dispatched, Some(&code(INFORM))));
            assert_eq!(ticket.cycle, Cycle { caller_reply: None, ..urged.cycle.clone() });
            // The new lead gives both halves.
            let signed = later.run(Who(Role::Unit, Some(INFORM)), &AcceptTicket, &ticket);
            let reported = SubmitFeedback { caller_reply: None, ..both(later.now) };
            let reported = later.run(Who(Role::Unit, Some(INFORM)), &reported, &signed);
            assert_eq!(reported.state, State::Handling);
            assert_eq!(later.refusal(LEAD_UNIT, &half, &signed), ErrorReason::NotInvolved);
        }
    }

    #[test]
    fn a_supervisor_moves_signed_work_alone() {
        let desk = Desk::open();
        for ticket in [desk.received(), desk.dispatched()] {
            assert_eq!(desk.refusal(SUPERVISOR, &moved(INFORM), &ticket), ErrorReason::PartNotAllowed);
        }
        assert_eq!(desk.refusal(AGENT, &moved(INFORM), &desk.in_handling()), ErrorReason::RoleNotAllowed);
    }

    #[test]
    fn a_carry_over_of_the_former_lead_is_void_unless_it_was_granted() {
        let desk = Desk::open();
        let ticket = desk.in_handling();
        let promised_at = ticket.cycle.due_at() + TimeDelta::days(9);
        let (next_steps, informed_at) = ("等待验收".to_owned(), desk.now);
        let asked = CarryOverTicket::Ask { next_steps, promised_at, informed_at };
        let asked = desk.run(LEAD_UNIT, &asked, &ticket);
        let granted = CarryOverTicket::Decide { is_granted: true, note: String::new() };
        let granted = desk.run(DISPATCHER, &granted, &asked);
        assert_eq!(desk.run(DISPATCHER, &moved(ASSIST), &asked).cycle.carry_over, None);
        let ticket = desk.run(DISPATCHER, &moved(ASSIST), &granted);
        assert_eq!((ticket.cycle.due_at(), ticket.cycle.is_carried_over()), (promised_at, true));
    }

    #[test]
    fn a_second_dispatch_takes_the_place_of_the_first() {
        let desk = Desk::open();
        let elsewhere = DispatchTicket { lead_unit: code(UNDER_LEAD), ..to_units() };
        let ticket = desk.run(DISPATCHER, &elsewhere, &desk.dispatched());
        assert_eq!(ticket.lead_unit(), Some(&code(UNDER_LEAD)));
        assert_eq!(desk.refusal(LEAD_UNIT, &AcceptTicket, &ticket), ErrorReason::LeadOnly);
    }
}
