//! Notices and digests. If a fired rung names a unit, the ledger writes a notice in the same transaction, so that no
//! crash loses it. A gathering puts notices into digests, so that a unit is notified once, and not once for each
//! ticket.
//!
//! A unit's digests are numbered from 1, without gaps, in the order of their commits. Their sequence is taken under the
//! lock of the unit's own row, which is held until the commit. So a reader of a digest cannot have missed an earlier
//! one.

pub mod list;
mod rows;

use std::collections::BTreeMap;

use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{DbBackend, QueryOrder as _, QuerySelect as _, Statement};
use serde::Serialize;

use self::rows::{counter, digest, notice, rung_of};
use super::rows::rung_number;
use crate::platform::bulk_sql::json_rows;
use crate::platform::writes::Writes;
use crate::platform::{Fault, Work, bounded_count, failpoint};
use crate::ticket::{Event, EventRecord, Instant, Rung, UnitCode};

/// A notice without a digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// The unit that it is for.
    pub unit: UnitCode,
    /// The rung that fired.
    pub rung: Rung,
    /// The number of the ticket.
    pub ticket: i64,
    /// The ticket's handling cycle.
    pub cycle: i32,
    /// The round of the ladder in the cycle.
    pub round: i32,
}

/// A digest to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDigest {
    /// The unit that the digest is for.
    pub unit: UnitCode,
    /// Its sequence among the unit's digests, from 1.
    pub sequence: i64,
    /// The rung that fired.
    pub rung: Rung,
    /// The number, the cycle and the round of each ticket.
    pub tickets: Vec<(i64, i32, i32)>,
}

/// Adds a notice for each fired rung among some events to what a unit of work writes. A rung that names no unit, or was
/// passed over, has no notice.
pub(super) fn add_notices<'r>(
    recorded: impl Iterator<Item = &'r EventRecord>,
    writes: &mut Writes,
) -> Result<(), Fault> {
    writes.insert(recorded.filter_map(notice_of).collect())
}

fn notice_of(recorded: &EventRecord) -> Option<notice::ActiveModel> {
    let Event::RungFired { cycle, round, rung, due_at, unit: Some(unit), .. } = &recorded.event else {
        return None;
    };
    Some(notice::ActiveModel {
        ticket_number: Set(recorded.ticket.as_i64()),
        cycle: Set(i32::try_from(*cycle).unwrap_or(i32::MAX)),
        rung: Set(rung_number(*rung)),
        unit: Set(unit.0.clone()),
        due_at: Set(due_at.map(|due_at| due_at.timestamp_micros())),
        fired_at: Set(recorded.at.timestamp_micros()),
        digest_sequence: Set(None),
        round: Set(i32::try_from(*round).unwrap_or(i32::MAX)),
    })
}

/// Nothing new reaches an inactive unit. A rung that fired before it became inactive waits.
const OF_ACTIVE_UNITS: &str = "digest_ticket.unit NOT IN (SELECT code FROM unit WHERE NOT is_active)";

/// The active units after a given one, at most `limit`, with pending notices, in the database's order.
///
/// # Errors
/// If the database refuses.
pub async fn units_waiting(
    db: &impl ConnectionTrait,
    behind: Option<&UnitCode>,
    limit: u64,
) -> Result<Vec<UnitCode>, Fault> {
    let mut query = notice::Entity::find()
        .select_only()
        .column(notice::Column::Unit)
        .distinct()
        .filter(notice::Column::DigestSequence.is_null())
        .filter(Expr::cust(OF_ACTIVE_UNITS))
        .order_by_asc(notice::Column::Unit)
        .limit(limit);
    if let Some(behind) = behind {
        query = query.filter(notice::Column::Unit.gt(behind.as_str()));
    }
    let units: Vec<String> = query.into_tuple().all(db).await?;
    Ok(units.into_iter().map(UnitCode).collect())
}

