//! Exports checkpoints and restores to a folder. It detects a database that did not make the exported checkpoints: an
//! older copy that was put back without `hotline-server restore`, or one with another past.

use std::path::Path;

use crate::audit_log::export::{self, ExportOutcome};
use crate::audit_log::{ChainEnd, RestoreEntry, read_checkpoints, restores};
use crate::platform::{Store, failpoint};

/// Checkpoints that one query reads for the export.
const PAGE: u64 = 20;

/// Exports the checkpoints that are not in the folder yet, and the restores between them; returns how many checkpoints.
///
/// # Errors
/// If the database or the folder can't be reached; what [`check_exported`] finds.
pub(super) async fn export_checkpoints(store: &Store, folder: &Path) -> Result<u64, String> {
    check_exported(store, folder).await?;
    let wrong = |error: std::io::Error| format!("{}: {error}", folder.display());
    let mut after = export::checkpoint_numbers(folder).map_err(wrong)?.last().copied().unwrap_or(0);
    let there = export::restores(folder).map_err(wrong)?;
    let mut pending = restores::all(store.reader()).await.map_err(|fault| fault.detail)?;
    pending.retain(|entry| there.iter().all(|(number, _)| *number != entry.number));
    let mut exported = 0;
    loop {
        let page = read_checkpoints::page(store.reader(), after, PAGE).await.map_err(|fault| fault.detail)?;
        for (checkpoint, heads) in &page {
            export_restores(folder, pending.iter().filter(|entry| entry.last.through < checkpoint.number))?;
            failpoint::reach("checkpoint.export").await.map_err(|error| error.to_string())?;
            match export::write_checkpoint(folder, checkpoint, heads).map_err(wrong)? {
                ExportOutcome::Written => exported += 1,
                ExportOutcome::Unchanged => {}
                ExportOutcome::Conflict => return Err(differs("checkpoint", checkpoint.number)),
            }
            failpoint::reach("checkpoint.exported").await.map_err(|error| error.to_string())?;
            after = checkpoint.number;
        }
        if page.is_empty() {
            export_restores(folder, pending.iter())?;
            return Ok(exported);
        }
    }
}

/// Checks that the database holds what was exported: the last checkpoint, or a restore that abandoned it, and every
/// restore.
///
/// # Errors
/// What was exported and is missing; if the database or the folder can't be reached.
pub(super) async fn check_exported(store: &Store, folder: &Path) -> Result<(), String> {
    let wrong = |error: std::io::Error| format!("{}: {error}", folder.display());
    // The folder is read first, because what was exported had been in the database before.
    let last = export::checkpoint_numbers(folder).map_err(wrong)?.last().copied();
    let exported = export::restores(folder).map_err(wrong)?;
    let stored = restores::all(store.reader()).await.map_err(|fault| fault.detail)?;
    let is_valid = |entry: &&RestoreEntry| entry.is_hashed() && entry.is_signed();
    let stored: Vec<_> = stored.iter().filter(is_valid).collect();
    for entry in &stored {
        let is_exported = exported.iter().any(|(number, _)| *number == entry.number);
        if !is_exported && last.is_some_and(|last| last > entry.last.through) {
            return Err(format!(
                "restore {} is in the database and was not exported; `hotline-server restore --in-place` finishes it",
                entry.number
            ));
        }
    }
    for (number, copy) in &exported {
        let copy = copy.as_ref().ok_or_else(|| format!("the exported restore {number} can't be read"))?;
        match stored.iter().find(|entry| entry.number == *number) {
            Some(entry) if *entry == copy => {}
            Some(_) => return Err(differs("restore", *number)),
            None if stored.iter().any(|entry| entry.abandons_restore(copy)) => {}
            None => return Err(format!("restore {number} was exported and is not in the database")),
        }
    }
    let Some(last) = last.filter(|last| !stored.iter().any(|entry| entry.abandons(*last))) else {
        return Ok(());
    };
    let found = read_checkpoints::page(store.reader(), last - 1, 1).await.map_err(|fault| fault.detail)?;
    match found.first() {
        Some((checkpoint, heads)) if checkpoint.number == last => {
            let copy = export::read_checkpoint(folder, last).map_err(wrong)?;
            let is_same = copy.is_some_and(|(copy, under)| copy == *checkpoint && under == *heads);
            if is_same { Ok(()) } else { Err(differs("checkpoint", last)) }
        }
        _ => Err(format!("checkpoint {last} was exported and is not in the database")),
    }
}

/// Refuses to restore a database that has continued under checkpoint numbers which another database had exported. A
/// restore abandons checkpoints after the database's last one, but these are before it.
///
/// # Errors
/// If the database forked; if it or the folder can't be read.
pub async fn check_fork(store: &Store, folder: &Path, end: ChainEnd) -> Result<(), String> {
    let wrong = |error: std::io::Error| format!("{}: {error}", folder.display());
    let Some(last) = export::checkpoint_numbers(folder).map_err(wrong)?.last().copied() else {
        return Ok(());
    };
    let db = store.reader();
    let stored = restores::all(db).await.map_err(|fault| fault.detail)?;
    if last > end.through || stored.iter().any(|entry| entry.abandons(last)) {
        return Ok(());
    }
    let copy = export::read_checkpoint(folder, last).map_err(wrong)?;
    let found =
        read_checkpoints::page(db, last - 1, 1).await.map_err(|fault| fault.detail)?.into_iter().next();
    if copy.is_some() && copy == found {
        return Ok(());
    }
    Err(format!(
        "checkpoint {last} in the database is another one than the exported checkpoint: this database has gone on by itself, up \
             to checkpoint {}. Keep {} as evidence and name an empty folder in audit_log.export_dir",
        end.through,
        folder.display()
    ))
}

fn export_restores<'a>(folder: &Path, entries: impl Iterator<Item = &'a RestoreEntry>) -> Result<(), String> {
    for entry in entries {
        let outcome = export::write_restore(folder, entry);
        let outcome = outcome.map_err(|error| format!("{}: {error}", folder.display()))?;
        if outcome == ExportOutcome::Conflict {
            return Err(differs("restore", entry.number));
        }
    }
    Ok(())
}

fn differs(what: &str, number: i64) -> String {
    format!("the exported {what} {number} differs from the one in the database")
}
