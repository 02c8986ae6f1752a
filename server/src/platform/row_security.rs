//! Row-level security in PostgreSQL: the settings of a connection that say which rows it may read and write. The
//! policies that use them are in `migration`; they hold even if a query forgets its scope. SQLite has none.
//!
//! Every connection of the server begins with access to all rows, which the server's own work needs. Work for a unit
//! gives this up first, until its transaction ends. A connection without these settings can read no row.

use sea_orm::{ConnectionTrait as _, DbBackend, Statement};

use super::{Fault, Transaction};

/// The setting that every connection of the server begins with, and its value.
pub(super) const ALL_ROWS: (&str, &str) = ("hotline.scope", "all");

/// Limits access to the rows of one unit, until the transaction ends.
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
