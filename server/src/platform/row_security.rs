//! Row-level security in PostgreSQL: the settings of a connection that say which rows it may read and write. The
//! policies that use them are in `migration`; they hold even if a query forgets its scope. SQLite has none.
//!
//! Every connection of the server begins with access to all rows, which the server's own work needs. Work for a unit
//! gives this up first, until its transaction ends. A connection without these settings can read no row.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait as _, DbBackend, Statement};

use super::{Fault, Transaction};

/// Limits access to the rows of one unit, until the transaction ends.
const SET_UNIT_SCOPE: &str = "SELECT set_config('hotline.scope', 'unit', true), set_config('hotline.unit', $1, true), \
                       set_config('hotline.claims', '', true), set_config('hotline.tickets', '', true)";
/// Gives up all rows for those that some units have claimed, until the transaction ends.
const SET_CLAIMS_SCOPE: &str = "SELECT set_config('hotline.scope', 'claims', true), set_config('hotline.unit', '', true), \
                       set_config('hotline.claims', $1, true), set_config('hotline.tickets', '', true)";
/// Lets a transaction with a unit's scope read and write the rows of some tickets.
const ALLOW_TICKETS: &str = "SELECT set_config('hotline.tickets', $1, true)";

/// A ticket, and the one unit for which a transaction asks for it. The transaction sees the ticket only if the unit
/// does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TicketClaim<'a> {
    /// The number of the ticket.
    pub ticket: i64,
    /// The code of the unit.
    pub unit: &'a str,
}

/// Limits a transaction to the rows of a unit.
pub(super) async fn set_unit_scope(tx: &Transaction, unit: &str) -> Result<(), Fault> {
    set(tx, SET_UNIT_SCOPE, unit.to_owned()).await
}

/// The statement that limits a transaction to the rows of a unit, to be sent behind a BEGIN. `None` for a code with
/// characters that would have to be quoted.
pub(super) fn unit_scope_statement(unit: &str) -> Option<String> {
    let is_plain = unit.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    is_plain.then(|| format!("; {}", SET_UNIT_SCOPE.replace("$1", &format!("'{unit}'"))))
}

/// Limits a transaction to what some units may see of the tickets that each of them claims. A ticket has one claim at
/// most, so that no unit's transaction is opened to a ticket by the right of another unit.
pub(super) async fn set_claims_scope(tx: &Transaction, claims: &[TicketClaim<'_>]) -> Result<(), Fault> {
    let by_ticket: BTreeMap<i64, &str> = claims.iter().map(|claim| (claim.ticket, claim.unit)).collect();
    if by_ticket.len() != claims.len() {
        return Err(Fault::internal("two commands of one transaction claim the same ticket"));
    }
    let claims = serde_json::to_string(&by_ticket)
        .map_err(|error| Fault::internal(format!("claims that cannot be written as JSON: {error}")))?;
    set(tx, SET_CLAIMS_SCOPE, claims).await
}

/// Lets a transaction with a unit's scope read and write the rows of these tickets, and of no others any more.
pub(super) async fn allow_tickets(tx: &Transaction, tickets: &[i64]) -> Result<(), Fault> {
    set(tx, ALLOW_TICKETS, AllowedTickets(tickets.to_vec()).setting()).await
}

/// The tickets whose rows a transaction with a scope of units reads and writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AllowedTickets(pub(crate) Vec<i64>);

impl AllowedTickets {
    /// The name of the setting.
    pub(crate) const SETTING: &'static str = "hotline.tickets";

    /// Its value, as PostgreSQL writes an array.
    pub(crate) fn setting(&self) -> String {
        let numbers: Vec<_> = self.0.iter().map(i64::to_string).collect();
        format!("{{{}}}", numbers.join(","))
    }
}

async fn set(tx: &Transaction, sql: &str, value: String) -> Result<(), Fault> {
    tx.execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, [value.into()])).await?;
    Ok(())
}
