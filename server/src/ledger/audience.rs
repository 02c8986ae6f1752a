//! The audience of a ticket: the rule of [`visibility`](super::visibility) in memory, for one reader of the database
//! that serves many callers. Both give the same answer for every unit (`tests/store/feed_scopes.rs`).

use std::collections::HashMap;

use sea_orm::entity::prelude::*;
use sea_orm::{DbBackend, QuerySelect as _, Statement};

use super::rows::{ticket, unit};
use crate::platform::Fault;
use crate::platform::bulk_sql::{is_among, json_rows};
use crate::ticket::{Instant, Ticket, UnitCode};

/// The accused units of some tickets, the units that took over from them, and every unit under any of these, as the
/// tree is now. It is the lineage of [`visibility`](super::visibility), walked from the other end.
const HIDDEN_FROM: &str = "WITH RECURSIVE barred (ticket_number, unit) AS (\
     SELECT ticket_accused.ticket_number, ticket_accused.unit FROM ticket_accused \
     WHERE ticket_accused.ticket_number IN (NUMBERS) \
     UNION SELECT barred.ticket_number, unit.successor FROM unit JOIN barred ON unit.code = barred.unit \
     WHERE unit.successor IS NOT NULL), \
     hidden (ticket_number, unit) AS (SELECT ticket_number, unit FROM barred \
     UNION SELECT hidden.ticket_number, unit.code FROM unit JOIN hidden ON unit.parent = hidden.unit) \
     SELECT ticket_number, unit FROM hidden";

/// The units that may see a ticket, and what decides what they see of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Audience {
    /// The units that the ticket was dispatched to.
    units: Vec<String>,
    /// The accused units, their successors, and all units under them.
    hidden_from: Vec<String>,
    /// Whether units may not learn who called.
    pub(crate) is_confidential: bool,
    /// When the present units got the ticket.
    pub(crate) dispatched_at: Option<Instant>,
    /// The version that the present dispatch left the ticket in.
    pub(crate) dispatched_version: Option<u32>,
}

impl Audience {
    /// Whether a unit may see the ticket.
    pub(crate) fn includes(&self, unit: &UnitCode) -> bool {
        let names = |units: &[String]| units.iter().any(|one| one == unit.as_str());
        names(&self.units) && !names(&self.hidden_from)
    }

    fn of(ticket: &Ticket) -> Self {
        Self {
            units: Vec::new(),
            hidden_from: Vec::new(),
            is_confidential: ticket.is_confidential,
            dispatched_at: ticket.dispatch.as_ref().map(|dispatch| dispatch.dispatched_at),
            dispatched_version: ticket.dispatched_version,
        }
    }
}

/// The audiences of some tickets, by number. A ticket that the connection may not see has none. The caller decides by
/// them who is shown what.
///
/// # Errors
/// If the database refuses, or a row can't be read.
pub(crate) async fn of_tickets(
    db: &impl ConnectionTrait,
    numbers: &[i64],
) -> Result<HashMap<i64, Audience>, Fault> {
    let mut found = HashMap::new();
    if numbers.is_empty() {
        return Ok(found);
    }
    let tickets: Vec<(i64, String)> = ticket::Entity::find()
        .select_only()
        .columns([ticket::Column::Number, ticket::Column::Document])
        .filter(is_among(db, ticket::Column::Number, numbers.to_vec()))
        .into_tuple()
        .all(db)
        .await?;
    for (number, document) in tickets {
        found.insert(number, Audience::of(&ticket::read(number, &document, String::new())?));
    }
    for (number, unit) in units_of(db, numbers).await? {
        found.entry(number).and_modify(|audience| audience.units.push(unit));
    }
    for (number, unit) in hidden_from(db, numbers).await? {
        found.entry(number).and_modify(|audience| audience.hidden_from.push(unit));
    }
    Ok(found)
}

/// The audience of a ticket whose document can't be read: it says who may see the ticket, and nothing of what.
///
/// # Errors
/// If the database refuses.
pub(crate) async fn without_document(db: &impl ConnectionTrait, number: i64) -> Result<Audience, Fault> {
    let units = units_of(db, &[number]).await?.into_iter().map(|(_, unit)| unit).collect();
    let hidden_from = hidden_from(db, &[number]).await?.into_iter().map(|(_, unit)| unit).collect();
    Ok(Audience { units, hidden_from, is_confidential: true, ..Audience::default() })
}

async fn units_of(db: &impl ConnectionTrait, numbers: &[i64]) -> Result<Vec<(i64, String)>, Fault> {
    let units = unit::Entity::find()
        .select_only()
        .columns([unit::Column::TicketNumber, unit::Column::Unit])
        .filter(is_among(db, unit::Column::TicketNumber, numbers.to_vec()));
    Ok(units.into_tuple().all(db).await?)
}

/// The units that some tickets are hidden from, whether the tickets were dispatched to them or not: each with the
/// ticket.
///
/// # Errors
/// If the database refuses.
pub(super) async fn hidden_from(
    db: &impl ConnectionTrait,
    numbers: &[i64],
) -> Result<Vec<(i64, String)>, Fault> {
    let backend = db.get_database_backend();
    let list = match backend {
        DbBackend::Postgres => {
            "SELECT CAST(value AS BIGINT) FROM jsonb_array_elements_text(CAST($1 AS JSONB))"
        }
        _ => "SELECT value FROM json_each($1)",
    };
    let sql = HIDDEN_FROM.replace("NUMBERS", list);
    let statement = Statement::from_sql_and_values(backend, sql, [json_rows(&numbers)?.into()]);
    let rows = db.query_all_raw(statement).await?;
    rows.iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))).collect()
}
