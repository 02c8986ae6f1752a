//! The restores between the seals: each is signed, follows the chain where it says, and is the same as its shipped copy. The
//! shipped seals that a restore gave up are a sound chain of their own, up to the end that the restore names.

use std::path::Path;

use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder as _, QuerySelect as _};

use super::Accepted;
use crate::ledger::restores::rows;
use crate::ledger::seals::row as seal_row;
use crate::platform::Fault;
use crate::platform::hashing::Link;
use crate::timeline::{ChainEnd, Finding, Place, RestoreEntry, Seal, Wrong, shipping};

/// How far the chain was followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reached {
    /// Up to which number seals are there, or were given up.
    pub(super) through: i64,
    /// Over which hashes the next part may be made: the stored one, and the computed one of a seal that was changed itself,
    /// which is not held against the next part. Any, where nothing is known.
    links: Option<Vec<Link>>,
    at: i64,
}

impl Reached {
    /// Before the first seal.
    pub(super) fn beginning() -> Self {
        Self { through: 0, links: Some(vec![Link::NONE]), at: i64::MIN }
    }

    /// Behind a seal that can't be read.
    pub(super) const fn unknown(through: i64) -> Self {
        Self { through, links: None, at: i64::MIN }
    }

    /// Behind a seal.
    pub(super) fn behind(seal: &Seal) -> Self {
        let links = [Some(seal.hash), seal.computed()].into_iter().flatten().collect();
        Self { through: seal.number, links: Some(links), at: seal.sealed_at }
    }

    fn is_over(&self, link: &Link) -> bool {
        self.links.as_ref().is_none_or(|links| links.contains(link))
    }

    /// Whether a seal of the next number follows.
    pub(super) fn is_followed_by(&self, seal: &Seal) -> bool {
        self.is_over(&seal.previous) && seal.sealed_at >= self.at
    }

    /// Goes on behind the accepted restores that stand here.
    pub(super) fn take(&mut self, restores: &Restores) {
        for entry in &restores.accepted {
            let follows = entry.last.through == self.through
                && entry.abandoned.through >= self.through
                && self.is_over(&entry.last.link);
            if follows {
                let at = self.at.max(entry.restored_at);
                *self = Self { through: entry.abandoned.through, links: Some(vec![entry.hash]), at };
            }
        }
    }
}

/// The restores of a database.
#[derive(Debug, Default)]
pub(super) struct Restores {
    /// Those that are what was hashed, and signed with an accepted key.
    accepted: Vec<RestoreEntry>,
    /// What is wrong with the others, and with their shipped copies.
    wrong: Vec<Finding>,
}

fn unreadable(folder: &Path, error: &std::io::Error) -> Fault {
    Fault::unavailable(format!("{}: {error}", folder.display()))
}

impl Restores {
    /// Reads them, and holds each against its signature and its shipped copy.
    pub(super) async fn read(db: &impl ConnectionTrait, accepted: &Accepted) -> Result<Self, Fault> {
        let mut restores = Self::default();
        for row in rows(db).await? {
            let entry = row.read();
            let wrong = match &entry {
                None => vec![Wrong::SealAltered],
                Some(entry) => faults(entry, accepted),
            };
            restores.accepted.extend(entry.filter(|_| wrong.is_empty()));
            let place = |wrong| Finding::new(Place::Restore(row.number), wrong);
            restores.wrong.extend(wrong.into_iter().map(place));
        }
        if let Some(folder) = &accepted.shipped {
            restores.compare(folder).map_err(|error| unreadable(folder, &error))?;
        }
        Ok(restores)
    }

    /// Compares with the shipped copies. A restore without a copy is not accepted where it would explain away shipped seals:
    /// the restoring program ships its entry before the database is served again.
    fn compare(&mut self, folder: &Path) -> std::io::Result<()> {
        let shipped = shipping::restores(folder)?;
        let last = shipping::numbers(folder)?.last().copied().unwrap_or(0);
        let mut accepted = Vec::new();
        for entry in std::mem::take(&mut self.accepted) {
            let copy = shipped.iter().find(|(number, _)| *number == entry.number);
            let wrong = match copy {
                Some((_, copy)) if copy.as_ref() == Some(&entry) => None,
                Some(_) => Some(Wrong::ShippedOtherwise),
                None if last > entry.last.through => Some(Wrong::NotShipped),
                None => None,
            };
            match wrong {
                Some(wrong) => self.wrong.push(Finding::new(Place::Restore(entry.number), wrong)),
                None => accepted.push(entry),
            }
        }
        self.accepted = accepted;
        for (number, copy) in shipped {
            let is_here = self.accepted.iter().any(|entry| entry.number == number)
                || self.wrong.iter().any(|finding| finding.place == Place::Restore(number));
            let is_given_up =
                copy.is_some_and(|copy| self.accepted.iter().any(|entry| entry.gives_up_restore(&copy)));
            if !is_here && !is_given_up {
                self.wrong.push(Finding::new(Place::Restore(number), Wrong::Missing));
            }
        }
        Ok(())
    }

