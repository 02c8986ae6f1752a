//! A carry-over (挂账): what can't be finished in time, with the next steps and a promised date.

use serde::{Deserialize, Serialize};

use super::Instant;

/// What can't be finished in time; the company is informed of it with the next steps and a date.
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

/// Where a carry-over stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CarryOverState {
    /// Asked for.
    Asked,
    /// Granted: the promised date is the limit.
    Granted,
    /// Refused: the deadline stands.
    Refused,
}
