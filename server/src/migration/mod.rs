//! The shape of the database, one file a step, each step an expansion or a contraction and never both. Steps run under
//! a lock, so that several servers may start at once.

mod m0001_foundation;
mod m0002_rules;
mod m0003_digests;
mod m0004_vault;
mod m0005_clients;

use sea_orm::{ConnectionTrait as _, DatabaseConnection, DbBackend, TransactionTrait as _};
use sea_orm_migration::prelude::*;

/// PostgreSQL's advisory lock of migrations; any number, always this one.
const LOCK: i64 = 0x0048_4F54_4C49_4E45;

/// The steps in order.
#[derive(Debug)]
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_foundation::Step),
            Box::new(m0002_rules::Step),
            Box::new(m0003_digests::Step),
            Box::new(m0004_vault::Step),
            Box::new(m0005_clients::Step),
        ]
    }
}

/// Brings the database to the newest shape: all the way, or not at all.
///
/// # Errors
/// What the database refuses with. Nothing has changed then.
pub async fn migrate(db: &DatabaseConnection) -> Result<(), DbErr> {
    // One transaction on one connection: it holds the lock and lifts the limits of waiting for every step, a step that
    // breaks off leaves no half of itself behind, and a pool of one connection is enough.
    let all = db.begin().await?;
    if db.get_database_backend() == DbBackend::Postgres {
        all.execute_unprepared("SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0").await?;
        all.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({LOCK})")).await?;
    }
    // One process serves a SQLite file, which its lock file guards.
    Migrator::up(&all, None).await?;
    all.commit().await
}