    /// What is wrong with the restores.
    pub(super) async fn findings(&mut self, db: &impl ConnectionTrait) -> Result<Vec<Finding>, Fault> {
        let mut findings = std::mem::take(&mut self.wrong);
        let out_of_order =
            |entry: &RestoreEntry| Finding::new(Place::Restore(entry.number), Wrong::SealOutOfOrder);
        for entry in &self.accepted {
            if !stands(db, entry, &self.accepted).await? {
                findings.push(out_of_order(entry));
            }
        }
        Ok(findings)
    }

    /// What is wrong with the shipped seals that the restores gave up. Reads the folder alone, which can take longer than the
    /// database lets a transaction idle.
    pub(super) fn given_up(&self, accepted: &Accepted) -> Result<Vec<Finding>, Fault> {
        let Some(folder) = &accepted.shipped else { return Ok(Vec::new()) };
        given_up(folder, &self.accepted, accepted).map_err(|error| unreadable(folder, &error))
    }
}

fn faults(entry: &RestoreEntry, accepted: &Accepted) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    if !entry.is_hashed() {
        wrong.push(Wrong::SealAltered);
    }
    if !entry.is_signed() {
        wrong.push(Wrong::SignatureWrong);
    }
    if !accepted.takes(&entry.public_key) {
        wrong.push(Wrong::KeyUnknown);
    }
    wrong
}

/// Whether the chain of the database reaches the place where a restore says that it stands.
async fn stands(
    db: &impl ConnectionTrait,
    entry: &RestoreEntry,
    all: &[RestoreEntry],
) -> Result<bool, Fault> {
    let is_behind_another = all.iter().any(|other| other.number < entry.number && other.end() == entry.last);
    if is_behind_another || entry.last == ChainEnd::NONE {
        return Ok(true);
    }
    let hash: Option<Vec<u8>> = seal_row::Entity::find_by_id(entry.last.through)
        .select_only()
        .column(seal_row::Column::Hash)
        .order_by_asc(seal_row::Column::Number)
        .into_tuple()
        .one(db)
        .await?;
    Ok(hash.and_then(|hash| Link::of(&hash)) == Some(entry.last.link))
}

/// What is wrong with the shipped seals that restores gave up: each is signed, and follows the one before it or a restore,
/// and the last one is the one that the restore names.
fn given_up(folder: &Path, restores: &[RestoreEntry], accepted: &Accepted) -> std::io::Result<Vec<Finding>> {
    let shipped: Vec<_> = shipping::restores(folder)?.into_iter().filter_map(|(_, entry)| entry).collect();
    let mut findings = Vec::new();
    for number in shipping::numbers(folder)? {
        let Some(by) = restores.iter().find(|entry| entry.gives_up(number)) else { continue };
        let mut found = |wrong| findings.push(Finding::new(Place::Seal(number), wrong));
        let Some((seal, heads)) = shipping::read(folder, number)? else {
            found(Wrong::ShippedOtherwise);
            continue;
        };
        if !seal.is_hashed() || !seal.is_over(&heads) {
            found(Wrong::SealAltered);
        }
        if !seal.is_signed() {
            found(Wrong::SignatureWrong);
        }
        if !accepted.takes(&seal.public_key) {
            found(Wrong::KeyUnknown);
        }
        let before = match number - 1 {
            0 => Some(Link::NONE),
            before if before == by.last.through => Some(by.last.link),
            before => shipping::read(folder, before).ok().flatten().map(|(seal, _)| seal.hash),
        };
        let is_behind_restore = shipped.iter().any(|entry| {
            entry.abandoned.through == number - 1 && entry.hash == seal.previous && entry.is_signed()
        });
        if before.is_some_and(|before| before != seal.previous) && !is_behind_restore {
            found(Wrong::SealOutOfOrder);
        }
        let is_end = number == by.abandoned.through;
        let is_named = seal.hash == by.abandoned.link
            || shipped.iter().any(|entry| entry.hash == by.abandoned.link && entry.is_signed());
        if is_end && !is_named {
            found(Wrong::ShippedOtherwise);
        }
    }
    Ok(findings)
}
