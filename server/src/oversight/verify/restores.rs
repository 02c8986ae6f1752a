//! The restores between the checkpoints: each is signed, follows the chain where it says, and is equal to its exported
//! copy. The exported checkpoints that a restore abandoned are a valid chain of their own, up to the end that it names.

use std::path::Path;

use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder as _, QuerySelect as _};

use super::finding::{Finding, FindingKind, FindingPlace};
use super::options::VerifyOptions;
use crate::audit_log::restores::all_rows;
use crate::audit_log::rows::checkpoint as checkpoint_row;
use crate::audit_log::{ChainEnd, Checkpoint, RestoreEntry, export};
use crate::platform::Fault;
use crate::platform::hashing::Link;

/// How far the chain was followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ChainPosition {
    /// The number up to which checkpoints exist, or were abandoned.
    pub(super) through: i64,
    /// The hashes that the next part may follow: the stored one, and the computed one of a changed checkpoint, whose
    /// change is no fault of the next part. `None`, if the hash is unknown, allows any.
    links: Option<Vec<Link>>,
    at: i64,
}

impl ChainPosition {
    /// Before the first checkpoint.
    pub(super) fn beginning() -> Self {
        Self { through: 0, links: Some(vec![Link::NONE]), at: i64::MIN }
    }

    /// After a checkpoint that can't be read.
    pub(super) const fn unknown(through: i64) -> Self {
        Self { through, links: None, at: i64::MIN }
    }

    /// After a checkpoint.
    pub(super) fn after(checkpoint: &Checkpoint) -> Self {
        let links = [Some(checkpoint.hash), checkpoint.computed()].into_iter().flatten().collect();
        Self { through: checkpoint.number, links: Some(links), at: checkpoint.signed_at }
    }

    fn is_over(&self, link: &Link) -> bool {
        self.links.as_ref().is_none_or(|links| links.contains(link))
    }

    /// Whether a checkpoint of the next number follows.
    pub(super) fn is_followed_by(&self, checkpoint: &Checkpoint) -> bool {
        self.is_over(&checkpoint.previous) && checkpoint.signed_at >= self.at
    }

    /// Continues after the accepted restores at this position.
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
    /// The faults of the others, and of their exported copies.
    wrong: Vec<Finding>,
}

fn unreadable(folder: &Path, error: &std::io::Error) -> Fault {
    Fault::unavailable(format!("{}: {error}", folder.display()))
}

impl Restores {
    /// Reads them, and checks the signature and the exported copy of each.
    pub(super) async fn read(db: &impl ConnectionTrait, options: &VerifyOptions) -> Result<Self, Fault> {
        let mut restores = Self::default();
        for row in all_rows(db).await? {
            let entry = row.read();
            let wrong = match &entry {
                None => vec![FindingKind::CheckpointAltered],
                Some(entry) => faults(entry, options),
            };
            restores.accepted.extend(entry.filter(|_| wrong.is_empty()));
            let place = |wrong| Finding::new(FindingPlace::Restore(row.number), wrong);
            restores.wrong.extend(wrong.into_iter().map(place));
        }
        if let Some(folder) = &options.export_dir {
            restores.compare(folder).map_err(|error| unreadable(folder, &error))?;
        }
        Ok(restores)
    }

    /// Compares with the exported copies. A restore without a copy is not accepted if it would explain missing exported
    /// checkpoints, because the restore command exports its entry before the database is served again.
    fn compare(&mut self, folder: &Path) -> std::io::Result<()> {
        let exported = export::restores(folder)?;
        let last = export::checkpoint_numbers(folder)?.last().copied().unwrap_or(0);
        let mut accepted = Vec::new();
        for entry in std::mem::take(&mut self.accepted) {
            let copy = exported.iter().find(|(number, _)| *number == entry.number);
            let wrong = match copy {
                Some((_, copy)) if copy.as_ref() == Some(&entry) => None,
                Some(_) => Some(FindingKind::ExportMismatch),
                None if last > entry.last.through => Some(FindingKind::NotExported),
                None => None,
            };
            match wrong {
                Some(wrong) => self.wrong.push(Finding::new(FindingPlace::Restore(entry.number), wrong)),
                None => accepted.push(entry),
            }
        }
        self.accepted = accepted;
        for (number, copy) in exported {
            let is_here = self.accepted.iter().any(|entry| entry.number == number)
                || self.wrong.iter().any(|finding| finding.place == FindingPlace::Restore(number));
            let is_abandoned =
                copy.is_some_and(|copy| self.accepted.iter().any(|entry| entry.abandons_restore(&copy)));
            if !is_here && !is_abandoned {
                self.wrong.push(Finding::new(FindingPlace::Restore(number), FindingKind::Missing));
            }
        }
        Ok(())
    }

