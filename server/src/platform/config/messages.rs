//! The gateway for messages to companies.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// `[messages]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.default.toml documents every key")]
pub struct Messages {
    pub gateway: String,
    pub gateway_ca: PathBuf,
    pub signing_key: PathBuf,
}
