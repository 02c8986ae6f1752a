//! The directory of a new database.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// `[directory]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.default.toml documents every key")]
pub struct Directory {
    pub seed_file: PathBuf,
}
