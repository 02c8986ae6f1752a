//! The vault's keys: how a hotline opens them, and how an operator changes them.

use std::path::Path;
use std::sync::Arc;

use super::audit_log::open_to_read;
use super::failure::Failure;
use super::private_folder::make_private;
use crate::deadline::Policy;
use crate::identity::registered_keys;
use crate::identity::vault::key_file::{Key, KeyFile};
use crate::identity::vault::{FileKeys, KeyVersion, Suite};
use crate::platform::config::Config;
use crate::platform::{Clock, Store};

/// Opens the vault's keys, or makes them for development, and registers them in the database.
pub(super) async fn open_keys(
    config: &Config<Policy>,
    store: &Store,
    clock: &Clock,
) -> Result<Arc<FileKeys>, Failure> {
    let path = config.vault_keys_path();
    let keys = if config.vault.keys.as_os_str().is_empty() {
        let suite = Suite::of_name(&config.vault.suite).ok_or_else(unknown_suite)?;
        if !path.exists() {
            let known = registered_keys::versions(store.reader()).await.map_err(|fault| fault.detail)?;
            refuse_beside(&path, &known)?;
        }
        make_private(&config.data_dir)?;
        FileKeys::open_or_make(&path, suite)?
    } else {
        FileKeys::open(&path)?
    };
    let registered = registered_keys::register(store, clock, keys.now().proofs()?).await;
    registered.map_err(|fault| fault.detail)?.map_err(|why| format!("{}: {why}", path.display()))?;
    Ok(Arc::new(keys))
}

/// Refuses to make a key file if the database has registered the keys of another one.
///
/// # Errors
/// If it has registered any.
fn refuse_beside(path: &Path, known: &[i32]) -> Result<(), Failure> {
    if known.is_empty() {
        return Ok(());
    }
    Err(format!(
        "{} is missing, and this database knows vault keys of the versions {known:?}; restore the file: without it no \
         identity in this database can be read again",
        path.display()
    )
    .into())
}

/// The registered keys of the configured database; none if it is missing or was never migrated.
///
/// # Errors
/// If it can't be reached, because its keys are then unknown.
async fn known_to_database(config: &Config<Policy>, clock: &Clock) -> Result<Vec<i32>, Failure> {
    if config.database.is_empty() && !config.sqlite_path(clock.is_simulated()).exists() {
        return Ok(Vec::new());
    }
    let store = open_to_read(config, clock).await?;
    // An error here means a missing table, because the database has been reached before.
    let known = registered_keys::versions(store.reader()).await.unwrap_or_default();
    store.close().await;
    Ok(known)
}

/// Adds a key to the vault's key file, makes the file, or activates another key of it. Returns the versions of the file
/// and the active one.
///
/// # Errors
/// If the file can't be read or written, or has no such version. If it is missing and the database has registered keys.
pub async fn change_vault_keys(
    config: &Config<Policy>,
    clock: &Clock,
    activate: Option<KeyVersion>,
) -> Result<(Vec<KeyVersion>, KeyVersion), Failure> {
    let path = config.vault_keys_path();
    let suite = Suite::of_name(&config.vault.suite).ok_or_else(unknown_suite)?;
    if !path.exists() && activate.is_none() {
        refuse_beside(&path, &known_to_database(config, clock).await?)?;
    }
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
