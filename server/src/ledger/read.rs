//! Reads tickets and their events. Every read takes the scope of its reader, or says why it needs none.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder as _, QuerySelect as _};

use super::rows::{event, ticket};
use super::visibility::UnitLineage;
use crate::access::Scope;
use crate::platform::Fault;
use crate::platform::bulk_sql::is_among;
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

/// Tickets that lie in the scope of staff, without their content, by number.
///
/// # Errors
/// If the database refuses, or a row can't be read.
pub async fn find_all(db: &impl ConnectionTrait, numbers: Vec<i64>) -> Result<Vec<Ticket>, Fault> {
    if numbers.is_empty() {
        return Ok(Vec::new());
    }
    let found = ticket::Entity::find()
        .select_only()
        .columns([ticket::Column::Number, ticket::Column::Document])
        .filter(is_among(db, ticket::Column::Number, numbers))
        .order_by_asc(ticket::Column::Number);
    let found: Vec<(i64, String)> = found.into_tuple().all(db).await?;
    found.into_iter().map(|(number, document)| ticket::read(number, &document, String::new())).collect()
}

/// Tickets that lie in the scope of staff, with their contents, by number.
///
/// # Errors
/// If the database refuses, or a row can't be read.
pub async fn find_all_with_content(
    db: &impl ConnectionTrait,
    numbers: Vec<i64>,
) -> Result<Vec<Ticket>, Fault> {
    let found = ticket::Entity::find()
        .filter(is_among(db, ticket::Column::Number, numbers))
        .order_by_asc(ticket::Column::Number);
    found.all(db).await?.into_iter().map(ticket_of).collect()
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

/// The numbers of the tickets after one, at most `limit`. For what the server counts by itself.
///
/// # Errors
/// If the database refuses.
pub async fn numbers_after(db: &impl ConnectionTrait, after: i64, limit: u64) -> Result<Vec<i64>, Fault> {
    let numbers = ticket::Entity::find()
        .select_only()
        .column(ticket::Column::Number)
        .filter(ticket::Column::Number.gt(after))
        .order_by_asc(ticket::Column::Number)
        .limit(limit);
    Ok(numbers.into_tuple().all(db).await?)
}

/// Those of some tickets that are confidential.
///
/// # Errors
/// If the database refuses.
pub async fn confidential(db: &impl ConnectionTrait, numbers: Vec<i64>) -> Result<BTreeSet<i64>, Fault> {
    if numbers.is_empty() {
        return Ok(BTreeSet::new());
    }
    let found = ticket::Entity::find()
        .select_only()
        .column(ticket::Column::Number)
        .filter(is_among(db, ticket::Column::Number, numbers))
        .filter(ticket::Column::IsConfidential.eq(true));
    let found: Vec<i64> = found.into_tuple().all(db).await?;
    Ok(found.into_iter().collect())
}

/// All events of some tickets, by ticket, oldest first. Without a scope: for what the server counts by itself. Who sees
/// what is counted is decided when it is shown.
///
/// # Errors
/// If the database refuses, or a row can't be read.
pub async fn all_events(
    db: &impl ConnectionTrait,
    numbers: &[i64],
) -> Result<BTreeMap<i64, Vec<EventRecord>>, Fault> {
    let mut all: BTreeMap<i64, Vec<EventRecord>> = BTreeMap::new();
    if numbers.is_empty() {
        return Ok(all);
    }
    let rows = event::Entity::find()
        .filter(is_among(db, event::Column::TicketNumber, numbers.to_vec()))
        .order_by_asc(event::Column::TicketNumber)
        .order_by_asc(event::Column::Sequence)
        .all(db)
        .await?;
    for row in rows {
        all.entry(row.ticket_number).or_default().push(event::read(row)?);
    }
    Ok(all)
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
