//! `ClassifyTicket`: category, complexity, topic and responsibility as they should have been. The limit is counted
//! again from the beginning of the cycle, under the policy that the ticket was taken in under.
//!
//! An appeal whose responsibility overlaps goes to the coordinator. A ticket that turns out to be a complaint about a
//! unit that has it is taken away from it at once.

use hotline_proto::v1::ErrorReason;

use super::{Moment, Verb};
use crate::platform::Fault;
use crate::ticket::event::TicketClassified;
use crate::ticket::{
    Category, Command, Complexity, Event, Instant, Responsibility, ReturnRuling, State, Ticket, Tier,
    UnitCode,
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
}

enum Refused {
    PlanNotCalledFor,
    ReturnPending,
}

impl From<Refused> for Fault {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::PlanNotCalledFor => Self::new(ErrorReason::PlanNotCalledFor),
            Refused::ReturnPending => Self::new(ErrorReason::ReturnPending),
        }
    }
}

impl ClassifyTicket {
    /// Overlapping responsibility is for appeals that no unit has.
    fn check_responsibility(&self, ticket: &Ticket) -> Result<(), Refused> {
        if self.responsibility == Responsibility::Clear {
            return Ok(());
        }
        if self.category != Category::Appeal || matches!(ticket.state, State::Dispatched | State::Handling) {
            return Err(Refused::PlanNotCalledFor);
        }
        if ticket.pending_return().is_some() {
            return Err(Refused::ReturnPending);
        }
        Ok(())
    }
}

/// A ticket that is taken away from its units leaves no return that waits for a ruling: none could be given any more.
fn recalled(now: Instant) -> ReturnRuling {
    // Later units read it, so it does not say why.
    ReturnRuling { is_accepted: true, is_final: false, note: "recalled".to_owned(), ruled_at: now }
}

impl Verb for ClassifyTicket {
    const COMMAND: Command = Command::ClassifyTicket;

    fn units_named(&self, ticket: &Ticket) -> Vec<UnitCode> {
        let having = ticket.dispatch.iter().flat_map(|dispatch| dispatch.units().map(|(unit, _)| unit));
        self.accused_units.iter().chain(having).cloned().collect()
    }

    fn decide(&self, ticket: &Ticket, moment: &Moment<'_>) -> Result<Vec<Event>, Fault> {
        let accused = self.accused_units.iter().enumerate();
        moment.units.check(accused.map(|(place, unit)| (format!("accused_units[{place}]"), unit)))?;
        self.check_responsibility(ticket)?;
        let mut having = ticket.dispatch.iter().flat_map(|dispatch| dispatch.units().map(|(unit, _)| unit));
        let is_recalled = moment.units.has_conflict(&mut having, &self.accused_units);
        let tier = Tier::of(self.category, self.complexity, self.has_several_units);
        let deadline = moment.deadline(tier, ticket.cycle.began_at)?;
        let mut events = Vec::new();
        if is_recalled && ticket.pending_return().is_some() {
            events.push(Event::ReturnRuled { ruling: recalled(moment.now) });
        }
        events.push(Event::TicketClassified(Box::new(TicketClassified {
            category: self.category,
            complexity: self.complexity,
            has_several_units: self.has_several_units,
            responsibility: self.responsibility,
            topic: self.topic.clone(),
            district: self.district.clone(),
            accused_units: self.accused_units.clone(),
            deadline,
            is_recalled,
        })));
        Ok(events)
    }
}
