//! The training of models that suggest topics and units.

use serde::{Deserialize, Serialize};

/// `[suggestions]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.default.toml documents every key")]
pub struct Suggestions {
    pub texts_min: u32,
    pub train_interval_seconds: u32,
    pub same_cause_open_min: u32,
}
