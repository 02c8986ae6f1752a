//! `PlanTicket`: if responsibilities overlap, the coordinator writes who does what, before the ticket is dispatched.

use hotline_proto::v1::ErrorReason;

use super::{DecisionContext, FreeText, Verb};
use crate::platform::Fault;
use crate::ticket::{Command, Event, HandlingPlan, Ticket, UnitCode};

/// A handling plan.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct PlanTicket {
    pub text: String,
    pub lead_unit: UnitCode,
    pub assist_units: Vec<UnitCode>,
}

enum Refusal {
    ConflictOfInterest,
}

impl From<Refusal> for Fault {
    fn from(refused: Refusal) -> Self {
        match refused {
            Refusal::ConflictOfInterest => Self::new(ErrorReason::ConflictOfInterest),
        }
    }
}

impl PlanTicket {
    fn units(&self) -> impl Iterator<Item = &UnitCode> {
        std::iter::once(&self.lead_unit).chain(&self.assist_units)
    }
}

impl Verb for PlanTicket {
    const COMMAND: Command = Command::PlanTicket;

    const ALWAYS_SCREENED: bool = true;

    fn free_texts(&self) -> Vec<FreeText<'_>> {
        vec![FreeText::of("text", &self.text)]
    }

    fn units_named(&self, _ticket: &Ticket) -> Vec<UnitCode> {
        self.units().cloned().collect()
    }

    fn decide(&self, ticket: &Ticket, ctx: &DecisionContext<'_>) -> Result<Vec<Event>, Fault> {
        let assisting = self.assist_units.iter().enumerate();
        let assisting = assisting.map(|(place, unit)| (format!("assist_units[{place}]"), unit));
        ctx.units.check(std::iter::once(("lead_unit".to_owned(), &self.lead_unit)).chain(assisting))?;
        if ctx.units.has_conflict(self.units(), &ticket.accused_units) {
            return Err(Refusal::ConflictOfInterest.into());
        }
        let plan = HandlingPlan {
            text: self.text.clone(),
            lead_unit: self.lead_unit.clone(),
            assist_units: self.assist_units.clone(),
            planned_at: ctx.now,
        };
        Ok(vec![Event::TicketPlanned { plan }])
    }
}

#[cfg(test)]
mod tests {
    use super::super::classify_ticket::ClassifyTicket;
    use super::super::fixture::*;
    use super::*;
    use crate::ticket::{Responsibility, State};

    fn plan() -> PlanTicket {
        let (lead_unit, assist_units) = (code(LEAD), vec![code(ASSIST)]);
        PlanTicket { text: "先由朝阳区核实".to_owned(), lead_unit, assist_units }
    }

    fn planning(desk: &Desk) -> Ticket {
        let overlapping = ClassifyTicket { responsibility: Responsibility::Overlapping, ..as_appeal() };
        desk.run(AGENT, &overlapping, &desk.received())
    }

    #[test]
    fn a_plan_stands_on_the_ticket_and_can_be_written_again() {
        let desk = Desk::open();
        let PlanTicket { text, lead_unit, assist_units } = plan();
        let written = HandlingPlan { text, lead_unit, assist_units, planned_at: desk.now };
        let events = desk.ask(COORDINATOR, &plan(), &planning(&desk));
        assert_eq!(events, Ok(vec![Event::TicketPlanned { plan: written.clone() }]));
        let planned = desk.run(COORDINATOR, &plan(), &planning(&desk));
        assert_eq!((planned.state, planned.plan.as_ref()), (State::Planning, Some(&written)));
        let again = PlanTicket { lead_unit: code(INFORM), ..plan() };
        let planned = desk.run(COORDINATOR, &again, &planned);
        assert_eq!(planned.plan.map(|plan| plan.lead_unit), Some(code(INFORM)));
    }

    #[test]
    fn a_plan_names_units_that_exist_and_are_not_accused() {
        let desk = Desk::open();
        let accused = Ticket { accused_units: vec![code(LEAD)], ..planning(&desk) };
        let under = PlanTicket { lead_unit: code(ASSIST), assist_units: vec![code(UNDER_LEAD)], ..plan() };
        for (verb, ticket, expected) in [
            (plan(), &accused, ErrorReason::ConflictOfInterest),
            (under, &accused, ErrorReason::ConflictOfInterest),
            (PlanTicket { lead_unit: code(NOWHERE), ..plan() }, &accused, ErrorReason::UnitUnknown),
            (PlanTicket { assist_units: vec![code(INACTIVE)], ..plan() }, &accused, ErrorReason::UnitUnknown),
            (plan(), &desk.received(), ErrorReason::WrongState),
        ] {
            assert_eq!(desk.refusal(COORDINATOR, &verb, ticket), expected, "{verb:?}");
        }
    }
}
