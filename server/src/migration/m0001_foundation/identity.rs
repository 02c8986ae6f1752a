//! The identity vault: who called, sealed field by field; the keys that sealed it; who read it, and who allowed that.
//! Only adds tables: what `caller_identity` still holds is sealed and taken out of it when a server starts.

use sea_orm_migration::prelude::*;

pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0004_vault"
    }
}

/// Text that both databases read; `BYTES` is the one type that they name differently.
const TABLES: &[&str] = &[
    "CREATE TABLE vault_key (
        version INTEGER PRIMARY KEY,
        proof BYTES NOT NULL,
        first_seen_at BIGINT NOT NULL
    )",
    "CREATE TABLE sealed_identity (
        ticket_number BIGINT PRIMARY KEY REFERENCES ticket (number),
        is_confidential BOOLEAN NOT NULL,
        key_version INTEGER NOT NULL REFERENCES vault_key (version),
        wrapped_key BYTES NOT NULL,
        enterprise_name BYTES,
        social_credit_code BYTES,
        contact_name BYTES,
        contact_phone BYTES,
        code_index BYTES,
        phone_index BYTES
    )",
    "CREATE INDEX sealed_identity_code ON sealed_identity (code_index)",
    "CREATE INDEX sealed_identity_phone ON sealed_identity (phone_index)",
    "CREATE INDEX sealed_identity_key ON sealed_identity (key_version, ticket_number)",
    "CREATE TABLE reveal_approval (
        id VARCHAR(36) PRIMARY KEY,
        ticket_number BIGINT NOT NULL REFERENCES ticket (number),
        principal VARCHAR(128) NOT NULL,
        purpose SMALLINT NOT NULL,
        approved_by VARCHAR(128) NOT NULL,
        note TEXT NOT NULL,
        approved_at BIGINT NOT NULL,
        expires_at BIGINT NOT NULL,
        used_for VARCHAR(36)
    )",
    "CREATE INDEX reveal_approval_ticket ON reveal_approval (ticket_number, principal, expires_at)",
    "CREATE TABLE identity_read (
        id VARCHAR(36) PRIMARY KEY,
        ticket_number BIGINT NOT NULL REFERENCES ticket (number),
        read_at BIGINT NOT NULL,
        principal VARCHAR(128) NOT NULL,
        unit VARCHAR(64),
        occasion SMALLINT NOT NULL,
        purpose SMALLINT,
        note TEXT NOT NULL,
        approved_by VARCHAR(128)
    )",
    "CREATE INDEX identity_read_time ON identity_read (read_at, id)",
    "CREATE INDEX identity_read_ticket ON identity_read (ticket_number, read_at, id)",
    "CREATE INDEX identity_read_principal ON identity_read (principal, read_at, id)",
];

/// What keeps the list of readings as it was written, whoever is connected; PostgreSQL wants a function for it.
const SQLITE_GUARDS: &[&str] = &[
    "CREATE TRIGGER identity_read_stays BEFORE UPDATE ON identity_read
     BEGIN SELECT RAISE(ABORT, 'a reading of an identity is never changed'); END",
    "CREATE TRIGGER identity_read_is_kept BEFORE DELETE ON identity_read
     BEGIN SELECT RAISE(ABORT, 'a reading of an identity is never deleted'); END",
];
const POSTGRES_GUARDS: &[&str] = &[
    "CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN RAISE EXCEPTION '% is only added to', TG_TABLE_NAME; END $$",
    "CREATE TRIGGER identity_read_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON identity_read
     FOR EACH STATEMENT EXECUTE FUNCTION append_only()",
];

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        let (bytes, guards) = match db.get_database_backend() {
            sea_orm::DbBackend::Postgres => ("BYTEA", POSTGRES_GUARDS),
            _ => ("BLOB", SQLITE_GUARDS),
        };
        for table in TABLES {
            db.execute_unprepared(&table.replace("BYTES", bytes)).await?;
        }
        for guard in guards {
            db.execute_unprepared(guard).await?;
        }
        Ok(())
    }
}
