//! Timers: one row for each open ticket, with the rung that it waits for and when. The ledger writes them; the runner
//! claims tickets by them.
//!
//! A timer can be claimed from `claim_after` on. That is its due time, or later if its ticket failed and was deferred,
//! so that one broken ticket cannot block all others.

use std::collections::HashSet;

use chrono::TimeDelta;
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{LockBehavior, LockType};
use sea_orm::{DbBackend, IntoActiveModel as _, JoinType, QueryOrder as _, QuerySelect as _, QueryTrait};

use super::locked_ticket::{LockedTicket, head_of_row};
use super::rows::{ticket, timer};
use crate::deadline::ladder::CycleLimit;
use crate::platform::bulk_sql::is_among;
use crate::platform::{Fault, Work, bounded_count};
use crate::ticket::{Instant, Ticket, TicketNumber, columns};

/// How long a ticket is deferred after its first failure; doubled with every further failure.
const POSTPONED_MIN: TimeDelta = TimeDelta::seconds(2);
/// The longest deferral. A due rung stays due, so a ticket is never given up.
const POSTPONED_MAX: TimeDelta = TimeDelta::hours(1);

/// The limit of a ticket's present cycle.
#[must_use]
pub fn cycle_limit(ticket: &Ticket) -> CycleLimit {
    CycleLimit {
        since: ticket.cycle.began_at,
        due_at: ticket.cycle.due_at(),
        carried_over: ticket.cycle.is_due_by_promise(),
    }
}

/// When the next timer can be claimed, if there is one.
///
/// # Errors
/// If the database refuses.
pub async fn next_due(db: &impl ConnectionTrait) -> Result<Option<Instant>, Fault> {
    let micros: Option<i64> = timer::Entity::find()
        .select_only()
        .column(timer::Column::ClaimAfter)
        .order_by_asc(timer::Column::ClaimAfter)
        .limit(1)
        .into_tuple()
        .one(db)
        .await?;
    micros.map(columns::instant).transpose()
}

/// The tickets that can be claimed at an instant, at most `limit`, earliest first; without a lock.
///
/// # Errors
/// If the database refuses, or a row can't be read.
pub async fn due(db: &impl ConnectionTrait, at: Instant, limit: u64) -> Result<Vec<TicketNumber>, Fault> {
    let numbers: Vec<i64> = timer::Entity::find()
        .select_only()
        .column(timer::Column::TicketNumber)
        .filter(timer::Column::ClaimAfter.lte(at.timestamp_micros()))
        .order_by_asc(timer::Column::ClaimAfter)
        .order_by_asc(timer::Column::TicketNumber)
        .limit(limit)
        .into_tuple()
        .all(db)
        .await?;
    numbers.into_iter().map(columns::number).collect()
}

/// How many timers can be claimed at an instant, at most `limit`.
///
/// # Errors
/// Where the database refuses.
pub async fn count_due(db: &impl ConnectionTrait, at: Instant, limit: u32) -> Result<u32, Fault> {
    let due = timer::Entity::find().filter(timer::Column::ClaimAfter.lte(at.timestamp_micros()));
    bounded_count::count(db, due, timer::Column::TicketNumber, limit).await
}

