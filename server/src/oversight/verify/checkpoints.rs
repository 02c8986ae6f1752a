//! The checkpoints: one chain, each hashed and signed over the one before it and over its heads, and equal to its
//! exported copy.

use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder as _, QuerySelect as _};

use super::finding::{Finding, FindingKind, FindingPlace};
use super::options::VerifyOptions;
use super::part_report::PartReport;
use super::restores::{ChainPosition, Restores};
use crate::audit_log::read_checkpoints::{entries, rows};
use crate::audit_log::rows::{checkpoint_entry, heads_of};
use crate::audit_log::{Checkpoint, CheckpointHead, export};
use crate::platform::hashing::Link;
use crate::platform::{Fault, Store};

/// Verifies at most `limit` checkpoints after a number; returns the number of the last one, `None` after the last.
///
/// # Errors
/// If the database or the folder can't be read.
pub async fn checkpoints(
    store: &Store,
    options: &VerifyOptions,
    after: i64,
    limit: u64,
) -> Result<(PartReport, Option<i64>), Fault> {
    // The folder is read first: a checkpoint is in the database before it is exported, and a server may write more
    // meanwhile.
    let last_exported = options.last_exported()?;
    let snapshot = store.snapshot().await?;
    let mut restores = Restores::read(&snapshot, options).await?;
    let before = rows(&snapshot, after - 1, 1).await?.into_iter().find(|row| row.number == after);
    let mut end = match before.and_then(|row| row.read()) {
        Some(checkpoint) => ChainPosition::after(&checkpoint),
        None if after == 0 => ChainPosition::beginning(),
        None => ChainPosition::unknown(after),
    };
    let mut verified = PartReport::default();
    let found = rows(&snapshot, after, limit).await?;
    for row in &found {
        end.take(&restores);
        let missing = (end.through + 1..row.number)
            .map(|number| Finding::new(FindingPlace::Checkpoint(number), FindingKind::Missing));
        verified.findings.extend(missing.take(MISSING_MAX));
        let heads = entries(&snapshot, row.number).await?;
        verified.chains += 1;
        verified.links += heads.len() as u64;
        let checkpoint = row.read();
        let follows = if row.number == end.through + 1 { Some(&end) } else { None };
        let wrong = match &checkpoint {
            Some(checkpoint) => faults(checkpoint, &heads_of(heads), follows, options)?,
            None => vec![FindingKind::CheckpointAltered],
        };
        verified
            .findings
            .extend(wrong.into_iter().map(|wrong| Finding::new(FindingPlace::Checkpoint(row.number), wrong)));
        end = checkpoint.map_or_else(
            || ChainPosition::unknown(row.number),
            |checkpoint| ChainPosition::after(&checkpoint),
        );
    }
    let next = found.last().filter(|_| found.len() as u64 == limit).map(|row| row.number);
    if next.is_none() {
        end.take(&restores);
        verified.findings.extend(gone(&snapshot, last_exported, end.through).await?);
        verified.findings.extend(restores.findings(&snapshot).await?);
    }
    snapshot.rollback().await?;
    if next.is_none() {
        verified.findings.extend(restores.abandoned(options)?);
    }
    Ok((verified, next))
}

/// The most checkpoints of one gap that are named.
const MISSING_MAX: usize = 1_000;

fn faults(
    checkpoint: &Checkpoint,
    heads: &[CheckpointHead],
    before: Option<&ChainPosition>,
    options: &VerifyOptions,
) -> Result<Vec<FindingKind>, Fault> {
    let mut wrong = Vec::new();
    if !checkpoint.is_hashed() {
        wrong.push(FindingKind::CheckpointAltered);
    }
    if !checkpoint.is_signed() {
        wrong.push(FindingKind::SignatureWrong);
    }
    if !options.accepts(&checkpoint.public_key) {
        wrong.push(FindingKind::KeyUnknown);
    }
    let follows = match before {
        Some(before) => before.is_followed_by(checkpoint),
        None => checkpoint.number != 1 || checkpoint.previous == Link::NONE,
    };
    if !follows {
        wrong.push(FindingKind::CheckpointOutOfOrder);
    }
    if !checkpoint.is_over(heads) {
        wrong.push(FindingKind::HeadsAltered);
    }
    if let Some(folder) = &options.export_dir {
        match export::read_checkpoint(folder, checkpoint.number) {
            Ok(copy) => {
                if !copy.is_some_and(|(copy, under)| copy == *checkpoint && under == heads) {
                    wrong.push(FindingKind::ExportMismatch);
                }
            }
            // Not exported yet.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(Fault::unavailable(format!("{}: {error}", folder.display()))),
        }
    }
    Ok(wrong)
}

/// Missing checkpoints: those after the last one, or after those that a restore abandoned, that heads or exported
/// copies name.
async fn gone(
    db: &impl ConnectionTrait,
    last_exported: Option<i64>,
    last: i64,
) -> Result<Vec<Finding>, Fault> {
    let stray: Option<i64> = checkpoint_entry::Entity::find()
        .select_only()
        .column(checkpoint_entry::Column::CheckpointNumber)
        .filter(checkpoint_entry::Column::CheckpointNumber.gt(last))
        .order_by_desc(checkpoint_entry::Column::CheckpointNumber)
        .limit(1)
        .into_tuple()
        .one(db)
        .await?;
    let until = Ord::max(stray.unwrap_or(last), last_exported.unwrap_or(last));
    let gone = (last + 1..=until).take(MISSING_MAX);
    Ok(gone.map(|number| Finding::new(FindingPlace::Checkpoint(number), FindingKind::Missing)).collect())
}
