//! Whether the database is complete: every table exists, and no table is empty although other data shows that it had
//! rows. This finds a partial restore, and a new database in the place of an old one.

use std::collections::BTreeSet;

use sea_orm::entity::prelude::*;
use sea_orm::{DbBackend, Statement};

use super::finding::{Finding, FindingKind, FindingPlace};
use crate::platform::{Fault, Store, database_identity};

/// The tables that a server fills before it first serves. They have rows if any number was given out.
const FOUNDED: [&str; 6] =
    ["deployment", "policy_document", "calendar_document", "rule_in_force", "unit", "vault_key"];
/// Tables with rows only if a hotline was served.
const SERVED: [&str; 4] = ["ticket", "ticket_event", "checkpoint", "number_block"];

async fn is_true(db: &impl ConnectionTrait, sql: String) -> Result<bool, Fault> {
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await?;
    let count: i64 = row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or(0);
    Ok(count > 0)
}

/// Whether a table has a row that fits.
async fn has(db: &impl ConnectionTrait, table: &str, fits: &str) -> Result<bool, Fault> {
    is_true(db, format!("SELECT COUNT(*) FROM (SELECT 1 FROM {table} WHERE {fits} LIMIT 1) AS found")).await
}

/// The missing tables.
///
/// # Errors
/// If the database can't be reached.
pub async fn missing_tables(db: &impl ConnectionTrait, expected: &[String]) -> Result<Vec<Finding>, Fault> {
    let listed = match db.get_database_backend() {
        DbBackend::Postgres => {
            "SELECT relname::text FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace"
        }
        _ => "SELECT name FROM sqlite_master WHERE type = 'table'",
    };
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), listed)).await?;
    let there = rows.iter().map(|row| row.try_get_by_index(0)).collect::<Result<BTreeSet<String>, _>>()?;
    let missing = expected.iter().filter(|table| !there.contains(*table));
    Ok(missing.map(|table| Finding::new(FindingPlace::Table(table.clone()), FindingKind::Missing)).collect())
}

/// The tables that are empty and should not be, and whether the database is the one that the markers name.
///
/// # Errors
/// If the database can't be reached.
pub async fn findings(store: &Store, markers: impl Iterator<Item = &String>) -> Result<Vec<Finding>, Fault> {
    let snapshot = store.snapshot().await?;
    let mut findings = Vec::new();
    let id = database_identity::database_id(&snapshot).await?;
    if markers.into_iter().any(|marker| Some(marker) != id.as_ref()) {
        findings.push(Finding::new(FindingPlace::Database, FindingKind::AnotherDatabase));
    }
    let empty = |table: &str| Finding::new(FindingPlace::Table(table.to_owned()), FindingKind::Empty);
    let mut was_served = false;
    for table in SERVED {
        was_served |= has(&snapshot, table, "1 = 1").await?;
    }
    if was_served {
        for table in FOUNDED {
            if !has(&snapshot, table, "1 = 1").await? {
                findings.push(empty(table));
            }
        }
    }
    // Events, and heads under a checkpoint, exist only if there was a ticket. A block of numbers proves nothing,
    // because refused requests take one too.
    let were_taken_in = has(&snapshot, "ticket_event", "1 = 1").await?
        || has(&snapshot, "checkpoint_entry", "ticket_number <> 0").await?;
    if were_taken_in && !has(&snapshot, "ticket", "1 = 1").await? {
        findings.push(empty("ticket"));
    }
    snapshot.rollback().await?;
    Ok(findings)
}
