//! Requests to leave a case out (剔除): objections (申诉) of its unit, and requests of supervisors. The case stays
//! visible, with the reason, who asked and who decided.

use hotline_proto::v1::ErrorReason;
use serde::{Deserialize, Serialize};

use super::Step;
use super::score::Month;
use crate::platform::Fault;
use crate::ticket::{TicketNumber, UnitCode};

/// Where a request is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExclusionState {
    /// Nobody has decided.
    Filed,
    /// Accepted once, and a second supervisor has to decide.
    AcceptedOnce,
    /// The case is excluded.
    Accepted,
    /// The case counts.
    Rejected,
}

impl ExclusionState {
    /// Its number in the table.
    pub(super) const fn stored(self) -> i16 {
        match self {
            Self::Filed => 1,
            Self::AcceptedOnce => 2,
            Self::Accepted => 3,
            Self::Rejected => 4,
        }
    }

    pub(super) const fn of_stored(number: i16) -> Option<Self> {
        match number {
            1 => Some(Self::Filed),
            2 => Some(Self::AcceptedOnce),
            3 => Some(Self::Accepted),
            4 => Some(Self::Rejected),
            _ => None,
        }
    }

    pub(super) const fn is_decided(self) -> bool {
        matches!(self, Self::Accepted | Self::Rejected)
    }
}

/// A decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Whether the case is to be left out.
    pub is_accepted: bool,
    /// Who, when and why.
    pub step: Step,
}

/// The history of a request, stored as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExclusionHistory {
    /// Who asked, when and why.
    pub filed: Step,
    /// What proves it.
    pub evidence: String,
    /// The decisions, the first one first.
    pub decisions: Vec<Decision>,
}

/// A request to leave a case out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exclusion {
    /// Its number, from 1.
    pub number: u32,
    /// 1 for a new one; the etag is made from it.
    pub revision: u32,
    /// The ticket.
    pub ticket: TicketNumber,
    /// The cycle.
    pub cycle: u32,
    /// The unit of the case.
    pub unit: UnitCode,
    /// The month that it is about.
    pub month: Month,
    /// Where it is.
    pub state: ExclusionState,
    /// Whether the unit asked.
    pub is_objection: bool,
    /// Whether the ticket is confidential. Then no unit reads what staff wrote about the case.
    pub is_confidential: bool,
    /// Its history.
    pub history: ExclusionHistory,
}

impl Exclusion {
    /// The etag: changes with every change.
    #[must_use]
    pub fn etag(&self) -> String {
        format!("v{}", self.revision)
    }
}

/// `EXCLUSION_NOT_FOUND`.
pub(super) fn not_found(number: u32) -> Fault {
    Fault::new(ErrorReason::ExclusionNotFound).with("exclusion_number", number.to_string())
}
