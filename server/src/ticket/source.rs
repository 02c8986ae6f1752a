//! How a request reached the hotline, and from which system.

use serde::{Deserialize, Serialize};

use super::UnitCode;

/// How a request reached the hotline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// The telephone; its opening hours apply.
    Telephone,
    /// The app.
    App,
    /// The web site.
    Web,
    /// A partner unit's own counter or system.
    Partner,
}

/// The system that a ticket was created from, and its own reference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct Source {
    /// The unit whose system it is, so that two units may use the same references; `None` for the hotline's own.
    pub owner: Option<UnitCode>,
    pub system: String,
    pub reference: String,
}
