//! The lock under which checkpoints and restores are written, by one server at a time. SQLite needs none, because it
//! has one writer.

use sea_orm::{ConnectionTrait as _, DbBackend, Statement};

use crate::platform::{Fault, Work};

/// PostgreSQL's advisory lock of the chain of checkpoints; an arbitrary number that never changes.
const LOCK: i64 = 0x0048_4F54_4348_4543;

/// Waits until no other server writes a checkpoint, and locks it until this unit of work ends.
pub(crate) async fn wait(work: &Work) -> Result<(), Fault> {
    if work.tx.get_database_backend() == DbBackend::Postgres {
        work.tx.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({LOCK})")).await?;
    }
    Ok(())
}

/// Takes the lock until this unit of work ends; returns whether it was free.
pub(super) async fn try_take(work: &Work) -> Result<bool, Fault> {
    if work.tx.get_database_backend() != DbBackend::Postgres {
        return Ok(true);
    }
    let sql = format!("SELECT pg_try_advisory_xact_lock({LOCK})");
    let row = work.tx.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
    Ok(row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or(false))
}
