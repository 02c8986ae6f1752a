//! How a ticket left the loop, so that it can be taken back.

use serde::{Deserialize, Serialize};

use super::{Instant, State};

/// The end of a ticket that was declined, withdrawn or merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ending {
    /// The state before the end.
    pub state_before: State,
    /// When it ended; a slip is undone within a window from then on.
    pub ended_at: Instant,
}
