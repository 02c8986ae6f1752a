//! A unit's return of a ticket, and the ruling on it.

use serde::{Deserialize, Serialize};

use super::{Instant, UnitCode};

/// A return and the ruling on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct TicketReturn {
    pub unit: UnitCode,
    pub reason: ReturnReason,
    pub rule: String,
    pub proposed_unit: Option<UnitCode>,
    pub note: String,
    pub returned_at: Instant,
    pub is_arbitration: bool,
    pub ruling: Option<ReturnRuling>,
}

/// Why a unit returns a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReturnReason {
    /// Another unit is responsible by its duties.
    NotOurDuty,
    /// The matter lies in another district.
    NotOurPlace,
    /// Several units are responsible and a plan is needed.
    Overlapping,
    /// The request lacks what is needed to begin.
    Incomplete,
    /// It should not have been accepted.
    NotAcceptable,
}

/// The ruling on a return.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct ReturnRuling {
    pub is_accepted: bool,
    pub is_final: bool,
    pub note: String,
    pub ruled_at: Instant,
}