/// How many notices of active units wait for a digest, at most `limit`.
///
/// # Errors
/// Where the database refuses.
pub async fn count_waiting(db: &impl ConnectionTrait, limit: u32) -> Result<u32, Fault> {
    let waiting = notice::Entity::find().filter(notice::Column::DigestSequence.is_null());
    let waiting = waiting.filter(Expr::cust(OF_ACTIVE_UNITS));
    bounded_count::count(db, waiting, notice::Column::TicketNumber, limit).await
}

/// Locks the digests of some units, given in the order of [`units_waiting`], until the unit of work ends; returns their
/// last sequences.
///
/// # Errors
/// If the database refuses.
pub async fn lock(work: &Work, units: &[UnitCode]) -> Result<BTreeMap<UnitCode, i64>, Fault> {
    let new =
        units.iter().map(|unit| counter::ActiveModel { unit: Set(unit.0.clone()), last_sequence: Set(0) });
    counter::Entity::insert_many(new).on_conflict_do_nothing().exec_without_returning(&work.tx).await?;
    // All gatherings lock in this order, so that two of them cannot deadlock.
    let counters = counter::Entity::find()
        .filter(counter::Column::Unit.is_in(units.iter().map(UnitCode::as_str)))
        .order_by_asc(counter::Column::Unit)
        .lock_exclusive()
        .all(&work.tx)
        .await?;
    Ok(counters.into_iter().map(|row| (UnitCode(row.unit), row.last_sequence)).collect())
}

/// The pending notices of units whose digests are locked, at most `limit`, by unit, rung and ticket number.
///
/// # Errors
/// If the database refuses, or a row can't be read.
pub async fn waiting(work: &Work, units: &[UnitCode], limit: u64) -> Result<Vec<Notice>, Fault> {
    use notice::Column::{Cycle, DigestSequence, Round, Rung, TicketNumber, Unit};
    let found: Vec<(String, i16, i64, i32, i32)> = notice::Entity::find()
        .select_only()
        .columns([Unit, Rung, TicketNumber, Cycle, Round])
        .filter(Unit.is_in(units.iter().map(UnitCode::as_str)))
        .filter(DigestSequence.is_null())
        .order_by_asc(Unit)
        .order_by_asc(Rung)
        .order_by_asc(TicketNumber)
        .order_by_asc(Cycle)
        .limit(limit)
        .into_tuple()
        .all(&work.tx)
        .await?;
    found
        .into_iter()
        .map(|(unit, rung, ticket, cycle, round)| {
            Ok(Notice { unit: UnitCode(unit), rung: rung_of(rung)?, ticket, cycle, round })
        })
        .collect()
}

/// Writes digests of units whose digests are locked: the digests, the last sequences, and the digest of each notice.
///
/// # Errors
/// If the database refuses; an internal fault if a notice is no longer pending.
pub async fn write(work: &Work, gathered: &[NewDigest]) -> Result<(), Fault> {
    if gathered.is_empty() {
        return Ok(());
    }
    failpoint::reach("digest.write").await?;
    // A unit's last digest comes last.
    let last: BTreeMap<_, _> = gathered.iter().map(|one| (&one.unit, one.sequence)).collect();
    let counted = last.into_iter().map(|(unit, sequence)| counter::ActiveModel {
        unit: Set(unit.0.clone()),
        last_sequence: Set(sequence),
    });
    let forward =
        OnConflict::column(counter::Column::Unit).update_column(counter::Column::LastSequence).to_owned();
    counter::Entity::insert_many(counted).on_conflict(forward).exec_without_returning(&work.tx).await?;
    let digests = gathered.iter().map(|one| digest_of(one, work.now()));
    digest::Entity::insert_many(digests).exec_without_returning(&work.tx).await?;
    assign(work, gathered).await
}

/// Digest sequences of each unit that a restore skips. No unit can have got so many since any backup, so a reader that
/// knows a later sequence than the backup misses no digest.
const SKIPPED: i64 = 1_000_000;

