//! The database of a server: opened as the configuration names it, brought to the newest shape by the owner of its tables,
//! or found in that shape by a role that only serves.

use super::{Failure, make_private};
use crate::deadline::Policy;
use crate::migration::{self, serving_role};
use crate::platform::config::Config;
use crate::platform::{Clock, Store, failpoint};

/// Opens the database that the configuration names.
///
/// # Errors
/// Where it can't be opened, is served by somebody else, or would lose tickets.
async fn open(config: &Config<Policy>, clock: &Clock) -> Result<Store, Failure> {
    let store = if config.database.is_empty() {
        make_private(&config.data_dir)?;
        Store::open_sqlite(&config.sqlite_path(clock.is_simulated())).await?
    } else if config.database.starts_with("postgres://") || config.database.starts_with("postgresql://") {
        Store::open_postgres(&config.database, config.database_connections).await?
    } else {
        return Err("database is \"\" or begins with postgres://".into());
    };
    Ok(store)
}

fn after_step() -> impl Future<Output = Result<(), sea_orm::DbErr>> {
    failpoint::reach("migration.step")
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
    migration::migrate_and(store.migrating(), after_step).await?;
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
    migration::ready_and(store.migrating(), after_step).await?;
    for weakness in serving_role::weaknesses(store.migrating()).await? {
        tracing::warn!(weakness, "the second wall is weak");
    }
    Ok(store)
}
