//! What a classification changed on a ticket.

use serde::{Deserialize, Serialize};

use super::{Category, ClassifiedLimit, Complexity, Deadline, Responsibility, UnitCode};

/// A new classification, with the limit counted again from the intake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the contract documents the fields")]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct TicketClassified {
    pub category: Category,
    pub complexity: Complexity,
    pub has_several_units: bool,
    pub responsibility: Responsibility,
    pub topic: Option<String>,
    pub district: Option<String>,
    pub accused_units: Vec<UnitCode>,
    pub deadline: Deadline,
    /// Whether it was recalled from its units, because one of them is complained about.
    pub is_recalled: bool,
    /// Whether the handling plan was removed, because it names an accused unit.
    pub is_plan_dropped: bool,
    /// Whether the handling plan became void for the same reason, while units that have read it have the ticket.
    pub is_plan_void: bool,
    /// What became of the limit.
    #[serde(default)]
    pub limit: ClassifiedLimit,
    /// Why a supervisor classified it after the limit.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}
