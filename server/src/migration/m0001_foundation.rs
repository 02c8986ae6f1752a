//! The first schema of the database.
//!
//! Instants are microseconds since 1970 in UTC, the same integer in both databases, so that they compare and sort the
//! same everywhere. Events and tickets keep their parts as JSON text beside the columns that queries need.

mod append_only_triggers;
mod audit_log;
mod clients;
mod digests;
mod directory;
mod identity;
mod row_security;
mod rules;
mod servers;
mod tickets;

use sea_orm::DbBackend;
use sea_orm_migration::prelude::*;

pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0001_foundation"
    }
}

/// Statements for both databases, ordered so that each table comes after those that it refers to. `BYTES` is the one
/// type that they name differently.
const STATEMENTS: [&[&str]; 8] = [
    tickets::STATEMENTS,
    directory::STATEMENTS,
    rules::STATEMENTS,
    digests::STATEMENTS,
    identity::STATEMENTS,
    audit_log::STATEMENTS,
    clients::STATEMENTS,
    servers::STATEMENTS,
];

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        let is_postgres = db.get_database_backend() == DbBackend::Postgres;
        let bytes = if is_postgres { "BYTEA" } else { "BLOB" };
        for statement in STATEMENTS.concat() {
            db.execute_unprepared(&statement.replace("BYTES", bytes)).await?;
        }
        for statement in append_only_triggers::statements(is_postgres) {
            db.execute_unprepared(&statement).await?;
        }
        if is_postgres {
            for statement in row_security::statements() {
                db.execute_unprepared(&statement).await?;
            }
        }
        Ok(())
    }
}
