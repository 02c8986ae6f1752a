//! Reads digests, page by page, by a keyset on an index, so that every page costs the same. Digests never change, but
//! what a unit may see of them does.
//!
//! A unit reads only its own digests, and in them only the tickets that it still leads, assists or is informed of. A
//! digest of which nothing is left stays in the list, empty, so that the sequences have no gap.

use std::collections::HashMap;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{Condition, QueryOrder as _, QuerySelect as _};

use super::rows::{digest, notice, rung_of};
use crate::access::Scope;
use crate::ledger::rows::rung_number;
use crate::ledger::visibility::UnitLineage;
use crate::platform::Fault;
use crate::ticket::columns::{instant, number};
use crate::ticket::{Instant, Rung, TicketNumber, UnitCode};

/// A digest: the tickets of a unit for which a rung fired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digest {
    /// The unit that the digest is for.
    pub unit: UnitCode,
    /// Its sequence among the unit's digests, from 1.
    pub sequence: i64,
    /// The rung that fired.
    pub rung: Rung,
    /// When it was gathered.
    pub gathered_at: Instant,
    /// How many tickets it was made of, visible or not.
    pub ticket_count: usize,
}

/// A ticket in a digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestTicket {
    /// The ticket.
    pub number: TicketNumber,
    /// Its handling cycle.
    pub cycle: u32,
    /// When the rung was due; `None` if staff fired it.
    pub due_at: Option<Instant>,
    /// When it fired.
    pub fired_at: Instant,
}

/// A filter of digests; all conditions that are set must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DigestFilter {
    /// This unit's.
    pub unit: Option<UnitCode>,
    /// This rung's.
    pub rung: Option<Rung>,
    /// After this sequence of the unit.
    pub after_sequence: i64,
}

/// The position after which a page begins: this digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestCursor {
    /// When it was gathered, in microseconds since 1970.
    pub gathered_at: i64,
    /// Its unit.
    pub unit: String,
    /// Its sequence.
    pub sequence: i64,
}

/// Digests in a scope, oldest first, at most `limit`. Those of one unit are in the order of their sequences, which is
/// the order of their commits. Those of all units are in the order of their gathering.
///
/// # Errors
/// If the database refuses, or a row can't be read.
pub async fn page(
    db: &impl ConnectionTrait,
    scope: &Scope,
    filter: &DigestFilter,
    cursor: Option<&DigestCursor>,
    limit: u64,
) -> Result<Vec<Digest>, Fault> {
    use digest::Column::{GatheredAt, Rung, Sequence, Unit};
    let mut query = digest::Entity::find().limit(limit);
    if let Scope::Unit(own) = scope {
        query = query.filter(Unit.eq(own.as_str()));
    }
    if let Some(unit) = &filter.unit {
        query = query.filter(Unit.eq(unit.as_str()));
    }
    if let Some(rung) = filter.rung {
        query = query.filter(Rung.eq(rung_number(rung)));
    }
    if filter.unit.is_some() || matches!(scope, Scope::Unit(_)) {
        let after = cursor.map_or(filter.after_sequence, |cursor| cursor.sequence);
        query = query.filter(Sequence.gt(after)).order_by_asc(Sequence);
    } else {
        let place = [GatheredAt, Unit, Sequence].map(|column| Expr::col((digest::Entity, column)));
        if let Some(cursor) = cursor {
            let key =
                [Expr::val(cursor.gathered_at), Expr::val(cursor.unit.as_str()), Expr::val(cursor.sequence)];
            query = query.filter(Expr::tuple(place).gt(Expr::tuple(key)));
        }
        query = query.order_by_asc(GatheredAt).order_by_asc(Unit).order_by_asc(Sequence);
    }
    query.all(db).await?.into_iter().map(digest_of).collect()
}

/// Some digests by unit and sequence. The caller has found them in its scope.
///
/// # Errors
/// If the database refuses, or a row can't be read.
pub async fn by_keys(db: &impl ConnectionTrait, keys: &[Key]) -> Result<Vec<Digest>, Fault> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let any = keys.iter().fold(Condition::any(), |any, (unit, sequence)| {
        any.add(digest::Column::Unit.eq(unit.as_str()).and(digest::Column::Sequence.eq(*sequence)))
    });
    digest::Entity::find().filter(any).all(db).await?.into_iter().map(digest_of).collect()
}

fn digest_of(row: digest::Model) -> Result<Digest, Fault> {
    Ok(Digest {
        unit: UnitCode(row.unit),
        sequence: row.sequence,
        rung: rung_of(row.rung)?,
        gathered_at: instant(row.gathered_at)?,
        ticket_count: usize::try_from(row.ticket_count).unwrap_or_default(),
    })
}

/// A unit and one of its sequences: the key of a digest.
pub type Key = (UnitCode, i64);

/// The tickets of some digests within a scope, for each digest that has any, by number and cycle.
///
/// # Errors
/// If the database refuses, or a row can't be read.
pub async fn tickets(
    db: &impl ConnectionTrait,
    scope: &Scope,
    digests: &[Digest],
) -> Result<HashMap<Key, Vec<DigestTicket>>, Fault> {
    use notice::Column::{Cycle, DigestSequence, TicketNumber, Unit};
    let mut found: HashMap<Key, Vec<DigestTicket>> = HashMap::new();
    if digests.is_empty() {
        return Ok(found);
    }
    let mut sequences: HashMap<&str, Vec<i64>> = HashMap::new();
    for digest in digests {
        sequences.entry(digest.unit.as_str()).or_default().push(digest.sequence);
    }
    let of_these = sequences.into_iter().fold(Condition::any(), |any, (unit, sequences)| {
        any.add(Unit.eq(unit).and(DigestSequence.is_in(sequences)))
    });
    let mut query = notice::Entity::find().filter(of_these);
    if let Some(lineage) = UnitLineage::of(db, scope).await? {
        query = query.filter(lineage.may_see((notice::Entity, notice::Column::TicketNumber)));
    }
    let rows = query.order_by_asc(TicketNumber).order_by_asc(Cycle).all(db).await?;
    for row in rows {
        let key = (UnitCode(row.unit.clone()), row.digest_sequence.unwrap_or_default());
        found.entry(key).or_default().push(ticket_of(&row)?);
    }
    Ok(found)
}

fn ticket_of(row: &notice::Model) -> Result<DigestTicket, Fault> {
    Ok(DigestTicket {
        number: number(row.ticket_number)?,
        cycle: row.cycle.unsigned_abs(),
        due_at: row.due_at.map(instant).transpose()?,
        fired_at: instant(row.fired_at)?,
    })
}
