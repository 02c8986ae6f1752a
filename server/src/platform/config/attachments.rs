//! The attachments of tickets.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// `[attachments]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.default.toml documents every key")]
pub struct Attachments {
    pub dir: PathBuf,
    pub size_max_bytes: u64,
    pub per_ticket_max: u32,
    pub media_types: Vec<String>,
    pub transfers_max: u32,
    pub upload_timeout_seconds: u32,
    pub scan: Scan,
    pub scan_program: PathBuf,
    pub scan_timeout_seconds: u32,
    pub orphan_after_seconds: u32,
    pub s3: S3,
}

/// `[attachments.s3]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.default.toml documents every key")]
pub struct S3 {
    pub endpoint: String,
    pub ca: PathBuf,
    pub bucket: String,
    pub region: String,
    pub prefix: String,
    pub access_key_file: PathBuf,
    pub secret_key_file: PathBuf,
}

/// Whether a file must be scanned before others read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scan {
    /// Others read it once the scan has found it clean.
    Required,
    /// Others read it at once.
    Off,
}

impl Attachments {
    /// Whether a program to scan files is configured.
    #[must_use]
    pub fn is_scanned(&self) -> bool {
        !self.scan_program.as_os_str().is_empty()
    }

    /// The folder of attachments: the configured one, or one in the data directory.
    #[must_use]
    pub fn dir_in(&self, data_dir: &Path, is_simulated: bool) -> PathBuf {
        let named = Some(&self.dir).filter(|path| !path.as_os_str().is_empty());
        let own = if is_simulated { "simulated-attachments" } else { "attachments" };
        named.cloned().unwrap_or_else(|| data_dir.join(own))
    }
}
