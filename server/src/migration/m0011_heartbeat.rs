//! The heartbeat of each server: a row that health writes and reads back on another connection. Only adds a table.

use sea_orm::DbBackend;
use sea_orm_migration::prelude::*;

use super::{m0007_walls, m0010_wall_estimates};

pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0011_heartbeat"
    }
}

/// Text that both databases read.
const TABLE: &str = "CREATE TABLE heartbeat (
    server VARCHAR(36) PRIMARY KEY,
    beat BIGINT NOT NULL,
    written_at BIGINT NOT NULL
)";

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        db.execute_unprepared(TABLE).await?;
        if db.get_database_backend() == DbBackend::Postgres {
            let whole = m0010_wall_estimates::WHOLE;
            for statement in m0007_walls::wall("heartbeat", whole, whole) {
                db.execute_unprepared(&statement).await?;
            }
        }
        Ok(())
    }
}
