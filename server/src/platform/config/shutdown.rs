//! The stop of a server.

use serde::{Deserialize, Serialize};

/// `[shutdown]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.default.toml documents every key")]
pub struct Shutdown {
    pub pre_drain_ms: u64,
    pub drain_ms: u64,
}
