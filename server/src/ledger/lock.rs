//! Locking tickets until a unit of work ends, each if it lies in the scope of who asks for it.

use std::collections::{HashMap, HashSet};

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait as _, LockBehavior, LockType, Query};
use sea_orm::{DbBackend, FromQueryResult, QueryOrder as _, QuerySelect as _};

use super::accused::accuses;
use super::locked_ticket::{LockedTicket, head_of_row};
use super::rows::{accused, ticket};
use crate::access::Scope;
use crate::platform::bulk_sql::is_among;
use crate::platform::{Fault, Work, failpoint};
use crate::ticket::{Ticket, TicketNumber, columns};

/// A ticket in the scope, locked until the unit of work ends. A unit of work with a unit scope may then access its
/// rows.
///
/// # Errors
/// If the database refuses, or the row can't be read.
pub async fn lock_ticket(
    work: &Work,
    scope: &Scope,
    number: TicketNumber,
) -> Result<Option<LockedTicket>, Fault> {
    let locked = lock_tickets(work, &[(number, scope)], true).await?.remove(&number);
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
pub async fn lock_tickets(
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
    query = if waits {
        query.lock_exclusive()
    } else {
        query.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
    };
    let mut locked = HashMap::new();
    for row in query.into_model::<LockedRow>().all(&work.tx).await? {
        let number = columns::number(row.number)?;
        let head = Some(head_of_row(row.head_sequence, &row.head_hash)?);
        let ticket = LockedTicket { ticket: ticket::read(row.number, &row.document, row.content)?, head };
        let scopes = asked.iter().filter(|(asked, _)| *asked == number);
        // A ticket that is asked for twice is given only if every scope reaches it.
        let mut is_in_scope = true;
        for (_, scope) in scopes {
            is_in_scope &= is_seen(work, scope, &ticket, row.accuses_somebody).await?;
        }
        if is_in_scope {
            locked.insert(number, ticket);
        }
    }
    Ok(locked)
}

/// Which of these tickets, which [`lock_tickets`] left out, may only be locked by somebody else. The others do not exist
/// for this unit of work.
///
/// # Errors
/// If the database refuses, or a row can't be read.
pub async fn maybe_locked(work: &Work, left_out: Vec<i64>) -> Result<HashSet<TicketNumber>, Fault> {
    // SQLite has one writer, so nobody else has a lock.
    if left_out.is_empty() || work.tx.get_database_backend() == DbBackend::Sqlite {
        return Ok(HashSet::new());
    }
    let query = ticket::Entity::find().select_only().column(ticket::Column::Number);
    let found = query.filter(is_among(&work.tx, ticket::Column::Number, left_out));
    let found: Vec<i64> = found.into_tuple().all(&work.tx).await?;
    found.into_iter().map(columns::number).collect()
}

/// Whether a scope reaches a ticket as it is behind its lock.
async fn is_seen(work: &Work, scope: &Scope, ticket: &Ticket, accuses_somebody: bool) -> Result<bool, Fault> {
    let Scope::Unit(unit) = scope else { return Ok(true) };
    if ticket.relation_of(unit).is_none() {
        return Ok(false);
    }
    Ok(!accuses_somebody || !accuses(&work.tx, ticket.number, unit).await?)
}
