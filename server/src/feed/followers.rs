//! For what follows the feed by position and stores how far it is in the transaction that writes its rows.

use std::collections::BTreeSet;

use sea_orm::entity::prelude::*;
use sea_orm::{DbBackend, QueryOrder as _, QuerySelect as _, Statement};

use super::rows::{self, feed};
use crate::platform::{Fault, Work};

/// Entries of the feed that one transaction looks at.
const ENTRIES_MAX: u64 = 8_192;

/// The last position; 0 in an empty feed.
///
/// # Errors
/// If the database refuses.
pub async fn last_position(db: &impl ConnectionTrait) -> Result<i64, Fault> {
    rows::last(db).await
}

/// Takes the turn of a follower until the unit of work ends; `false` if another server has it. SQLite has one writer,
/// so the turn is free.
///
/// # Errors
/// If the database refuses.
pub async fn try_turn(work: &Work, lock: i64) -> Result<bool, Fault> {
    if work.tx.get_database_backend() != DbBackend::Postgres {
        return Ok(true);
    }
    let sql = format!("SELECT pg_try_advisory_xact_lock({lock})");
    let row = work.tx.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
    Ok(row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or(false))
}

/// Waits for the turn of a follower, and keeps it until the unit of work ends.
///
/// # Errors
/// If the database refuses.
pub async fn wait_for_turn(work: &Work, lock: i64) -> Result<(), Fault> {
    if work.tx.get_database_backend() == DbBackend::Postgres {
        let sql = format!("SELECT pg_advisory_xact_lock({lock})");
        work.tx.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
    }
    Ok(())
}

/// The tickets of the next entries, at most `max` of them, and the position up to which these are all.
///
/// # Errors
/// If the database refuses.
pub async fn next_tickets(work: &Work, after: i64, max: usize) -> Result<(i64, Vec<i64>), Fault> {
    let entries: Vec<(i64, Option<i64>)> = feed::Entity::find()
        .select_only()
        .columns([feed::Column::Position, feed::Column::TicketNumber])
        .filter(feed::Column::Position.gt(after))
        .order_by_asc(feed::Column::Position)
        .limit(ENTRIES_MAX)
        .into_tuple()
        .all(&work.tx)
        .await?;
    let (mut through, mut numbers) = (after, BTreeSet::new());
    for (position, ticket) in entries {
        if numbers.len() >= max && ticket.is_some_and(|ticket| !numbers.contains(&ticket)) {
            break;
        }
        numbers.extend(ticket);
        through = position;
    }
    Ok((through, numbers.into_iter().collect()))
}

/// The events of tickets among the next entries, by ticket and sequence, and the position up to which these are all.
///
/// # Errors
/// If the database refuses.
pub async fn next_events(work: &Work, after: i64, max: u64) -> Result<(i64, Vec<(i64, u32)>), Fault> {
    let entries: Vec<(i64, Option<i64>, i64)> = feed::Entity::find()
        .select_only()
        .columns([feed::Column::Position, feed::Column::TicketNumber, feed::Column::Sequence])
        .filter(feed::Column::Position.gt(after))
        .order_by_asc(feed::Column::Position)
        .limit(max)
        .into_tuple()
        .all(&work.tx)
        .await?;
    let through = entries.last().map_or(after, |entry| entry.0);
    let events = entries.into_iter().filter_map(|(_, ticket, sequence)| {
        ticket.map(|ticket| (ticket, u32::try_from(sequence).unwrap_or(u32::MAX)))
    });
    Ok((through, events.collect()))
}

/// Those of some tickets that have entries behind a position, or entries without a position.
///
/// # Errors
/// If the database refuses.
pub async fn changed_after(
    db: &impl ConnectionTrait,
    position: i64,
    numbers: std::ops::RangeInclusive<i64>,
) -> Result<BTreeSet<i64>, Fault> {
    let backend = db.get_database_backend();
    let range = "ticket_number BETWEEN $1 AND $2";
    let pending = match backend {
        DbBackend::Postgres => format!(" UNION SELECT ticket_number FROM feed_pending WHERE {range}"),
        _ => String::new(),
    };
    let sql = format!("SELECT ticket_number FROM feed WHERE position > $3 AND {range}{pending}");
    let values = [(*numbers.start()).into(), (*numbers.end()).into(), position.into()];
    let rows = db.query_all_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    rows.iter().map(|row| Ok(row.try_get_by_index(0)?)).collect()
}
