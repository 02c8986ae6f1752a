//! The id of the database, and the restores: one signed entry for each time that a backup was put in the database's place.
//! Only adds.

use sea_orm::DbBackend;
use sea_orm_migration::prelude::*;

use super::m0006_timeline::guards;
use super::m0007_walls::wall;
use super::m0010_wall_estimates::WHOLE;

pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0012_restores"
    }
}

/// Text that both databases read, but for `BYTES`.
const TABLES: [&str; 2] = [
    "CREATE TABLE database_identity (
        id SMALLINT PRIMARY KEY,
        database_id VARCHAR(36) NOT NULL,
        founded_at BIGINT NOT NULL
    )",
    "CREATE TABLE restore_entry (
        number BIGINT PRIMARY KEY,
        restored_at BIGINT NOT NULL,
        last_seal BIGINT NOT NULL,
        last_hash BYTES NOT NULL,
        abandoned_seal BIGINT NOT NULL,
        abandoned_hash BYTES NOT NULL,
        restored_by VARCHAR(128) NOT NULL,
        reason TEXT NOT NULL,
        skipped_numbers TEXT NOT NULL,
        public_key BYTES NOT NULL,
        hash BYTES NOT NULL,
        signature BYTES NOT NULL
    )",
];

/// The tables that nothing changes once a row is in them; no unit reads them.
const KEPT: [&str; 2] = ["database_identity", "restore_entry"];

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        let is_postgres = db.get_database_backend() == DbBackend::Postgres;
        let bytes = if is_postgres { "BYTEA" } else { "BLOB" };
        for table in TABLES {
            db.execute_unprepared(&table.replace("BYTES", bytes)).await?;
        }
        for table in KEPT {
            for guard in guards(table, is_postgres) {
                db.execute_unprepared(&guard).await?;
            }
            if is_postgres {
                for statement in wall(table, WHOLE, WHOLE) {
                    db.execute_unprepared(&statement).await?;
                }
            }
        }
        Ok(())
    }
}
