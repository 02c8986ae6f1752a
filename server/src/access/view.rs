//! What of a ticket a caller may read. One place, because each answer, list and event passes here.

use hotline_proto::v1::Role;

use super::Permit;
use crate::ticket::{Instant, Relation, Ticket, TicketReturn, UnitCode};

/// What a caller may read of one ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    /// The unit that reads; `None` for hotline staff.
    pub unit: Option<UnitCode>,
    /// Whether what could lead to the caller is left out: for a unit where the ticket is confidential, for an analyst
    /// always.
    pub is_masked: bool,
    /// When the ticket was given to the units that have it, for a unit: what former units did before is not its to read.
    since: Option<Instant>,
}

impl View {
    /// What a caller may read of a ticket.
    #[must_use]
    pub fn of(permit: &Permit, ticket: &Ticket) -> Self {
        let unit = permit.unit().cloned();
        let is_masked = match &unit {
            Some(_) => ticket.is_confidential,
            None => permit.has_only(Role::Analyst),
        };
        let dispatch = ticket.dispatch.as_ref().filter(|_| unit.is_some());
        Self { unit, is_masked, since: dispatch.map(|dispatch| dispatch.dispatched_at) }
    }

    /// Whether the company's industry is shown: it may give a company away to a unit, and is what analysts count by.
    #[must_use]
    pub const fn shows_industry(&self) -> bool {
        self.unit.is_none() || !self.is_masked
    }

    /// Whether the units complained about are shown: to staff only.
    #[must_use]
    pub const fn shows_accused(&self) -> bool {
        self.unit.is_none()
    }

    /// Whether the words of a unit are shown that it put on the ticket at this instant. A carry-over that was granted
    /// outlives the unit that asked for it, which may be the one that is complained about.
    #[must_use]
    pub fn shows_words_of(&self, at: Instant) -> bool {
        self.unit.is_none() || self.since.is_some_and(|since| at >= since)
    }

    /// Whether a return is shown: to a unit its own alone. Who else had the ticket, and what it proposed, may say who is
    /// complained about.
    #[must_use]
    pub fn shows_return(&self, one: &TicketReturn) -> bool {
        self.unit.as_ref().is_none_or(|unit| *unit == one.unit)
    }

    /// Whether a principal is shown: to staff always, to a unit where it is its own or the hotline itself.
    #[must_use]
    pub fn shows_actor(&self, actor: &crate::ticket::Actor) -> bool {
        match &self.unit {
            None => true,
            Some(unit) => {
                actor.unit.as_ref() == Some(unit) || actor.principal == crate::ticket::Actor::SYSTEM
            }
        }
    }
}

/// Whether a caller may know who called. Nobody, of a confidential ticket: that takes a purpose and leaves a record.
/// Otherwise the staff that speak with companies and the units that handle the matter; never an analyst, and no unit
/// that is only informed.
#[must_use]
pub fn shows_identity(permit: &Permit, ticket: &Ticket) -> bool {
    if ticket.is_confidential {
        return false;
    }
    match permit.unit() {
        Some(unit) => matches!(ticket.relation_of(unit), Some(Relation::Lead | Relation::Assist)),
        None => [Role::Agent, Role::Dispatcher, Role::Coordinator, Role::Supervisor]
            .iter()
            .any(|role| permit.has(*role)),
    }
}

/// Whether a caller may look tickets up by who called: staff that speak with companies, and nobody else.
#[must_use]
pub fn looks_up(permit: &Permit) -> bool {
    permit.has(Role::Agent) || permit.has(Role::Supervisor)
}
