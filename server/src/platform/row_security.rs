//! Row-level security in PostgreSQL: the settings of a connection that say whose rows it may read and write. The
//! policies that go by them stand in `migration`; they hold even if a query forgets its scope. On SQLite there is none.
//!
//! Every connection of the server begins with all rows, which its own work needs. Work for a unit gives that up first,
//! until its transaction ends. A connection without these settings reads no row.

use sea_orm::{ConnectionTrait as _, DbBackend, Statement};

use super::{Fault, Transaction};

/// What every connection of the server begins with: the setting and its value.
pub(super) const ALL_ROWS: (&str, &str) = ("hotline.scope", "all");

/// Gives up all rows for those of one unit, until the transaction ends.
const SET_UNIT_SCOPE: &str = "SELECT set_config('hotline.scope', 'unit', true), set_config('hotline.unit', $1, true), \
                       set_config('hotline.ticket', '', true)";
/// Lets a transaction with a unit's scope read and write the rows of one ticket.
const ALLOW_TICKET: &str = "SELECT set_config('hotline.ticket', $1, true)";

/// Limits a transaction to the rows of a unit.
pub(super) async fn set_unit_scope(tx: &Transaction, unit: &str) -> Result<(), Fault> {
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, SET_UNIT_SCOPE, [unit.into()]);
    tx.execute_raw(statement).await?;
    Ok(())
}

/// Lets a transaction with a unit's scope read and write one ticket's rows.
pub(super) async fn allow_ticket(tx: &Transaction, ticket: i64) -> Result<(), Fault> {
    let statement =
        Statement::from_sql_and_values(DbBackend::Postgres, ALLOW_TICKET, [ticket.to_string().into()]);
    tx.execute_raw(statement).await?;
    Ok(())
}
