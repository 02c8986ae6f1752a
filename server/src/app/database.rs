//! The database of a server. It is opened as the configuration names it. The owner of the tables migrates it; a serving
//! role only checks its schema. It must be the database that the server's folders belong to.

use sea_orm::{ConnectionTrait as _, DbBackend, Statement};

use super::create_database::{Folders, Purpose};
use super::failure::Failure;
use super::file_exposure::sqlite_files;
use super::private_folder::make_private;
use crate::deadline::Policy;
use crate::migration::{self, serving_role};
use crate::platform::config::Config;
use crate::platform::{Clock, OpenFile, Store, database_file, database_identity, failpoint, file_mode};

/// An open database.
#[derive(Debug)]
pub(super) struct OpenDatabase {
    pub(super) store: Store,
    /// The embedded database's file.
    pub(super) file: Option<OpenFile>,
}

/// Opens the database that the configuration names.
///
/// # Errors
/// If it can't be opened, is served by another server or is damaged. If it would lose tickets, or would have to be
/// created and that is not allowed.
pub(super) async fn open(
    config: &Config<Policy>,
    clock: &Clock,
    folders: &Folders,
    purpose: Purpose,
) -> Result<OpenDatabase, Failure> {
    if config.database.is_empty() {
        return open_file(config, clock, folders, purpose).await;
    }
    if !config.database.starts_with("postgres://") && !config.database.starts_with("postgresql://") {
        return Err("database is \"\" or begins with postgres://".into());
    }
    let (url, connections) = (&config.database, config.database_connections);
    let store = Store::open_postgres_with(url, connections, config.database_readers).await?;
    if !has_tables(&store).await? {
        folders.may_found(config, purpose)?;
    }
    migration::refuse_unknown_steps(store.reader()).await?;
    Ok(OpenDatabase { store, file: None })
}

async fn open_file(
    config: &Config<Policy>,
    clock: &Clock,
    folders: &Folders,
    purpose: Purpose,
) -> Result<OpenDatabase, Failure> {
    let path = config.sqlite_path(clock.is_simulated());
    database_file::check_before_open(&path)?;
    if database_file::exists(&path) {
        database_file::check_whole(&path).await?;
    } else {
        folders.may_found(config, purpose)?;
    }
    make_private(&config.data_dir)?;
    let is_new = !path.exists();
    let session = database_file::session_in_file(&path)?;
    let store = Store::open_sqlite(&path).await?;
    if is_new {
        // SQLite makes its files with the process's umask, which lets others read them.
        for file in sqlite_files(&path) {
            file_mode::make_private(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        }
    }
    if !has_tables(&store).await? {
        folders.may_found(config, purpose)?;
    }
    migration::refuse_unknown_steps(store.reader()).await?;
    database_file::begin_session(&path, session).await?;
    let file = OpenFile::at(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(OpenDatabase { store, file: Some(file) })
}

/// Whether anything was ever stored there.
pub(super) async fn has_tables(store: &Store) -> Result<bool, Failure> {
    let db = store.reader();
    let asked = match db.get_database_backend() {
        DbBackend::Postgres => {
            "SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace"
        }
        _ => "SELECT count(*) FROM sqlite_master WHERE type = 'table'",
    };
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), asked)).await?;
    let count: i64 = row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or(0);
    Ok(count > 0)
}

/// Compares the database with the markers of the folders, gives it an id if it has none, and marks the folders.
pub(super) async fn mark(
    store: &Store,
    clock: &Clock,
    folders: &Folders,
    purpose: Purpose,
) -> Result<(), Failure> {
    let fault = |fault: crate::platform::Fault| Failure::from(fault.detail);
    let found = database_identity::database_id(store.reader()).await.map_err(fault)?;
    folders.check(found.as_deref())?;
    let id = match found {
        Some(id) => id,
        None => database_identity::give_database_id(store, clock, None).await.map_err(fault)?,
    };
    folders.mark(&id, store.is_sqlite(), purpose)
}

fn after_step() -> impl Future<Output = Result<(), sea_orm::DbErr>> {
    failpoint::reach("migration.step")
}

/// Migrates the database to the newest schema, as the owner of its tables, and gives a serving role its rights. Creates
/// the database if there is none, and no marker says that there was one.
///
/// # Errors
/// If the database can't be opened or migrated, or the role does not exist.
pub async fn migrate(
    config: &Config<Policy>,
    clock: &Clock,
    serving_role: Option<&str>,
) -> Result<(), Failure> {
    let folders = Folders::read(config, clock.is_simulated())?;
    let OpenDatabase { store, .. } = open(config, clock, &folders, Purpose::Migrate).await?;
    migration::migrate_and(store.migrating(), after_step).await?;
    mark(&store, clock, &folders, Purpose::Migrate).await?;
    if let Some(role) = serving_role {
        serving_role::grant(store.migrating(), role).await?;
    }
    store.close().await;
    Ok(())
}

/// Opens the database to serve it, in the newest schema, and logs what weakens row-level security.
///
/// # Errors
/// If it can't be opened, or is not the one that the folders belong to. If it can't be migrated, or another role would
/// have to migrate it.
pub(super) async fn ready(config: &Config<Policy>, clock: &Clock) -> Result<OpenDatabase, Failure> {
    let folders = Folders::read(config, clock.is_simulated())?;
    let opened = open(config, clock, &folders, Purpose::Serve).await?;
    migration::ready_and(opened.store.migrating(), after_step).await?;
    mark(&opened.store, clock, &folders, Purpose::Serve).await?;
    for weakness in serving_role::weaknesses(opened.store.migrating()).await? {
        tracing::warn!(error = weakness, "row-level security is not effective");
    }
    Ok(opened)
}