/// Skips sequences of every unit, because readers have seen sequences of digests that are not in the backup.
pub(super) async fn skip(work: &Work) -> Result<(), Fault> {
    let backend = work.tx.get_database_backend();
    for sql in [
        "UPDATE digest_unit SET last_sequence = last_sequence + $1",
        "INSERT INTO digest_unit (unit, last_sequence) SELECT code, $1 FROM unit \
         WHERE code NOT IN (SELECT unit FROM digest_unit)",
    ] {
        work.tx.execute_raw(Statement::from_sql_and_values(backend, sql, [SKIPPED.into()])).await?;
    }
    Ok(())
}

fn digest_of(gathered: &NewDigest, now: Instant) -> digest::ActiveModel {
    digest::ActiveModel {
        unit: Set(gathered.unit.0.clone()),
        sequence: Set(gathered.sequence),
        rung: Set(rung_number(gathered.rung)),
        gathered_at: Set(now.timestamp_micros()),
        ticket_count: Set(i32::try_from(gathered.tickets.len()).unwrap_or(i32::MAX)),
    }
}

/// A notice and its digest, as the statements below read them.
#[derive(Serialize)]
struct DigestOfNotice {
    number: i64,
    cycle: i32,
    round: i32,
    rung: i16,
    sequence: i64,
}

/// One statement for any number of notices, so that its text and plan are kept. The index is named because SQLite may
/// otherwise scan all pending notices, once for each notice.
const ASSIGN_SQLITE: &str = "UPDATE digest_ticket INDEXED BY sqlite_autoindex_digest_ticket_1 \
    SET digest_sequence = assigned.sequence \
    FROM (SELECT value ->> 'number' AS number, value ->> 'cycle' AS cycle, value ->> 'round' AS round, \
                 value ->> 'rung' AS rung, value ->> 'sequence' AS sequence FROM json_each($1)) AS assigned \
    WHERE digest_ticket.ticket_number = assigned.number AND digest_ticket.cycle = assigned.cycle \
      AND digest_ticket.round = assigned.round AND digest_ticket.rung = assigned.rung AND digest_ticket.digest_sequence IS NULL";
/// The same for PostgreSQL. The condition on pending notices matches no index. Otherwise a planner with statistics from
/// an empty table scans all of them too.
const ASSIGN_POSTGRES: &str = "UPDATE digest_ticket SET digest_sequence = assigned.sequence \
    FROM jsonb_to_recordset($1::jsonb) AS assigned (number bigint, cycle integer, round integer, rung smallint, sequence bigint) \
    WHERE digest_ticket.ticket_number = assigned.number AND digest_ticket.cycle = assigned.cycle \
      AND digest_ticket.round = assigned.round AND digest_ticket.rung = assigned.rung AND COALESCE(digest_ticket.digest_sequence, 0) = 0";

async fn assign(work: &Work, gathered: &[NewDigest]) -> Result<(), Fault> {
    let assigned: Vec<_> = gathered
        .iter()
        .flat_map(|one| {
            let (rung, sequence) = (rung_number(one.rung), one.sequence);
            one.tickets.iter().map(move |(number, cycle, round)| DigestOfNotice {
                number: *number,
                cycle: *cycle,
                round: *round,
                rung,
                sequence,
            })
        })
        .collect();
    let json = json_rows(&assigned)?;
    let backend = work.tx.get_database_backend();
    let sql = if backend == DbBackend::Postgres { ASSIGN_POSTGRES } else { ASSIGN_SQLITE };
    let outcome = work.tx.execute_raw(Statement::from_sql_and_values(backend, sql, [json.into()])).await?;
    if outcome.rows_affected() == assigned.len() as u64 {
        Ok(())
    } else {
        Err(Fault::internal(format!("{} of {} notices waited", outcome.rows_affected(), assigned.len())))
    }
}
