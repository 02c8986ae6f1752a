//! The numbers of the parties of a call: who called, through whom, and where its legs went. They are identity, and kept
//! apart from what else is known of the call.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ticket::dated::{Dated, joins};

/// The numbers of the parties of one call.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallNumbers {
    /// The calling number.
    pub calling: Option<Dated<String>>,
    /// The number that passed the call on.
    pub redirecting: Option<Dated<String>>,
    /// The numbers of its legs, by the exchange's id of the leg.
    pub legs: BTreeMap<String, LegNumbers>,
    /// Where its recordings are, by participant. Names of files often have the calling number.
    #[serde(default)]
    pub recordings: BTreeMap<String, Option<Dated<String>>>,
    /// The number that the company wishes to be called back at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_back: Option<Dated<String>>,
    /// What the caller wishes of the call-back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_back_wish: Option<Dated<String>>,
}

/// The numbers of one leg.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LegNumbers {
    /// Where it came from.
    pub from: Option<Dated<String>>,
    /// Where it went to.
    pub to: Option<Dated<String>>,
}

joins! {
CallNumbers {calling, redirecting, legs, recordings, call_back, call_back_wish}
    LegNumbers { from, to }
}

impl CallNumbers {
    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Shows whether there are numbers, but never which, because printed values end up in logs.
impl std::fmt::Debug for CallNumbers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.is_empty() { "CallNumbers(none)" } else { "CallNumbers(not printed)" })
    }
}

impl std::fmt::Debug for LegNumbers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LegNumbers(not printed)")
    }
}
