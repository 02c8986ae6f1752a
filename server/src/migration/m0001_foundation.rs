//! The first schema of the database.
//!
//! Instants are microseconds since 1970 in UTC, the same integer in both databases, so that they compare and sort the
//! same everywhere. Events and tickets keep their parts as JSON text beside the columns that queries need.

mod analysis;
mod append_only_triggers;
mod assessment;
mod audit_log;
mod calls;
mod clients;
mod digests;
mod directory;
mod feed;
mod identity;
mod knowledge;
mod messages;
mod rosters;
mod row_security;
mod rules;
mod search;
mod seats;
mod servers;
mod suggestions;
mod tickets;

use sea_orm::DbBackend;
use sea_orm_migration::prelude::*;

pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0001_foundation"
    }
}

/// Text that both databases read, in an order in which each table comes after those that it refers to. They name two
/// types differently: `BYTES`, and the integer of a primary key. SQLite finds a row by its key in one step only if
/// the type of the key is `INTEGER`.
const STATEMENTS: [&[&str]; 18] = [
    tickets::STATEMENTS,
    directory::STATEMENTS,
    knowledge::STATEMENTS,
    rules::STATEMENTS,
    digests::STATEMENTS,
    feed::STATEMENTS,
    search::STATEMENTS,
    identity::STATEMENTS,
    calls::STATEMENTS,
    seats::STATEMENTS,
    rosters::STATEMENTS,
    audit_log::STATEMENTS,
    clients::STATEMENTS,
    servers::STATEMENTS,
    suggestions::STATEMENTS,
    assessment::STATEMENTS,
    analysis::STATEMENTS,
    messages::STATEMENTS,
];

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        let is_postgres = db.get_database_backend() == DbBackend::Postgres;
        let (bytes, key) = if is_postgres { ("BYTEA", "BIGINT") } else { ("BLOB", "INTEGER") };
        let key = format!("{key} PRIMARY KEY");
        for statement in STATEMENTS.concat() {
            let statement = statement.replace("BYTES", bytes).replace("BIGINT PRIMARY KEY", &key);
            db.execute_unprepared(&statement).await?;
        }
        let of_one = if is_postgres { [feed::POSTGRES, search::POSTGRES] } else { [feed::SQLITE, &[]] };
        for statement in of_one.concat() {
            db.execute_unprepared(statement).await?;
        }
        for statement in append_only_triggers::statements(is_postgres) {
            db.execute_unprepared(&statement).await?;
        }
        if is_postgres {
            for statement in knowledge::POSTGRES {
                db.execute_unprepared(statement).await?;
            }
            for statement in row_security::statements() {
                db.execute_unprepared(&statement).await?;
            }
        }
        Ok(())
    }
}
