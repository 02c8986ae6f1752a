//! The tamper-evident timeline: each event's hash over the one before it, the head of each ticket, the records of what
//! changes no ticket, and the seals over all heads. Only adds.
//!
//! Events that an older release wrote, before this step or while servers of both releases run, have no hash of their
//! own. The next one is hashed over them all the same, and `chain_start` says of them up to where that was.

use sea_orm_migration::prelude::*;

pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0006_timeline"
    }
}

/// Text that both databases read; `BYTES` is the one type that they name differently. In the tables of heads,
/// `ticket_number` is 0 for the chain of a subject of the audit, and `subject` is empty for the one of a ticket.
const TABLES: &[&str] = &[
    "ALTER TABLE ticket_event ADD COLUMN hash BYTES",
    "ALTER TABLE ticket ADD COLUMN head_sequence INTEGER",
    "ALTER TABLE ticket ADD COLUMN head_hash BYTES",
    "CREATE TABLE chain_start (
        ticket_number BIGINT NOT NULL REFERENCES ticket (number),
        sequence INTEGER NOT NULL,
        hash BYTES NOT NULL,
        noted_at BIGINT NOT NULL,
        PRIMARY KEY (ticket_number, sequence)
    )",
    "CREATE TABLE audit_record (
        subject VARCHAR(200) NOT NULL,
        sequence INTEGER NOT NULL,
        recorded_at BIGINT NOT NULL,
        principal VARCHAR(128) NOT NULL,
        unit VARCHAR(64),
        method VARCHAR(64) NOT NULL,
        details TEXT NOT NULL,
        hash BYTES NOT NULL,
        PRIMARY KEY (subject, sequence)
    )",
    "CREATE INDEX audit_record_time ON audit_record (recorded_at, subject, sequence)",
    "CREATE TABLE unsealed_head (
        ticket_number BIGINT NOT NULL,
        subject VARCHAR(200) NOT NULL,
        sequence INTEGER NOT NULL,
        hash BYTES NOT NULL,
        PRIMARY KEY (ticket_number, subject, sequence)
    )",
    "CREATE TABLE seal (
        number BIGINT PRIMARY KEY,
        previous_hash BYTES NOT NULL,
        sealed_at BIGINT NOT NULL,
        head_count INTEGER NOT NULL,
        root BYTES NOT NULL,
        public_key BYTES NOT NULL,
        hash BYTES NOT NULL,
        signature BYTES NOT NULL
    )",
    "CREATE TABLE seal_entry (
        seal_number BIGINT NOT NULL REFERENCES seal (number),
        ticket_number BIGINT NOT NULL,
        subject VARCHAR(200) NOT NULL,
        sequence INTEGER NOT NULL,
        hash BYTES NOT NULL,
        PRIMARY KEY (seal_number, ticket_number, subject)
    )",
    "CREATE INDEX seal_entry_chain ON seal_entry (ticket_number, subject, seal_number)",
];

/// The tables that nothing changes from now on.
const KEPT: [&str; 5] = ["ticket_event", "chain_start", "audit_record", "seal", "seal_entry"];

/// The triggers that keep a table's rows as they were written.
pub(super) fn guards(table: &str, is_postgres: bool) -> Vec<String> {
    if is_postgres {
        return vec![format!(
            "CREATE TRIGGER {table}_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
             FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
        )];
    }
    let guard = |name: &str, what: &str| {
        format!(
            "CREATE TRIGGER {table}_{name} BEFORE {what} ON {table}
             BEGIN SELECT RAISE(ABORT, '{table} is only added to'); END"
        )
    };
    vec![guard("stays", "UPDATE"), guard("is_kept", "DELETE")]
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        let is_postgres = db.get_database_backend() == sea_orm::DbBackend::Postgres;
        let bytes = if is_postgres { "BYTEA" } else { "BLOB" };
        for table in TABLES {
            db.execute_unprepared(&table.replace("BYTES", bytes)).await?;
        }
        for guard in KEPT.into_iter().flat_map(|table| guards(table, is_postgres)) {
            db.execute_unprepared(&guard).await?;
        }
        Ok(())
    }
}
