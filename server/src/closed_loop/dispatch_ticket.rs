//! `DispatchTicket` (派单): to one lead unit, any assisting and any informed ones; again after a return, or as long as
//! the lead has not signed for it (改派). Never to the unit complained about, nor to one under it.

use hotline_proto::v1::ErrorReason;

use super::{Moment, Verb};
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

enum Refused {
    AnsweredOnTheSpot,
    PlanMissing,
    ReturnPending,
    ConflictOfInterest,
}

impl From<Refused> for Fault {
    fn from(refused: Refused) -> Self {
        Self::new(match refused {
            Refused::AnsweredOnTheSpot => ErrorReason::AnsweredOnTheSpot,
            Refused::PlanMissing => ErrorReason::PlanMissing,
            Refused::ReturnPending => ErrorReason::ReturnPending,
            Refused::ConflictOfInterest => ErrorReason::ConflictOfInterest,
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

    fn check(&self, ticket: &Ticket, moment: &Moment<'_>) -> Result<(), Refused> {
        if ticket.cycle.deadline.tier == Tier::ConsultationGeneral {
            return Err(Refused::AnsweredOnTheSpot);
        }
        if ticket.state == State::Planning && ticket.plan.is_none() {
            return Err(Refused::PlanMissing);
        }
        if ticket.pending_return().is_some() {
            return Err(Refused::ReturnPending);
        }
        if moment.units.has_conflict(self.units(), &ticket.accused_units) {
            return Err(Refused::ConflictOfInterest);
        }
        Ok(())
    }
}

impl Verb for DispatchTicket {
    const COMMAND: Command = Command::DispatchTicket;

    fn units_named(&self, _ticket: &Ticket) -> Vec<UnitCode> {
        self.units().cloned().collect()
    }

    fn decide(&self, ticket: &Ticket, moment: &Moment<'_>) -> Result<Vec<Event>, Fault> {
        moment.units.check(self.named())?;
        self.check(ticket, moment)?;
        let window = Limit::Days(moment.policy.returns.window);
        let window = deadline::due(moment.now, window, moment.calendar)
            .map_err(|error| Fault::internal(format!("a return window from {}: {error}", moment.now)))?;
        let dispatch = Dispatch {
            lead_unit: self.lead_unit.clone(),
            assist_units: self.assist_units.clone(),
            inform_units: self.inform_units.clone(),
            dispatched_at: moment.now,
            return_due_at: window.due_at,
            accepted_at: None,
            note: self.note.clone(),
        };
        Ok(vec![Event::TicketDispatched { dispatch }])
    }
}
