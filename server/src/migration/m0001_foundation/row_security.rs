//! The walls: which units a ticket accuses, as rows that a query can ask; and on PostgreSQL row-level security, so that a
//! connection that is confined to a unit reads that unit's tickets and nothing else, whatever the query forgets. Only
//! adds.
//!
//! A connection reaches everything where `hotline.scope` is `all`; what belongs to the tickets of `hotline.unit`; and the
//! rows of the one ticket that `hotline.ticket` names, which it may change. The settings are read once a query. Owners
//! are held to the policies too: development and tests meet the same wall as a server in service.

use sea_orm::DbBackend;
use sea_orm_migration::prelude::*;

pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0007_walls"
    }
}

const TABLES: &[&str] = &[
    "CREATE TABLE ticket_accused (
        ticket_number BIGINT NOT NULL REFERENCES ticket (number),
        unit VARCHAR(64) NOT NULL,
        PRIMARY KEY (ticket_number, unit)
    )",
    "CREATE INDEX unit_parent ON unit (parent)",
];

/// What earlier releases took in.
const SQLITE_ACCUSED: &str = "INSERT INTO ticket_accused (ticket_number, unit)
    SELECT DISTINCT ticket.number, accused.value FROM ticket, json_each(ticket.document, '$.accused_units') AS accused";
const POSTGRES_ACCUSED: &str = "INSERT INTO ticket_accused (ticket_number, unit)
    SELECT DISTINCT ticket.number, accused FROM ticket,
    jsonb_array_elements_text(ticket.document::jsonb -> 'accused_units') AS accused";

/// What the policies ask, as functions: what they need is looked up for units alone, and costs the queries of staff and of
/// the runner nothing. They run as whoever asks, so the walls around the tables that they read hold for them too.
const POSTGRES_FUNCTIONS: &[&str] = &[
    // Whether the unit is this one, or stands under it.
    "CREATE FUNCTION wall_stands_under(above varchar) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
     DECLARE here varchar := current_setting('hotline.unit', true);
     BEGIN
         FOR level IN 0..100 LOOP
             IF here = above THEN RETURN true; END IF;
             SELECT unit.parent INTO here FROM unit WHERE unit.code = here;
             IF here IS NULL THEN RETURN false; END IF;
         END LOOP;
         RETURN true;
     END $$",
    // Whether a ticket complains about the unit, or one above it.
    "CREATE FUNCTION wall_is_accused(number bigint) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
     BEGIN
         RETURN EXISTS (SELECT 1 FROM ticket_accused AS accused
             WHERE accused.ticket_number = number AND wall_stands_under(accused.unit));
     END $$",
    // Whether the unit has a ticket, with a relation up to this one.
    "CREATE FUNCTION wall_has(number bigint, relation_max smallint) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
     BEGIN
         RETURN EXISTS (SELECT 1 FROM ticket_unit AS theirs WHERE theirs.ticket_number = number
             AND theirs.unit = current_setting('hotline.unit', true) AND theirs.relation <= relation_max);
     END $$",
];

/// Names for what the policies ask of the connection; in brackets, so that PostgreSQL asks once a query.
const NAMES: [(&str, &str); 5] = [
    ("WHOLE", "(SELECT current_setting('hotline.scope', true)) = 'all'"),
    ("TICKET", "(SELECT NULLIF(current_setting('hotline.ticket', true), '')::bigint)"),
    ("UNIT", "(SELECT current_setting('hotline.unit', true))"),
    ("HANDLES", "wall_has(ticket_number, 2::smallint)"),
    ("HAS", "wall_has(ticket_number, 3::smallint)"),
];

/// Table, what may be read of it, and what may be written.
pub(super) const POLICIES: [(&str, &str, &str); 13] = [
    (
        "ticket_unit",
        "WHOLE OR ticket_number = TICKET OR (unit = UNIT AND NOT wall_is_accused(ticket_number))",
        "WHOLE OR ticket_number = TICKET",
    ),
    (
        "ticket_accused",
        "WHOLE OR ticket_number = TICKET OR wall_stands_under(unit)",
        "WHOLE OR ticket_number = TICKET",
    ),
    ("ticket", "WHOLE OR number = TICKET OR wall_has(number, 3::smallint)", "WHOLE OR number = TICKET"),
    ("ticket_event", "WHOLE OR ticket_number = TICKET OR HAS", "WHOLE OR ticket_number = TICKET"),
    // A unit that is only informed is never shown who called, nor is any unit where the ticket is confidential.
    (
        "sealed_identity",
        "WHOLE OR ticket_number = TICKET OR (NOT is_confidential AND HANDLES)",
        "WHOLE OR ticket_number = TICKET",
    ),
    ("caller_identity", "WHOLE", "WHOLE"),
    // Whom a unit was shown is on record; the record is not the unit's to read.
    ("identity_read", "WHOLE", "WHOLE OR ticket_number = TICKET OR HANDLES"),
    ("reveal_approval", "WHOLE", "WHOLE"),
    ("ticket_timer", "WHOLE OR ticket_number = TICKET", "WHOLE OR ticket_number = TICKET"),
    ("rung_effect", "WHOLE OR ticket_number = TICKET", "WHOLE OR ticket_number = TICKET"),
    ("digest", "WHOLE OR unit = UNIT", "WHOLE"),
    ("digest_unit", "WHOLE OR unit = UNIT", "WHOLE"),
    (
        "digest_ticket",
        "WHOLE OR ticket_number = TICKET OR (unit = UNIT AND HAS)",
        "WHOLE OR ticket_number = TICKET",
    ),
];

/// What a policy says to PostgreSQL.
pub(super) fn said(rule: &str) -> String {
    NAMES.iter().fold(rule.to_owned(), |rule, (name, what)| rule.replace(name, what))
}

/// The statements that build the wall around a table.
pub(super) fn wall(table: &str, read: &str, write: &str) -> [String; 3] {
    [
        format!("ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"),
        format!("ALTER TABLE {table} FORCE ROW LEVEL SECURITY"),
        format!("CREATE POLICY wall ON {table} USING ({}) WITH CHECK ({})", said(read), said(write)),
    ]
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        for table in TABLES {
            db.execute_unprepared(table).await?;
        }
        if db.get_database_backend() != DbBackend::Postgres {
            db.execute_unprepared(SQLITE_ACCUSED).await?;
            return Ok(());
        }
        db.execute_unprepared(POSTGRES_ACCUSED).await?;
        for function in POSTGRES_FUNCTIONS {
            db.execute_unprepared(function).await?;
        }
        for (table, read, write) in POLICIES {
            for statement in wall(table, read, write) {
                db.execute_unprepared(&statement).await?;
            }
        }
        Ok(())
    }
}
