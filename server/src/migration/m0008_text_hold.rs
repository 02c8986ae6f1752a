//! Screened texts: the subject and the content as they were given lie sealed beside who called, and a ticket whose texts
//! wait for an agent can be listed. Only adds columns.

use sea_orm_migration::prelude::*;

pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0008_text_hold"
    }
}

/// Text that both databases read; `BYTES` is the one type that they name differently.
const STATEMENTS: &[&str] = &[
    "ALTER TABLE sealed_identity ADD COLUMN subject BYTES",
    "ALTER TABLE sealed_identity ADD COLUMN content BYTES",
    "ALTER TABLE ticket ADD COLUMN is_held BOOLEAN NOT NULL DEFAULT FALSE",
    // Few tickets are held at a time.
    "CREATE INDEX ticket_held ON ticket (number) WHERE is_held",
];

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        let bytes = match db.get_database_backend() {
            sea_orm::DbBackend::Postgres => "BYTEA",
            _ => "BLOB",
        };
        for statement in STATEMENTS {
            db.execute_unprepared(&statement.replace("BYTES", bytes)).await?;
        }
        Ok(())
    }
}
