//! Who causes an event: a principal, for a unit or for the hotline, or the hotline itself.

use serde::{Deserialize, Serialize};

use super::UnitCode;

/// Who caused an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// The principal's name, or [`Actor::SYSTEM`].
    pub principal: String,
    /// The unit it acted for.
    pub unit: Option<UnitCode>,
    /// The gateway that it called through. It is stored with the event, in its payload.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<String>,
}

impl Actor {
    /// The principal of automatic events.
    pub const SYSTEM: &'static str = "system";

    /// The hotline itself, for automatic events.
    #[must_use]
    pub fn system() -> Self {
        Self { principal: Self::SYSTEM.to_owned(), unit: None, via: None }
    }

    /// The gateway in a stored event.
    ///
    /// # Errors
    /// If the payload can't be read.
    pub fn via_of(payload: &str) -> serde_json::Result<Option<String>> {
        #[derive(Deserialize)]
        struct ViaField {
            via: Option<String>,
        }
        // Almost no event names one, so most are not parsed twice.
        if !payload.contains("\"via\":") {
            return Ok(None);
        }
        serde_json::from_str(payload).map(|stored: ViaField| stored.via)
    }
}
