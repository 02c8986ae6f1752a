//! Which checkpoints a verification accepts.

use std::path::PathBuf;

use crate::audit_log::export;
use crate::audit_log::signing_key::PublicKey;
use crate::platform::Fault;

/// Which checkpoints a verification accepts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VerifyOptions {
    /// Checkpoints signed with one of these keys; with any key if there are none.
    pub public_keys: Vec<PublicKey>,
    /// Checkpoints that are equal to the exported ones in this folder.
    pub export_dir: Option<PathBuf>,
}

impl VerifyOptions {
    /// Whether a signature of this key is accepted.
    pub(super) fn accepts(&self, key: &PublicKey) -> bool {
        self.public_keys.is_empty() || self.public_keys.contains(key)
    }

    /// The number of the last exported checkpoint, if checkpoints are compared with exported ones and there is one.
    pub(super) fn last_exported(&self) -> Result<Option<i64>, Fault> {
        let Some(folder) = &self.export_dir else { return Ok(None) };
        let unreadable = |error| Fault::unavailable(format!("{}: {error}", folder.display()));
        Ok(export::checkpoint_numbers(folder).map_err(unreadable)?.last().copied())
    }
}
