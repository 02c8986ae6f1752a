//! The seals: one chain, each hashed and signed over the one before it and over its heads, and the same as the copies
//! that were shipped.

use std::path::PathBuf;

use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder as _, QuerySelect as _};

use super::Verified;
use super::restores::{Reached, Restores};
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

impl Accepted {
    /// Whether what is signed with this key is accepted.
    pub(super) fn takes(&self, key: &PublicKey) -> bool {
        self.keys.is_empty() || self.keys.contains(key)
    }

    /// The number of the last seal that was shipped, if seals are compared with copies and there is one.
    fn last_shipped(&self) -> Result<Option<i64>, Fault> {
        let Some(folder) = &self.shipped else { return Ok(None) };
        let unreadable = |error| Fault::unavailable(format!("{}: {error}", folder.display()));
        Ok(shipping::numbers(folder).map_err(unreadable)?.last().copied())
    }
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
    // The folder first: a seal is in the database before it is shipped, and a server may go on meanwhile.
    let last_shipped = accepted.last_shipped()?;
    let snapshot = store.snapshot().await?;
    let mut restores = Restores::read(&snapshot, accepted).await?;
    let before = rows(&snapshot, behind - 1, 1).await?.into_iter().find(|row| row.number == behind);
    let mut end = match before.and_then(|row| row.read()) {
        Some(seal) => Reached::behind(&seal),
        None if behind == 0 => Reached::beginning(),
        None => Reached::unknown(behind),
    };
    let mut verified = Verified::default();
    let found = rows(&snapshot, behind, limit).await?;
    for row in &found {
        end.take(&restores);
        let missing =
            (end.through + 1..row.number).map(|number| Finding::new(Place::Seal(number), Wrong::Missing));
        verified.findings.extend(missing.take(MISSING_MAX));
        let heads = entries(&snapshot, row.number).await?;
        verified.chains += 1;
        verified.links += heads.len() as u64;
        let seal = row.read();
        let follows = if row.number == end.through + 1 { Some(&end) } else { None };
        let wrong = match &seal {
            Some(seal) => faults(seal, &heads_of(heads), follows, accepted)?,
            None => vec![Wrong::SealAltered],
        };
        verified.findings.extend(wrong.into_iter().map(|wrong| Finding::new(Place::Seal(row.number), wrong)));
        end = seal.map_or_else(|| Reached::unknown(row.number), |seal| Reached::behind(&seal));
    }
    let next = found.last().filter(|_| found.len() as u64 == limit).map(|row| row.number);
    if next.is_none() {
        end.take(&restores);
        verified.findings.extend(gone(&snapshot, last_shipped, end.through).await?);
        verified.findings.extend(restores.findings(&snapshot).await?);
    }
    snapshot.rollback().await?;
    if next.is_none() {
        verified.findings.extend(restores.given_up(accepted)?);
    }
    Ok((verified, next))
}

/// Seals of one gap that are named.
const MISSING_MAX: usize = 1_000;

fn faults(
    seal: &Seal,
    heads: &[SealedHead],
    before: Option<&Reached>,
    accepted: &Accepted,
) -> Result<Vec<Wrong>, Fault> {
    let mut wrong = Vec::new();
    if !seal.is_hashed() {
        wrong.push(Wrong::SealAltered);
    }
    if !seal.is_signed() {
        wrong.push(Wrong::SignatureWrong);
    }
    if !accepted.takes(&seal.public_key) {
        wrong.push(Wrong::KeyUnknown);
    }
    let follows = match before {
        Some(before) => before.is_followed_by(seal),
        None => seal.number != 1 || seal.previous == Link::NONE,
    };
    if !follows {
        wrong.push(Wrong::SealOutOfOrder);
    }
    if !seal.is_over(heads) {
        wrong.push(Wrong::HeadsAltered);
    }
    if let Some(folder) = &accepted.shipped {
        match shipping::read(folder, seal.number) {
            Ok(copy) => {
                if !copy.is_some_and(|(copy, under)| copy == *seal && under == heads) {
                    wrong.push(Wrong::ShippedOtherwise);
                }
            }
            // Not shipped yet.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(Fault::unavailable(format!("{}: {error}", folder.display()))),
        }
    }
    Ok(wrong)
}

/// Seals behind the last one, or behind those that a restore gave up, that heads or shipped copies tell of.
async fn gone(
    db: &impl ConnectionTrait,
    last_shipped: Option<i64>,
    last: i64,
) -> Result<Vec<Finding>, Fault> {
    let stray: Option<i64> = entry::Entity::find()
        .select_only()
        .column(entry::Column::SealNumber)
        .filter(entry::Column::SealNumber.gt(last))
        .order_by_desc(entry::Column::SealNumber)
        .limit(1)
        .into_tuple()
        .one(db)
        .await?;
    let until = Ord::max(stray.unwrap_or(last), last_shipped.unwrap_or(last));
    let gone = (last + 1..=until).take(MISSING_MAX);
    Ok(gone.map(|number| Finding::new(Place::Seal(number), Wrong::Missing)).collect())
}
