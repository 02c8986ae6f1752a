//! The database of a server: opened as the configuration names it, brought to the newest shape by the owner of its tables,
//! or found in that shape by a role that only serves.

use super::files::sqlite_files;
use super::{Failure, make_private};
use crate::deadline::Policy;
use crate::migration::{self, serving_role};
use crate::platform::config::Config;
use crate::platform::{Clock, Store, file_mode};

/// Opens the database that the configuration names.
///
/// # Errors
/// Where it can't be opened, is served by somebody else, or would lose tickets.
async fn open(config: &Config<Policy>, clock: &Clock) -> Result<Store, Failure> {
    let store = if config.database.is_empty() {
        make_private(&config.data_dir)?;
        let path = config.sqlite_path(clock.is_simulated());
        let is_new = !path.exists();
        let store = Store::open_sqlite(&path).await?;
        if is_new {
            // SQLite makes its files as the umask has it, which lets others read.
            for file in sqlite_files(&path) {
                file_mode::make_private(&file).map_err(|error| format!("{}: {error}", file.display()))?;
            }
        }
        store
    } else if config.database.starts_with("postgres://") || config.database.starts_with("postgresql://") {
        Store::open_postgres(&config.database, config.database_connections).await?
    } else {
        return Err("database is \"\" or begins with postgres://".into());
    };
    Ok(store)
}

/// Brings the database to the newest shape, as the owner of its tables, and gives a serving role what it needs.
///
/// # Errors
/// Where the database can't be opened or migrated, or the role does not exist.
pub async fn migrate(
    config: &Config<Policy>,
    clock: &Clock,
    serving_role: Option<&str>,
) -> Result<(), Failure> {
    let store = open(config, clock).await?;
    migration::migrate(store.migrating()).await?;
    if let Some(role) = serving_role {
        serving_role::grant(store.migrating(), role).await?;
    }
    store.close().await;
    Ok(())
}

/// Opens the database to serve it, in the newest shape, and says aloud what weakens its walls.
///
/// # Errors
/// Where it can't be opened; where it can't be migrated, or would have to be by another role.
pub(super) async fn ready(config: &Config<Policy>, clock: &Clock) -> Result<Store, Failure> {
    let store = open(config, clock).await?;
    migration::ready(store.migrating()).await?;
    for weakness in serving_role::weaknesses(store.migrating()).await? {
        tracing::warn!(weakness, "the second wall is weak");
    }
    Ok(store)
}
