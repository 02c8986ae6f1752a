//! What a ticket takes over from the repeats that are merged into it: their limits and rungs, and the calls to their
//! companies.

use serde::{Deserialize, Serialize};

use super::{Instant, Rung, TicketNumber};

/// The limit and the rung of a merged repeat. The ticket is due no later, and has at least this rung, in the cycle of
/// the merge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepeatLimit {
    /// The repeat.
    pub repeat: TicketNumber,
    /// Its limit in force when it was merged.
    pub due_at: Instant,
    /// The rung that this limit had led to by then, without the limits of other tickets.
    pub rung: Rung,
}

/// A call to the company behind a merged repeat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct RepeatCall {
    pub repeat: TicketNumber,
    pub is_reached: bool,
    pub called_at: Instant,
    pub note: String,
}