    /// The faults of the restores.
    pub(super) async fn findings(&mut self, db: &impl ConnectionTrait) -> Result<Vec<Finding>, Fault> {
        let mut findings = std::mem::take(&mut self.wrong);
        let out_of_order = |entry: &RestoreEntry| {
            Finding::new(FindingPlace::Restore(entry.number), FindingKind::CheckpointOutOfOrder)
        };
        for entry in &self.accepted {
            if !stands(db, entry, &self.accepted).await? {
                findings.push(out_of_order(entry));
            }
        }
        Ok(findings)
    }

    /// The faults of the exported checkpoints that the restores abandoned. It reads only the folder, because that can
    /// take longer than the database lets a transaction idle.
    pub(super) fn abandoned(&self, options: &VerifyOptions) -> Result<Vec<Finding>, Fault> {
        let Some(folder) = &options.export_dir else { return Ok(Vec::new()) };
        check_abandoned(folder, &self.accepted, options).map_err(|error| unreadable(folder, &error))
    }
}

fn faults(entry: &RestoreEntry, options: &VerifyOptions) -> Vec<FindingKind> {
    let mut wrong = Vec::new();
    if !entry.is_hashed() {
        wrong.push(FindingKind::CheckpointAltered);
    }
    if !entry.is_signed() {
        wrong.push(FindingKind::SignatureWrong);
    }
    if !options.accepts(&entry.public_key) {
        wrong.push(FindingKind::KeyUnknown);
    }
    wrong
}

/// Whether the chain of the database reaches the position that a restore names.
async fn stands(
    db: &impl ConnectionTrait,
    entry: &RestoreEntry,
    all: &[RestoreEntry],
) -> Result<bool, Fault> {
    let is_behind_another = all.iter().any(|other| other.number < entry.number && other.end() == entry.last);
    if is_behind_another || entry.last == ChainEnd::NONE {
        return Ok(true);
    }
    let hash: Option<Vec<u8>> = checkpoint_row::Entity::find_by_id(entry.last.through)
        .select_only()
        .column(checkpoint_row::Column::Hash)
        .order_by_asc(checkpoint_row::Column::Number)
        .into_tuple()
        .one(db)
        .await?;
    Ok(hash.and_then(|hash| Link::of(&hash)) == Some(entry.last.link))
}

/// The faults of the exported checkpoints that restores abandoned. Each must be signed, and follow the one before it or
/// a restore. The last one must be the one that the restore names.
fn check_abandoned(
    folder: &Path,
    restores: &[RestoreEntry],
    options: &VerifyOptions,
) -> std::io::Result<Vec<Finding>> {
    let exported: Vec<_> = export::restores(folder)?.into_iter().filter_map(|(_, entry)| entry).collect();
    let mut findings = Vec::new();
    for number in export::checkpoint_numbers(folder)? {
        let Some(by) = restores.iter().find(|entry| entry.abandons(number)) else { continue };
        let mut found = |wrong| findings.push(Finding::new(FindingPlace::Checkpoint(number), wrong));
        let Some((checkpoint, heads)) = export::read_checkpoint(folder, number)? else {
            found(FindingKind::ExportMismatch);
            continue;
        };
        if !checkpoint.is_hashed() || !checkpoint.is_over(&heads) {
            found(FindingKind::CheckpointAltered);
        }
        if !checkpoint.is_signed() {
            found(FindingKind::SignatureWrong);
        }
        if !options.accepts(&checkpoint.public_key) {
            found(FindingKind::KeyUnknown);
        }
        let before = match number - 1 {
            0 => Some(Link::NONE),
            before if before == by.last.through => Some(by.last.link),
            before => {
                export::read_checkpoint(folder, before).ok().flatten().map(|(checkpoint, _)| checkpoint.hash)
            }
        };
        let is_behind_restore = exported.iter().any(|entry| {
            entry.abandoned.through == number - 1 && entry.hash == checkpoint.previous && entry.is_signed()
        });
        if before.is_some_and(|before| before != checkpoint.previous) && !is_behind_restore {
            found(FindingKind::CheckpointOutOfOrder);
        }
        let is_end = number == by.abandoned.through;
        let is_named = checkpoint.hash == by.abandoned.link
            || exported.iter().any(|entry| entry.hash == by.abandoned.link && entry.is_signed());
        if is_end && !is_named {
            found(FindingKind::ExportMismatch);
        }
    }
    Ok(findings)
}
