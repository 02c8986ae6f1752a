//! The identity re-encrypter: follows the vault's key file while the server runs, and re-encrypts identities that are
//! encrypted under an older key.
//!
//! It takes no input and is idempotent; any server may run it. Changed keys are used only after they are registered in
//! the database. If the file holds another secret under a known version, the server keeps its old keys.

use std::sync::Arc;
use std::time::Duration;

use crate::identity::vault::{FileKeys, KeyProvider as _};
use crate::identity::{reencrypt, registered_keys};
use crate::ledger::Ledger;
use crate::platform::file_mode::{Need, exposure};
use crate::platform::reload::Reload;
use crate::platform::{Clock, Fault, Store};

/// The interval between two checks of the key file.
const LOOK_INTERVAL: Duration = Duration::from_secs(2);
/// Checks of the file between two searches for identities under an older key, which another server may have written.
const LOOKS_BETWEEN_REENCRYPTIONS: u32 = 30;

/// Follows the keys and re-encrypts identities.
#[derive(Debug, Clone)]
pub struct IdentityReencrypter {
    /// The database.
    pub store: Store,
    /// The clock.
    pub clock: Clock,
    /// The ledger whose vault it re-encrypts.
    pub ledger: Ledger,
    /// The vault's keys.
    pub keys: Arc<FileKeys>,
    /// Whether a key file that others can read is refused. A server in service does not start with one either.
    pub refuses_exposed: bool,
}

impl IdentityReencrypter {
    /// Uses the keys of the file if they have changed; returns whether they have.
    ///
    /// # Errors
    /// Why the keys of the file are not used; the old ones stay in use.
    pub async fn follow(&self) -> Result<bool, String> {
        if let Some(path) = self.keys.path().filter(|_| self.refuses_exposed) {
            let exposed =
                exposure(path, Need::Secret).map_err(|error| format!("{}: {error}", path.display()))?;
            exposed.map_or(Ok(()), Err)?;
        }
        let Some(changed) = self.keys.changed()? else { return Ok(false) };
        let proofs = changed.proofs().map_err(|fault| fault.to_string())?;
        let registered = registered_keys::register(&self.store, &self.clock, proofs).await;
        registered.map_err(|fault| fault.detail)??;
        self.keys.adopt(changed);
        Ok(true)
    }

    /// Re-encrypts every identity that is encrypted under an older key; returns how many.
    ///
    /// # Errors
    /// If the database can't be reached, or the vault can't decrypt one. Identities that were re-encrypted before stay
    /// so.
    pub async fn reencrypt(&self) -> Result<u64, Fault> {
        let mut count = 0;
        loop {
            let here = reencrypt::reencrypt(&self.store, &self.clock, self.ledger.vault()).await?;
            count += here;
            if here < reencrypt::BATCH {
                return Ok(count);
            }
        }
    }

    /// Runs until it is dropped.
    pub async fn run(self, mut reload: Reload) {
        let mut is_asked = false;
        let mut last = String::new();
        let mut is_behind = true;
        for looks in 0_u32.. {
            let has_changed = match self.follow().await {
                Ok(has_changed) => {
                    last.clear();
                    has_changed
                }
                Err(error) => {
                    // Logged once, not every few seconds.
                    if error != last || is_asked {
                        tracing::error!(error, "the vault's key file is not used; the keys are as they were");
                        last = error;
                    }
                    false
                }
            };
            if has_changed || is_asked {
                tracing::info!(has_changed, "vault keys read again");
            }
            if has_changed {
                tracing::info!(active = self.keys.active(), versions = ?self.keys.versions(), "vault keys changed");
            }
            // A failure is retried at the next check.
            is_behind |= has_changed || looks.is_multiple_of(LOOKS_BETWEEN_REENCRYPTIONS);
            if is_behind {
                match self.reencrypt().await {
                    Ok(count) => {
                        is_behind = false;
                        if count > 0 {
                            tracing::info!(count, active = self.keys.active(), "identities re-encrypted");
                        }
                    }
                    Err(fault) => {
                        tracing::error!(error = fault.detail, "identities could not be re-encrypted");
                    }
                }
            }
            is_asked = reload.wait(LOOK_INTERVAL).await;
        }
    }
}
