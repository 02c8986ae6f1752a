//! The audit log signer: writes checkpoints over the heads of all chains that became longer, about every minute, and
//! exports them.
//!
//! It takes no input and is idempotent; any number of servers may run one.

use std::path::PathBuf;
use std::time::Duration;

use super::export_checkpoints::{check_exported, export_checkpoints};
use crate::audit_log::write_checkpoint::{heads_max, write_checkpoint};
use crate::audit_log::{SigningKey, export};
use crate::platform::{Clock, Fault, Store};

/// After a checkpoint the signer rests for this fraction (1/n) of the time that the checkpoint took.
const REST_DIVISOR: u32 = 2;
/// The pause after a failure.
const FAILURE_PAUSE: Duration = Duration::from_secs(5);

/// Signs and exports.
#[derive(Debug, Clone)]
pub struct AuditLogSigner {
    /// The database.
    pub store: Store,
    /// The clock.
    pub clock: Clock,
    /// The key that signs.
    pub key: SigningKey,
    /// The pause between two passes.
    pub interval: Duration,
    /// The folder that checkpoints are exported to, if any.
    pub export_dir: Option<PathBuf>,
}

impl AuditLogSigner {
    /// Writes checkpoints until no head is pending; returns how many heads they cover.
    ///
    /// # Errors
    /// If the database cannot be reached. Checkpoints that were written before stay.
    pub async fn write_checkpoints(&self) -> Result<u64, Fault> {
        let mut covered = 0;
        loop {
            let begun = std::time::Instant::now();
            let here = write_checkpoint(&self.store, &self.clock, &self.key).await?;
            covered += here;
            if here < heads_max(&self.store) {
                return Ok(covered);
            }
            if !self.clock.is_simulated() {
                tokio::time::sleep(begun.elapsed() / REST_DIVISOR).await;
            }
        }
    }

    /// Exports the checkpoints that are not in the folder yet, and the restores between them; returns how many
    /// checkpoints.
    ///
    /// # Errors
    /// If the database or the folder cannot be reached; what [`Self::check_exported`] finds.
    pub async fn export(&self) -> Result<u64, String> {
        match &self.export_dir {
            Some(folder) => export_checkpoints(&self.store, folder).await,
            None => Ok(0),
        }
    }

    /// Checks that the database holds what was exported.
    ///
    /// # Errors
    /// What was exported and is missing; if the database or the folder cannot be reached.
    pub async fn check_exported(&self) -> Result<(), String> {
        match &self.export_dir {
            Some(folder) => check_exported(&self.store, folder).await,
            None => Ok(()),
        }
    }

    /// Signs and exports once.
    async fn pass(&self) -> Result<(), String> {
        // A database that lacks exported checkpoints must not sign under their numbers. If the folder cannot be read
        // for a moment, only the export is delayed.
        if self.export_dir.as_deref().is_some_and(|folder| export::checkpoint_numbers(folder).is_ok()) {
            self.check_exported().await?;
        }
        let covered = self.write_checkpoints().await.map_err(|fault| fault.detail)?;
        let exported = self.export().await?;
        if covered > 0 {
            tracing::debug!(covered, exported, "checkpoints written");
        }
        Ok(())
    }

    /// Runs until it is dropped.
    pub async fn run(self) {
        loop {
            let pause = match self.pass().await {
                Ok(()) => self.interval,
                Err(error) => {
                    tracing::error!(error, "the audit log could not be signed and exported; retrying");
                    FAILURE_PAUSE
                }
            };
            tokio::time::sleep(pause).await;
        }
    }
}
