//! The version that the present dispatch left a ticket in, for tickets that an earlier release dispatched: from it a unit's
//! etag and the sequences of the events that it reads are counted. Only changes documents.

use sea_orm_migration::prelude::*;

pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0014_present_dispatch"
    }
}

/// The kind stands first in a payload, and a document is an object that is never empty.
const FILL: &str = r#"UPDATE ticket SET document = '{"dispatched_version":' || (
        SELECT CAST(MAX(past.sequence) AS VARCHAR(16)) FROM ticket_event AS past
        WHERE past.ticket_number = ticket.number AND past.payload LIKE '{"kind":"ticket_dispatched"%'
    ) || ',' || SUBSTR(document, 2)
    WHERE lead_unit IS NOT NULL AND document NOT LIKE '%"dispatched_version":%' AND EXISTS (
        SELECT 1 FROM ticket_event AS past
        WHERE past.ticket_number = ticket.number AND past.payload LIKE '{"kind":"ticket_dispatched"%'
    )"#;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(FILL).await?;
        Ok(())
    }
}
