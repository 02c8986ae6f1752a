//! `DispatchTicket` (派单): to one lead unit, and any assisting and informed units. It is possible again after a return,
//! or until the lead has accepted the ticket (改派). A complaint never goes to the accused unit or its sub-units.

use hotline_proto::v1::ErrorReason;

use super::{DecisionContext, FreeText, Verb, text_hold};
use crate::deadline::{self, Limit};
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
}

enum Refusal {
    AnsweredOnTheSpot,
    PlanMissing,
    ReturnPending,
    ConflictOfInterest,
    TextHeld,
}

impl From<Refusal> for Fault {
    fn from(refused: Refusal) -> Self {
        Self::new(match refused {
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

    fn free_texts(&self) -> Vec<FreeText<'_>> {
        vec![FreeText::of("note", &self.note)]
    }

    fn units_named(&self, _ticket: &Ticket) -> Vec<UnitCode> {
        self.units().cloned().collect()
    }

    fn decide(&self, ticket: &Ticket, ctx: &DecisionContext<'_>) -> Result<Vec<Event>, Fault> {
        ctx.units.check(self.named())?;
        self.check(ticket, ctx)?;
        if ticket.is_held() {
            return Err(text_hold::with_marks(Refusal::TextHeld.into(), ticket, &ticket.text_marks));
        }
        let window = Limit::Days(ctx.policy.returns.window);
        let window = deadline::due(ctx.now, window, ctx.calendar)
            .map_err(|error| Fault::internal(format!("a return window from {}: {error}", ctx.now)))?;
        let dispatch = Dispatch {
            lead_unit: self.lead_unit.clone(),
            assist_units: self.assist_units.clone(),
            inform_units: self.inform_units.clone(),
            dispatched_at: ctx.now,
            return_due_at: window.due_at,
            accepted_at: None,
            note: self.note.clone(),
        };
        Ok(vec![Event::TicketDispatched { dispatch }])
    }
}

#[cfg(test)]
mod tests {
    use super::super::accept_ticket::AcceptTicket;
    use super::super::classify_ticket::ClassifyTicket;
    use super::super::fixture::*;
    use super::super::plan_ticket::PlanTicket;
    use super::super::rule_on_return::RuleOnReturn;
    use super::*;
    use crate::ticket::Responsibility;

    fn planning(desk: &Desk) -> Ticket {
        let overlapping = ClassifyTicket { responsibility: Responsibility::Overlapping, ..as_appeal() };
        desk.run(AGENT, &overlapping, &desk.received())
    }

    #[test]
    fn a_dispatch_names_its_units_and_its_return_window() {
        let desk = Desk::open();
        let DispatchTicket { lead_unit, assist_units, inform_units, note } = to_units();
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
        assert_eq!(events, Ok(vec![Event::TicketDispatched { dispatch }]));
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
            (desk.in_handling(), Some(ErrorReason::WrongState)),
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
        };
        let fault = desk.ask(DISPATCHER, &verb, &desk.received()).expect_err("it is refused");
        assert_eq!(fault.reason, ErrorReason::UnitUnknown);
        let fields: Vec<_> = fault.violations.iter().map(|violation| violation.field.as_str()).collect();
        assert_eq!(fields, ["lead_unit", "assist_units[1]", "inform_units[0]"]);
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
