//! A carry-over (挂账) of a ticket that can't be finished in time, with the next steps and a promised date.

use serde::{Deserialize, Serialize};

use super::Instant;

/// A carry-over. The company is informed of the next steps and a date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct CarryOver {
    pub state: CarryOverState,
    pub next_steps: String,
    pub promised_at: Instant,
    pub informed_at: Instant,
    pub asked_at: Instant,
    pub decided_at: Option<Instant>,
    pub decision_note: String,
}

/// The state of a carry-over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CarryOverState {
    /// Asked for.
    Asked,
    /// Granted: the promised date is the limit.
    Granted,
    /// Refused: the deadline does not change.
    Refused,
}
