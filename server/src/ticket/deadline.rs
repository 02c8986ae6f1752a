//! The limit of a handling cycle, and what it was counted under.

use serde::{Deserialize, Serialize};

use super::{Instant, Rung, Tier};

/// A limit and what it was counted under.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deadline {
    /// The limit.
    pub due_at: Instant,
    /// The row of the deadline table.
    pub tier: Tier,
    /// The version of the policy; it stays with the ticket.
    pub policy_version: String,
    /// The version of the calendar.
    pub calendar_version: String,
    /// Whether a year without an official notice was counted.
    pub is_provisional: bool,
}

/// What a classification did with the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClassifiedLimit {
    /// It was counted from the beginning of the cycle.
    #[default]
    Counted,
    /// It had passed, and stays.
    Kept,
    /// The classification before was wrong: the limit is counted as if it had not been made, and its rungs are taken
    /// back.
    Corrected,
}

/// The limit before a classification moved it. A correction within minutes goes back to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CorrectableLimit {
    /// When it was moved.
    pub moved_at: Instant,
    /// The limit before.
    pub deadline: Deadline,
    /// How far the ladder had gone before.
    pub ladder_rung: Rung,
}
