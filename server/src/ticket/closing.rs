//! How a ticket was closed.

use serde::{Deserialize, Serialize};

use super::Instant;

/// How a ticket was closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct Closing {
    pub reason: ClosingReason,
    pub closed_at: Instant,
}

/// What closed a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClosingReason {
    /// The survey was taken.
    Surveyed,
    /// Nobody could be reached.
    Unreachable,
    /// Answered on the spot, without follow-up.
    Answered,
}
