//! `PlanTicket`: the coordinator writes who does what, where responsibilities overlap; then the ticket is dispatched.

use hotline_proto::v1::ErrorReason;

use super::{Moment, Verb};
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

enum Refused {
    ConflictOfInterest,
}

impl From<Refused> for Fault {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::ConflictOfInterest => Self::new(ErrorReason::ConflictOfInterest),
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

    fn units_named(&self, _ticket: &Ticket) -> Vec<UnitCode> {
        self.units().cloned().collect()
    }

    fn decide(&self, ticket: &Ticket, moment: &Moment<'_>) -> Result<Vec<Event>, Fault> {
        let assisting = self.assist_units.iter().enumerate();
        let assisting = assisting.map(|(place, unit)| (format!("assist_units[{place}]"), unit));
        moment.units.check(std::iter::once(("lead_unit".to_owned(), &self.lead_unit)).chain(assisting))?;
        if moment.units.has_conflict(self.units(), &ticket.accused_units) {
            return Err(Refused::ConflictOfInterest.into());
        }
        let plan = HandlingPlan {
            text: self.text.clone(),
            lead_unit: self.lead_unit.clone(),
            assist_units: self.assist_units.clone(),
            planned_at: moment.now,
        };
        Ok(vec![Event::TicketPlanned { plan }])
    }
}
