//! The vault's keys as a hotline opens them and as an operator changes them.

use std::sync::Arc;

use super::{Failure, make_private};
use crate::deadline::Policy;
use crate::ledger::identity::keys;
use crate::platform::config::Config;
use crate::platform::{Clock, Store};
use crate::vault::key_file::{Key, KeyFile};
use crate::vault::{FileKeys, KeyVersion, Suite};

/// Opens the vault's keys, or makes them for development, and has the database know them.
pub(super) async fn open_keys(
    config: &Config<Policy>,
    store: &Store,
    clock: &Clock,
) -> Result<Arc<FileKeys>, Failure> {
    let path = config.vault_keys_path();
    let keys = if config.vault.keys.as_os_str().is_empty() {
        let suite = Suite::of_name(&config.vault.suite).ok_or_else(unknown_suite)?;
        make_private(&config.data_dir)?;
        FileKeys::open_or_make(&path, suite)?
    } else {
        FileKeys::open(&path)?
    };
    let admitted = keys::admit(store, clock, keys.now().proofs()?).await;
    admitted.map_err(|fault| fault.ours)?.map_err(|why| format!("{}: {why}", path.display()))?;
    Ok(Arc::new(keys))
}

/// Adds a key to the vault's key file, or makes the file, or has another key of it be the active one; answers the
/// versions of the file and the active one.
///
/// # Errors
/// Where the file can't be read or written, or has no such version.
pub fn change_vault_keys(
    config: &Config<Policy>,
    activate: Option<KeyVersion>,
) -> Result<(Vec<KeyVersion>, KeyVersion), Failure> {
    let path = config.vault_keys_path();
    let suite = Suite::of_name(&config.vault.suite).ok_or_else(unknown_suite)?;
    let mut file = match (path.exists(), activate) {
        (false, None) => KeyFile::first(suite)?,
        (_, Some(version)) => KeyFile { active: version, ..KeyFile::read(&path)? },
        (true, None) => {
            let mut file = KeyFile::read(&path)?;
            let next = file.keys.iter().map(|key| key.version).max().unwrap_or(0) + 1;
            file.keys.push(Key::make(next, suite)?);
            file
        }
    };
    file.keys.sort_by_key(|key| key.version);
    let versions: Vec<_> = file.keys.iter().map(|key| key.version).collect();
    if !versions.contains(&file.active) {
        return Err(format!("{} has no key {}", path.display(), file.active).into());
    }
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.exists()) {
        make_private(folder)?;
    }
    file.write(&path)?;
    Ok((versions, file.active))
}

fn unknown_suite() -> String {
    format!("vault.suite: one of {}", Suite::ALL.map(Suite::name).join(", "))
}