/// Claims tickets whose timer is due at or before the unit of work's instant, at most `limit`, earliest first; or
/// `only` one. Locked tickets are skipped, so any number of servers can claim at once. The content of tickets is not
/// read, because no rung needs it. Also returns whether more may be due. Tickets that another server fired meanwhile
/// are not claimed, and say nothing about the rest.
///
/// # Errors
/// If the database refuses, or a row can't be read.
pub async fn claim(
    work: &Work,
    only: Option<TicketNumber>,
    limit: u64,
) -> Result<(Vec<LockedTicket>, bool), Fault> {
    let joined = timer::Entity::belongs_to(ticket::Entity)
        .from(timer::Column::TicketNumber)
        .to(ticket::Column::Number)
        .into();
    let mut query = ticket::Entity::find()
        .select_only()
        .columns([
            ticket::Column::Number,
            ticket::Column::Document,
            ticket::Column::HeadSequence,
            ticket::Column::HeadHash,
        ])
        .join_rev(JoinType::InnerJoin, joined)
        .filter(timer::Column::ClaimAfter.lte(work.now().timestamp_micros()))
        .order_by_asc(timer::Column::ClaimAfter)
        .order_by_asc(timer::Column::TicketNumber)
        .limit(limit);
    if let Some(number) = only {
        query = query.filter(timer::Column::TicketNumber.eq(number.as_i64()));
    }
    // Every command takes the same ticket lock first, so claims and commands cannot deadlock.
    QueryTrait::query(&mut query).lock_with_tables_behavior(
        LockType::Update,
        [ticket::Entity],
        LockBehavior::SkipLocked,
    );
    let found: Vec<Found> = query.into_tuple().all(&work.tx).await?;
    let is_full = found.len() as u64 == limit;
    let due = match work.tx.get_database_backend() {
        _ if found.is_empty() => None,
        DbBackend::Postgres => Some(still_due(work, found.iter().map(|(number, ..)| *number)).await?),
        // There is only one writer, so nothing has changed since the search.
        _ => None,
    };
    let claimed = found
        .into_iter()
        .filter(|(number, ..)| due.as_ref().is_none_or(|due| due.contains(number)))
        .map(|(number, document, sequence, hash)| {
            let ticket = ticket::read(number, &document, String::new())?;
            Ok(LockedTicket { ticket, head: Some(head_of_row(sequence, &hash)?) })
        });
    Ok((claimed.collect::<Result<_, Fault>>()?, is_full))
}

/// Number, document, and the end of the chain.
type Found = (i64, String, i32, Vec<u8>);

/// Which of these locked tickets have a due timer. PostgreSQL locks a ticket after it has read the timers, and returns
/// the ticket as it is then. So a timer that another server has just fired or removed is seen only by a second read.
async fn still_due(work: &Work, locked: impl Iterator<Item = i64>) -> Result<HashSet<i64>, Fault> {
    let due: Vec<i64> = timer::Entity::find()
        .select_only()
        .column(timer::Column::TicketNumber)
        .filter(is_among(&work.tx, timer::Column::TicketNumber, locked.collect()))
        .filter(timer::Column::ClaimAfter.lte(work.now().timestamp_micros()))
        .into_tuple()
        .all(&work.tx)
        .await?;
    Ok(due.into_iter().collect())
}

/// Defers a ticket whose timer could not be fired, each time for longer. Returns how often it has failed now, or `None`
/// if its timer is no longer due. Only the timer's own row is locked, so that commands on the ticket can go on.
///
/// # Errors
/// If the database refuses.
pub async fn postpone(work: &Work, number: TicketNumber) -> Result<Option<u32>, Fault> {
    let due = timer::Entity::find()
        .filter(timer::Column::TicketNumber.eq(number.as_i64()))
        .filter(timer::Column::ClaimAfter.lte(work.now().timestamp_micros()))
        .lock_exclusive()
        .one(&work.tx)
        .await?;
    let Some(due) = due else { return Ok(None) };
    let failed_before = due.tries.unsigned_abs();
    let mut postponed = due.into_active_model();
    postponed.tries = Set(i32::try_from(failed_before).unwrap_or(i32::MAX).saturating_add(1));
    postponed.claim_after = Set((work.now() + postponement(failed_before)).timestamp_micros());
    timer::Entity::update(postponed).exec(&work.tx).await?;
    Ok(Some(failed_before.saturating_add(1)))
}

fn postponement(failed_before: u32) -> TimeDelta {
    let doubled = 2_i32.checked_pow(failed_before).and_then(|times| POSTPONED_MIN.checked_mul(times));
    doubled.map_or(POSTPONED_MAX, |time| time.min(POSTPONED_MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_postponement_grows_to_its_bound() {
        let seconds: Vec<_> = (0..4).map(|failed| postponement(failed).num_seconds()).collect();
        assert_eq!(seconds, [2, 4, 8, 16]);
        for failed in [11, 30, 31, 32, u32::MAX] {
            assert_eq!(postponement(failed), POSTPONED_MAX, "{failed}");
        }
    }
}
