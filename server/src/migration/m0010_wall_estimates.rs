//! On PostgreSQL: the same walls in words of which its planner expects the right thing. Where a setting is compared with a
//! text, it reckons that one row of 200 passes; it then read and sorted every timer that was due, rather than take the
//! first hundred along their index. Of a `CASE` it reckons that every second row does.

use sea_orm::DbBackend;
use sea_orm_migration::prelude::*;

use super::{m0007_walls, m0009_more_walls};

pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0010_wall_estimates"
    }
}

/// Whether a connection reaches everything.
pub(super) const WHOLE: &str =
    "(CASE WHEN (SELECT current_setting('hotline.scope', true)) = 'all' THEN TRUE ELSE FALSE END)";

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        if db.get_database_backend() != DbBackend::Postgres {
            return Ok(());
        }
        for (table, read, write) in m0007_walls::POLICIES.into_iter().chain(m0009_more_walls::POLICIES) {
            let [read, write] = [read, write].map(|rule| m0007_walls::said(&rule.replace("WHOLE", WHOLE)));
            let altered = format!("ALTER POLICY wall ON {table} USING ({read}) WITH CHECK ({write})");
            db.execute_unprepared(&altered).await?;
        }
        Ok(())
    }
}
