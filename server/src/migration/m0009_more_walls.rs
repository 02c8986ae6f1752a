//! On PostgreSQL: walls around the timeline's own tables and those of clients, which no unit reads; and room in the pages
//! of tickets, so that a ticket that changes stays in its page and its indexes as they are.

use sea_orm::DbBackend;
use sea_orm_migration::prelude::*;

use super::m0007_walls::wall;

pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0009_more_walls"
    }
}

/// Table, what may be read of it, and what may be written; in the words of the walls before these.
pub(super) const POLICIES: [(&str, &str, &str); 7] = [
    ("chain_start", "WHOLE OR ticket_number = TICKET", "WHOLE OR ticket_number = TICKET"),
    // Whoever is shown an identity leaves a note to seal the reading.
    ("unsealed_head", "WHOLE OR ticket_number = TICKET", "WHOLE OR ticket_number = TICKET OR HANDLES"),
    ("seal", "WHOLE", "WHOLE"),
    ("seal_entry", "WHOLE", "WHOLE"),
    ("audit_record", "WHOLE", "WHOLE"),
    ("client", "WHOLE", "WHOLE"),
    ("client_credential", "WHOLE", "WHOLE"),
];

/// Percent of a page that new tickets fill. A ticket changes about six times, and each time that it finds no room its
/// seven indexes change with it.
const ROOM: &str = "ALTER TABLE ticket SET (fillfactor = 75)";

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        if db.get_database_backend() != DbBackend::Postgres {
            return Ok(());
        }
        for (table, read, write) in POLICIES {
            for statement in wall(table, read, write) {
                db.execute_unprepared(&statement).await?;
            }
        }
        db.execute_unprepared(ROOM).await?;
        Ok(())
    }
}
