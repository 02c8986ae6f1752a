//! Reads tickets and their events. Every read takes the scope of its reader, or says why it needs none.

use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder as _, QuerySelect as _};

use super::locked_ticket::{LockedTicket, head_of_row};
use super::rows::{event, ticket};
use super::visibility::UnitLineage;
use crate::access::Scope;
use crate::platform::{Fault, Work, failpoint};
use crate::ticket::columns;
use crate::ticket::{EventRecord, Source, Ticket, TicketNumber, apply};

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

fn locked_of(row: ticket::Model) -> Result<LockedTicket, Fault> {
    let head = Some(head_of_row(row.head_sequence, &row.head_hash)?);
    Ok(LockedTicket { ticket: ticket_of(row)?, head })
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

/// A ticket in the scope, locked until the unit of work ends. A unit of work with a unit scope may then access its
/// rows.
///
/// # Errors
/// If the database refuses, or the row can't be read.
pub async fn lock(work: &Work, scope: &Scope, number: TicketNumber) -> Result<Option<LockedTicket>, Fault> {
    failpoint::reach("ticket.lock").await?;
    let locked = by_number(&work.tx, scope, number).await?.lock_exclusive();
    let locked = locked.one(&work.tx).await?.map(locked_of).transpose()?;
    // PostgreSQL read the units before it waited for the lock, but the ticket is read after it.
    let locked = locked.filter(|ticket| match scope {
        Scope::All => true,
        Scope::Unit(unit) => ticket.relation_of(unit).is_some(),
    });
    if locked.is_some() {
        work.allow_ticket(number.as_i64()).await?;
    }
    Ok(locked)
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

/// The number of the ticket with this natural key, whoever made it, because the key makes an intake repeatable. The
/// tickets that a unit took in are rarely in its scope, so this is read before the unit scope is set.
///
/// # Errors
/// If the database refuses.
pub async fn number_of_source(
    db: &impl ConnectionTrait,
    source: &Source,
) -> Result<Option<TicketNumber>, Fault> {
    let found: Option<i64> = ticket::Entity::find()
        .select_only()
        .column(ticket::Column::Number)
        .filter(ticket::Column::SourceOwner.eq(ticket::source_owner(source)))
        .filter(ticket::Column::SourceSystem.eq(source.system.as_str()))
        .filter(ticket::Column::SourceReference.eq(source.reference.as_str()))
        .into_tuple()
        .one(db)
        .await?;
    found.map(columns::number).transpose()
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
