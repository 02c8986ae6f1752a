//! The shape of the database, one file a step, each step an expansion or a contraction and never both. Steps run under
//! a lock, so that several servers may start at once.

mod m0001_foundation;

use sea_orm::{ConnectionTrait as _, DatabaseConnection, DbBackend, TransactionTrait as _};
use sea_orm_migration::prelude::*;

/// PostgreSQL's advisory lock of migrations; any number, always this one.
const LOCK: i64 = 0x0048_4F54_4C49_4E45;

/// The steps in order.
#[derive(Debug)]
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(m0001_foundation::Step)]
    }
}

/// Brings the database to the newest shape.
///
/// # Errors
/// What the database refuses with.
pub async fn migrate(db: &DatabaseConnection) -> Result<(), DbErr> {
    if db.get_database_backend() != DbBackend::Postgres {
        // One process serves a SQLite file, which its lock file guards.
        return Migrator::up(db, None).await;
    }
    // The lock lives in a transaction of its own and ends with it, whatever happens.
    let lock = db.begin().await?;
    lock.execute_unprepared("SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0").await?;
    lock.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({LOCK})")).await?;
    let outcome = Migrator::up(db, None).await;
    lock.commit().await?;
    outcome
}
