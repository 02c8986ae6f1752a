//! Reads tickets and their events. Every read takes the scope of its reader, or says why it needs none.

use std::collections::HashMap;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait as _, LockBehavior, LockType, Query};
use sea_orm::{FromQueryResult, QueryOrder as _, QuerySelect as _};

use super::locked_ticket::{LockedTicket, head_of_row};
use super::rows::{accused, event, ticket};
use super::visibility::UnitLineage;
use crate::access::Scope;
use crate::platform::bulk_sql::is_among;
use crate::platform::{Fault, Work, failpoint};
use crate::ticket::columns;
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

/// A ticket in the scope, locked until the unit of work ends. A unit of work with a unit scope may then access its
/// rows.
///
/// # Errors
/// If the database refuses, or the row can't be read.
pub async fn lock(work: &Work, scope: &Scope, number: TicketNumber) -> Result<Option<LockedTicket>, Fault> {
    let locked = lock_all(work, &[(number, scope)], true).await?.remove(&number);
    if locked.is_some() {
        work.allow_tickets(&[number.as_i64()]).await?;
    }
    Ok(locked)
}

/// A row of the statement that locks.
#[derive(Debug, FromQueryResult)]
struct LockedRow {
    number: i64,
    document: String,
    content: String,
    head_sequence: i32,
    head_hash: Vec<u8>,
    accuses_somebody: bool,
}

/// Tickets, locked in the order of their numbers until the unit of work ends, each if it lies in the scope beside it.
/// Without `waits`, a ticket that somebody else has locked is left out.
///
/// # Errors
/// Where the database refuses, or a row can't be read.
pub async fn lock_all(
    work: &Work,
    asked: &[(TicketNumber, &Scope)],
    waits: bool,
) -> Result<HashMap<TicketNumber, LockedTicket>, Fault> {
    if asked.is_empty() {
        return Ok(HashMap::new());
    }
    failpoint::reach("ticket.lock").await?;
    let numbers = asked.iter().map(|(number, _)| number.as_i64()).collect();
    let accused = Query::select()
        .column(accused::Column::TicketNumber)
        .from(accused::Entity)
        .and_where(
            Expr::col((accused::Entity, accused::Column::TicketNumber))
                .eq(Expr::col((ticket::Entity, ticket::Column::Number))),
        )
        .to_owned();
    let mut query = ticket::Entity::find()
        .select_only()
        .columns([
            ticket::Column::Number,
            ticket::Column::Document,
            ticket::Column::Content,
            ticket::Column::HeadSequence,
            ticket::Column::HeadHash,
        ])
        .expr_as(Expr::exists(accused), "accuses_somebody")
        .filter(is_among(&work.tx, ticket::Column::Number, numbers))
        .order_by_asc(ticket::Column::Number);
    query = match waits {
        true => query.lock_exclusive(),
        false => query.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked),
    };
    let mut locked = HashMap::new();
    for row in query.into_model::<LockedRow>().all(&work.tx).await? {
        let number = columns::number(row.number)?;
        let head = Some(head_of_row(row.head_sequence, &row.head_hash)?);
        let ticket = LockedTicket { ticket: ticket::read(row.number, &row.document, row.content)?, head };
        let scopes = asked.iter().filter(|(asked, _)| *asked == number);
        let mut is_in_scope = false;
        for (_, scope) in scopes {
            is_in_scope = is_seen(work, scope, &ticket, row.accuses_somebody).await?;
        }
        if is_in_scope {
            locked.insert(number, ticket);
        }
    }
    Ok(locked)
}

/// Whether a scope reaches a ticket as it is behind its lock.
async fn is_seen(work: &Work, scope: &Scope, ticket: &Ticket, accuses_somebody: bool) -> Result<bool, Fault> {
    let Scope::Unit(unit) = scope else { return Ok(true) };
    if ticket.relation_of(unit).is_none() {
        return Ok(false);
    }
    Ok(!accuses_somebody || !super::accused::accuses(&work.tx, ticket.number, unit).await?)
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
