//! The limit of a handling cycle, and what it was counted under.

use serde::{Deserialize, Serialize};

use super::{Instant, Tier};

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
