//! A follow-up call that reached nobody.

use serde::{Deserialize, Serialize};

use super::Instant;

/// A follow-up call that reached nobody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct ContactAttempt {
    pub attempted_at: Instant,
    pub note: String,
    /// The agent who called; empty for events from before this was recorded.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub attempted_by: String,
}
