//! Timers: one row for each open ticket, naming the rung it waits for and when. The ledger writes them; the runner
//! claims tickets by them.

use std::collections::HashSet;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{LockBehavior, LockType};
use sea_orm::{JoinType, QueryOrder as _, QuerySelect as _, QueryTrait};

use super::rows::{self, ticket, timer};
use crate::platform::{Fault, Work};
use crate::ticket::{Instant, Ticket};

/// When the next timer is due, if there is one.
///
/// # Errors
/// Where the database refuses.
pub async fn next_due(db: &impl ConnectionTrait) -> Result<Option<Instant>, Fault> {
    let micros: Option<i64> = timer::Entity::find()
        .select_only()
        .column(timer::Column::DueAt)
        .order_by_asc(timer::Column::DueAt)
        .limit(1)
        .into_tuple()
        .one(db)
        .await?;
    micros.map(rows::instant).transpose()
}

/// Claims tickets whose timer is due at or before the unit of work's instant, at most `limit`, earliest first. A ticket
/// that somebody else holds is left to them, so any number of servers can claim at once.
///
/// # Errors
/// Where the database refuses, or a row can't be read.
pub async fn claim(work: &Work, limit: u64) -> Result<Vec<Ticket>, Fault> {
    let joined = timer::Entity::belongs_to(ticket::Entity)
        .from(timer::Column::TicketNumber)
        .to(ticket::Column::Number)
        .into();
    let mut query = ticket::Entity::find()
        .join_rev(JoinType::InnerJoin, joined)
        .filter(timer::Column::DueAt.lte(work.now.timestamp_micros()))
        .order_by_asc(timer::Column::DueAt)
        .order_by_asc(timer::Column::TicketNumber)
        .limit(limit);
    // The ticket's lock is the one that every command takes first, so claims and commands can't deadlock.
    QueryTrait::query(&mut query).lock_with_tables_behavior(
        LockType::Update,
        [ticket::Entity],
        LockBehavior::SkipLocked,
    );
    let found = query.all(&work.tx).await?;
    let due = still_due(work, found.iter().map(|row| row.number)).await?;
    found
        .into_iter()
        .filter(|row| due.contains(&row.number))
        .map(|row| ticket::read(row.number, &row.document, row.content))
        .collect()
}

/// Which of some locked tickets have a timer that is due. PostgreSQL takes a lock after it has looked for timers, and
/// gives the ticket as it is then: what somebody else has just fired or ended is seen only by looking again.
async fn still_due(work: &Work, locked: impl Iterator<Item = i64>) -> Result<HashSet<i64>, Fault> {
    let due: Vec<i64> = timer::Entity::find()
        .select_only()
        .column(timer::Column::TicketNumber)
        .filter(timer::Column::TicketNumber.is_in(locked))
        .filter(timer::Column::DueAt.lte(work.now.timestamp_micros()))
        .into_tuple()
        .all(&work.tx)
        .await?;
    Ok(due.into_iter().collect())
}
