//! The schema of the database, one file for each step. A step is an expansion or a contraction, never both. Steps run
//! under a lock, so that several servers may start at once.

pub mod append_only;
mod m0001_foundation;
pub mod serving_role;
mod unknown_steps;

use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement,
    TransactionTrait as _,
};
use sea_orm_migration::prelude::*;

/// PostgreSQL's advisory lock of migrations; an arbitrary number that never changes.
const LOCK: i64 = 0x0048_4F54_4C49_4E45;

/// The steps in order.
#[derive(Debug)]
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(m0001_foundation::Step)]
    }
}

/// Migrates the database to the newest schema if the role of this connection may: it owns the tables, or there are none
/// yet. For a role that only serves, it checks that the schema is complete.
///
/// # Errors
/// Refusals of the database; the missing steps, and who has to run them.
pub async fn ready(db: &DatabaseConnection) -> Result<(), DbErr> {
    ready_and(db, || std::future::ready(Ok(()))).await
}

/// The same, with a function that runs after each step and can break the migration off.
///
/// # Errors
/// Refusals of the database or of `after_step`; the missing steps.
pub async fn ready_and<F, O>(db: &DatabaseConnection, after_step: F) -> Result<(), DbErr>
where
    F: Fn() -> O,
    O: Future<Output = Result<(), DbErr>>,
{
    if serving_role::may_migrate(db).await? {
        return migrate_and(db, after_step).await;
    }
    refuse_unknown_steps(db).await?;
    let missing = Migrator::get_pending_migrations_read_only(db).await?;
    if missing.is_empty() {
        return Ok(());
    }
    let names: Vec<_> = missing.iter().map(|step| step.name().to_owned()).collect();
    Err(DbErr::Custom(format!(
        "the database lacks {}, and this role does not own its tables; run `hotline-server migrate` as their owner",
        names.join(", ")
    )))
}

/// Migrates the database to the newest schema, completely or not at all.
///
/// # Errors
/// Refusals of the database. Nothing has changed then.
pub async fn migrate(db: &DatabaseConnection) -> Result<(), DbErr> {
    migrate_and(db, || std::future::ready(Ok(()))).await
}

/// The same, with a function that runs after each step and can break the migration off.
///
/// # Errors
/// Refusals of the database or of `after_step`. Nothing has changed then.
pub async fn migrate_and<F, O>(db: &DatabaseConnection, after_step: F) -> Result<(), DbErr>
where
    F: Fn() -> O,
    O: Future<Output = Result<(), DbErr>>,
{
    // One transaction on one connection: it holds the lock and lifts the time-outs for every step. A step that breaks
    // off is rolled back, and a pool of one connection is enough.
    let all = db.begin().await?;
    if db.get_database_backend() == DbBackend::Postgres {
        all.execute_unprepared("SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0").await?;
        all.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({LOCK})")).await?;
    }
    refuse_unknown_steps(&all).await?;
    // One process serves a SQLite file, which its lock file guards.
    for _ in 0..Migrator::get_pending_migrations(&all).await?.len() {
        Migrator::up(&all, Some(1)).await?;
        after_step().await?;
    }
    all.commit().await
}

/// Refuses a database that another build has migrated, before anything is changed.
///
/// # Errors
/// Which database it is; refusals of the database.
pub async fn refuse_unknown_steps(db: &impl ConnectionTrait) -> Result<(), DbErr> {
    let known: Vec<_> = Migrator::migrations().iter().map(|step| step.name().to_owned()).collect();
    unknown_steps::refuse(db, &known).await
}

/// The names of all tables of the newest schema, as the steps make them in an empty database in memory.
///
/// # Errors
/// If a step fails there.
pub async fn tables() -> Result<Vec<String>, DbErr> {
    let mut options = ConnectOptions::new("sqlite::memory:");
    // Each further connection would see an empty database of its own.
    options.max_connections(1).sqlx_logging(false);
    let db = Database::connect(options).await?;
    Migrator::up(&db, None).await?;
    let listed =
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name";
    let rows = db.query_all_raw(Statement::from_string(DbBackend::Sqlite, listed)).await?;
    let names = rows.iter().map(|row| row.try_get_by_index(0)).collect();
    db.close().await?;
    names
}
