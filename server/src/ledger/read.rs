//! Reads tickets and their events. Every read takes the scope of its reader, or says why it needs none.

use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder as _, QuerySelect as _};

use super::rows::{event, ticket};
use super::visibility::UnitLineage;
use crate::access::Scope;
use crate::platform::Fault;
use crate::ticket::{EventRecord, Ticket, TicketNumber, apply};

async fn by_number(
    db: &impl ConnectionTrait,
    scope: &Scope,
    number: TicketNumber,
) -> Result<Select<ticket::Entity>, Fault> {
    let found = ticket::Entity::find_by_id(number.as_i64());
    Ok(match UnitLineage::of(db, scope).await? {
        Some(lineage) => found.filter(lineage.may_see((ticket::Entity, ticket::Column::Number))),
        None => found,
    })
}

fn ticket_of(row: ticket::Model) -> Result<Ticket, Fault> {
    ticket::read(row.number, &row.document, row.content)
}

/// A ticket, if it lies in the scope.
///
/// # Errors
/// If the database refuses, or the row can't be read.
pub async fn find(
    db: &impl ConnectionTrait,
    scope: &Scope,
    number: TicketNumber,
) -> Result<Option<Ticket>, Fault> {
    by_number(db, scope, number).await?.one(db).await?.map(ticket_of).transpose()
}

/// The version of a ticket, if it exists. Only for the self-check of the server, which shows it to nobody.
///
/// # Errors
/// If the database refuses.
pub async fn version_of(db: &impl ConnectionTrait, number: TicketNumber) -> Result<Option<i64>, Fault> {
    let found = ticket::Entity::find_by_id(number.as_i64()).select_only().column(ticket::Column::Version);
    let found: Option<i32> = found.into_tuple().one(db).await?;
    Ok(found.map(i64::from))
}

/// A ticket's events after a sequence, at most `limit`, oldest first. The reader has found the ticket in its scope
/// before.
///
/// # Errors
/// If the database refuses, or a row can't be read.
pub async fn events(
    db: &impl ConnectionTrait,
    number: TicketNumber,
    after: u32,
    limit: u64,
) -> Result<Vec<EventRecord>, Fault> {
    let rows = event::Entity::find()
        .filter(event::Column::TicketNumber.eq(number.as_i64()))
        .filter(event::Column::Sequence.gt(i32::try_from(after).unwrap_or(i32::MAX)))
        .order_by_asc(event::Column::Sequence)
        .limit(limit)
        .all(db)
        .await?;
    rows.into_iter().map(event::read).collect()
}

/// A ticket in an earlier version, folded again from its events. It is for answers that were given before, so the scope
/// is that of the caller that got the answer.
///
/// # Errors
/// If the database refuses, or the events do not fold.
pub async fn at_version(
    db: &impl ConnectionTrait,
    number: TicketNumber,
    version: u32,
) -> Result<Ticket, Fault> {
    let events = events(db, number, 0, u64::from(version)).await?;
    let ticket = apply::fold(&events).map_err(|broken| Fault::internal(broken.what))?;
    if ticket.version == version {
        Ok(ticket)
    } else {
        Err(Fault::internal(format!("{number} has no version {version}")))
    }
}
