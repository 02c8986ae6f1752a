//! The rules that change with time: calendars by version, which policy and which calendar is in force from when, and the
//! proposals of administrators that bring them there.

use sea_orm_migration::prelude::*;

pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0002_rules"
    }
}

/// Text that both databases read. `kind` is 1 for policies and 2 for calendars.
const TABLES: &[&str] = &[
    "CREATE TABLE calendar_document (
        version VARCHAR(64) PRIMARY KEY,
        first_used_at BIGINT NOT NULL,
        document TEXT NOT NULL
    )",
    "CREATE TABLE rule_in_force (
        kind SMALLINT NOT NULL,
        effective_from BIGINT NOT NULL,
        version VARCHAR(64) NOT NULL,
        proposal INTEGER,
        PRIMARY KEY (kind, effective_from)
    )",
    "CREATE TABLE rule_proposal (
        number INTEGER PRIMARY KEY,
        revision INTEGER NOT NULL,
        kind SMALLINT NOT NULL,
        version VARCHAR(64) NOT NULL,
        base_version VARCHAR(64) NOT NULL,
        effective_from BIGINT NOT NULL,
        state SMALLINT NOT NULL,
        document TEXT NOT NULL
    )",
    "CREATE INDEX rule_proposal_state ON rule_proposal (state, number)",
];

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        for table in TABLES {
            db.execute_unprepared(table).await?;
        }
        Ok(())
    }
}
