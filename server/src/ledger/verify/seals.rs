//! The seals: one chain, each hashed and signed over the one before it and over its heads, and the same as the copies
//! that were shipped.

use std::path::PathBuf;

use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder as _, QuerySelect as _};

use super::Verified;
use crate::ledger::seals::{entries, entry, heads_of, rows};
use crate::platform::hashing::Link;
use crate::platform::{Fault, Store};
use crate::timeline::signing_key::PublicKey;
use crate::timeline::{Finding, Place, Seal, SealedHead, Wrong, shipping};

/// Which seals are accepted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Accepted {
    /// Signed with one of these keys; with any, where there are none.
    pub keys: Vec<PublicKey>,
    /// The same as the copies in this folder.
    pub shipped: Option<PathBuf>,
}

/// Verifies at most `limit` seals behind a number; answers the number of the last one, `None` behind the last.
///
/// # Errors
/// Where the database or the folder can't be read.
pub async fn seals(
    store: &Store,
    accepted: &Accepted,
    behind: i64,
    limit: u64,
) -> Result<(Verified, Option<i64>), Fault> {
    let snapshot = store.snapshot().await?;
    let before = rows(&snapshot, behind - 1, 1).await?.into_iter().find(|row| row.number == behind);
    let mut last = (behind, before.and_then(|row| row.read()));
    let mut verified = Verified::default();
    let found = rows(&snapshot, behind, limit).await?;
    for row in &found {
        let missing =
            (last.0 + 1..row.number).map(|number| Finding::new(Place::Seal(number), Wrong::Missing));
        verified.findings.extend(missing.take(MISSING_MAX));
        let heads = entries(&snapshot, row.number).await?;
        verified.chains += 1;
        verified.links += heads.len() as u64;
        let seal = row.read();
        let follows = if row.number == last.0 + 1 { last.1.take() } else { None };
        let wrong = match &seal {
            Some(seal) => faults(seal, &heads_of(heads), follows.as_ref(), accepted)?,
            None => vec![Wrong::SealAltered],
        };
        verified.findings.extend(wrong.into_iter().map(|wrong| Finding::new(Place::Seal(row.number), wrong)));
        last = (row.number, seal);
    }
    let next = found.last().filter(|_| found.len() as u64 == limit).map(|row| row.number);
    if next.is_none() {
        verified.findings.extend(gone(&snapshot, accepted, last.0).await?);
    }
    snapshot.rollback().await?;
    Ok((verified, next))
}

/// Seals of one gap that are named.
const MISSING_MAX: usize = 1_000;

fn faults(
    seal: &Seal,
    heads: &[SealedHead],
    before: Option<&Seal>,
    accepted: &Accepted,
) -> Result<Vec<Wrong>, Fault> {
    let mut wrong = Vec::new();
    if !seal.is_hashed() {
        wrong.push(Wrong::SealAltered);
    }
    if !seal.is_signed() {
        wrong.push(Wrong::SignatureWrong);
    }
    if !accepted.keys.is_empty() && !accepted.keys.contains(&seal.public_key) {
        wrong.push(Wrong::KeyUnknown);
    }
    let follows = match before {
        // The hash of a seal that was changed itself is not held against the next one.
        Some(before) => {
            let is_over = seal.previous == before.hash || Some(seal.previous) == before.computed();
            is_over && seal.sealed_at >= before.sealed_at
        }
        None => seal.number != 1 || seal.previous == Link::NONE,
    };
    if !follows {
        wrong.push(Wrong::SealOutOfOrder);
    }
    if !seal.is_over(heads) {
        wrong.push(Wrong::HeadsAltered);
    }
    if let Some(folder) = &accepted.shipped {
        let unreadable = |error: std::io::Error| Fault::unavailable(format!("{}: {error}", folder.display()));
        let is_shipped = shipping::numbers(folder).map_err(unreadable)?.binary_search(&seal.number).is_ok();
        if is_shipped {
            let copy = shipping::read(folder, seal.number).map_err(unreadable)?;
            let is_same = copy.is_some_and(|(copy, under)| copy == *seal && under == heads);
            if !is_same {
                wrong.push(Wrong::ShippedOtherwise);
            }
        }
    }
    Ok(wrong)
}

/// Seals behind the last one that heads or shipped copies tell of.
async fn gone(db: &impl ConnectionTrait, accepted: &Accepted, last: i64) -> Result<Vec<Finding>, Fault> {
    let stray: Option<i64> = entry::Entity::find()
        .select_only()
        .column(entry::Column::SealNumber)
        .filter(entry::Column::SealNumber.gt(last))
        .order_by_desc(entry::Column::SealNumber)
        .limit(1)
        .into_tuple()
        .one(db)
        .await?;
    let mut until = stray.unwrap_or(last);
    if let Some(folder) = &accepted.shipped {
        let shipped = shipping::numbers(folder);
        let shipped =
            shipped.map_err(|error| Fault::unavailable(format!("{}: {error}", folder.display())))?;
        until = Ord::max(until, shipped.last().copied().unwrap_or(last));
    }
    let gone = (last + 1..=until).take(MISSING_MAX);
    Ok(gone.map(|number| Finding::new(Place::Seal(number), Wrong::Missing)).collect())
}
