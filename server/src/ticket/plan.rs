//! The coordinator's plan for a ticket whose responsibility overlaps.

use serde::{Deserialize, Serialize};

use super::{Instant, UnitCode};

/// The coordinator's plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct HandlingPlan {
    pub text: String,
    pub lead_unit: UnitCode,
    pub assist_units: Vec<UnitCode>,
    pub planned_at: Instant,
}

/// Whether it is clear which unit is responsible.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Responsibility {
    /// One unit is clearly responsible.
    Clear,
    /// Several units are responsible, or none claims it.
    Overlapping,
}
