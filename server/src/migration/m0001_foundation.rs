//! The first shape: tickets with their events, timers, effects and units; identities apart; the directory; policies;
//! request records.
//!
//! Instants are microseconds since 1970 in UTC, the same integer in both databases, so that they compare and sort the
//! same everywhere. Events and tickets keep their parts as JSON text beside the columns that queries need.

use sea_orm_migration::prelude::*;

pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0001_foundation"
    }
}

/// Text that both databases read; `BYTES` is the one type that they name differently.
const TABLES: &[&str] = &[
    "CREATE TABLE ticket (
        number BIGINT PRIMARY KEY,
        version INTEGER NOT NULL,
        state VARCHAR(16) NOT NULL,
        category SMALLINT NOT NULL,
        topic VARCHAR(64),
        district VARCHAR(6),
        lead_unit VARCHAR(64),
        rung SMALLINT NOT NULL,
        received_at BIGINT NOT NULL,
        due_at BIGINT NOT NULL,
        is_open BOOLEAN NOT NULL,
        source_owner VARCHAR(64),
        source_system VARCHAR(64),
        source_reference VARCHAR(128),
        content TEXT NOT NULL,
        document TEXT NOT NULL
    )",
    "CREATE UNIQUE INDEX ticket_source ON ticket (source_owner, source_system, source_reference)",
    "CREATE INDEX ticket_due ON ticket (due_at, number)",
    "CREATE INDEX ticket_open_due ON ticket (is_open, due_at, number)",
    "CREATE INDEX ticket_lead ON ticket (lead_unit, number)",
    "CREATE INDEX ticket_state ON ticket (state, number)",
    "CREATE TABLE ticket_event (
        ticket_number BIGINT NOT NULL REFERENCES ticket (number),
        sequence INTEGER NOT NULL,
        occurred_at BIGINT NOT NULL,
        principal VARCHAR(128) NOT NULL,
        unit VARCHAR(64),
        payload TEXT NOT NULL,
        PRIMARY KEY (ticket_number, sequence)
    )",
    "CREATE TABLE ticket_unit (
        unit VARCHAR(64) NOT NULL,
        ticket_number BIGINT NOT NULL REFERENCES ticket (number),
        relation SMALLINT NOT NULL,
        is_open BOOLEAN NOT NULL,
        due_at BIGINT NOT NULL,
        PRIMARY KEY (unit, ticket_number)
    )",
    "CREATE INDEX ticket_unit_ticket ON ticket_unit (ticket_number)",
    "CREATE INDEX ticket_unit_due ON ticket_unit (unit, due_at, ticket_number)",
    "CREATE INDEX ticket_unit_open_due ON ticket_unit (unit, is_open, due_at, ticket_number)",
    "CREATE TABLE caller_identity (
        ticket_number BIGINT PRIMARY KEY REFERENCES ticket (number),
        enterprise_name TEXT,
        social_credit_code TEXT,
        contact_name TEXT,
        contact_phone TEXT
    )",
    "CREATE TABLE ticket_timer (
        ticket_number BIGINT NOT NULL REFERENCES ticket (number),
        cycle INTEGER NOT NULL,
        rung SMALLINT NOT NULL,
        due_at BIGINT NOT NULL,
        tries INTEGER NOT NULL,
        claim_after BIGINT NOT NULL,
        PRIMARY KEY (ticket_number, cycle, rung)
    )",
    "CREATE INDEX ticket_timer_claim ON ticket_timer (claim_after, ticket_number)",
    "CREATE TABLE rung_effect (
        ticket_number BIGINT NOT NULL REFERENCES ticket (number),
        cycle INTEGER NOT NULL,
        rung SMALLINT NOT NULL,
        fired_at BIGINT NOT NULL,
        PRIMARY KEY (ticket_number, cycle, rung)
    )",
    "CREATE TABLE deployment (
        id SMALLINT PRIMARY KEY,
        is_simulated BOOLEAN NOT NULL
    )",
    "CREATE TABLE number_block (
        day INTEGER PRIMARY KEY,
        next_sequence INTEGER NOT NULL
    )",
    "CREATE TABLE request_record (
        principal VARCHAR(128) NOT NULL,
        request_id VARCHAR(36) NOT NULL,
        fingerprint VARCHAR(64) NOT NULL,
        ticket_number BIGINT,
        ticket_version INTEGER,
        answer BYTES,
        recorded_at BIGINT NOT NULL,
        PRIMARY KEY (principal, request_id)
    )",
    "CREATE INDEX request_record_age ON request_record (recorded_at)",
    "CREATE TABLE policy_document (
        version VARCHAR(32) PRIMARY KEY,
        first_used_at BIGINT NOT NULL,
        document TEXT NOT NULL
    )",
    "CREATE TABLE unit (
        code VARCHAR(64) PRIMARY KEY,
        name VARCHAR(100) NOT NULL,
        name_en VARCHAR(200) NOT NULL,
        unit_group SMALLINT NOT NULL,
        parent VARCHAR(64) REFERENCES unit (code),
        district VARCHAR(6),
        is_active BOOLEAN NOT NULL,
        version INTEGER NOT NULL
    )",
    "CREATE TABLE topic (
        code VARCHAR(64) PRIMARY KEY,
        name VARCHAR(100) NOT NULL,
        name_en VARCHAR(200) NOT NULL
    )",
    "CREATE TABLE catalogue_entry (
        topic VARCHAR(64) NOT NULL,
        district VARCHAR(6) NOT NULL,
        effective_from BIGINT NOT NULL,
        effective_until BIGINT,
        unit VARCHAR(64) NOT NULL REFERENCES unit (code),
        PRIMARY KEY (topic, district, effective_from)
    )",
];

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        let bytes = match db.get_database_backend() {
            sea_orm::DbBackend::Postgres => "BYTEA",
            _ => "BLOB",
        };
        for table in TABLES {
            db.execute_unprepared(&table.replace("BYTES", bytes)).await?;
        }
        Ok(())
    }
}
