//! Exported checkpoints: a folder with one file for each, written completely and only once. On a medium that the
//! database's operators cannot write, the copies reveal that somebody with the signing key has rewritten the database.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::checkpoint::{self, Checkpoint, CheckpointHead};
use super::restore_entry::{self, ChainEnd, RestoreEntry};
use crate::platform::random;

/// Prefix and suffix of the name of a checkpoint's file.
const CHECKPOINT: (&str, &str) = ("checkpoint-", ".jsonl");
/// The same for a restore's file.
const RESTORE: (&str, &str) = ("restore-", ".json");

fn path_of(folder: &Path, name: (&str, &str), number: i64) -> PathBuf {
    folder.join(format!("{}{number:012}{}", name.0, name.1))
}

/// The outcome of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportOutcome {
    /// The file is new.
    Written,
    /// The same file was there already.
    Unchanged,
    /// A file with other content exists. It was not changed: somebody has signed another past.
    Conflict,
}

/// The numbers of the checkpoints in a folder, ascending.
///
/// # Errors
/// If it can't be read.
pub fn checkpoint_numbers(folder: &Path) -> io::Result<Vec<i64>> {
    numbers_of(folder, CHECKPOINT)
}

fn numbers_of(folder: &Path, name: (&str, &str)) -> io::Result<Vec<i64>> {
    let number = |file: &str| file.strip_prefix(name.0)?.strip_suffix(name.1)?.parse::<i64>().ok();
    let mut numbers = Vec::new();
    for entry in fs::read_dir(folder)? {
        numbers.extend(entry?.file_name().to_str().and_then(number));
    }
    numbers.sort_unstable();
    Ok(numbers)
}

/// Writes a checkpoint's file, if there is none.
///
/// # Errors
/// If the folder can't be written.
pub fn write_checkpoint(
    folder: &Path,
    checkpoint: &Checkpoint,
    heads: &[CheckpointHead],
) -> io::Result<ExportOutcome> {
    let text = checkpoint::to_lines(checkpoint, heads).map_err(io::Error::other)?;
    write_once(folder, &path_of(folder, CHECKPOINT, checkpoint.number), &text)
}

/// Writes a restore's file, if there is none.
///
/// # Errors
/// If the folder can't be written.
pub fn write_restore(folder: &Path, entry: &RestoreEntry) -> io::Result<ExportOutcome> {
    let text = restore_entry::to_line(entry).map_err(io::Error::other)?;
    write_once(folder, &path_of(folder, RESTORE, entry.number), &text)
}

/// Writes a file that does not exist, completely and durably, and never over another one.
///
/// # Errors
/// If the folder can't be written.
pub fn write_once(folder: &Path, path: &Path, text: &str) -> io::Result<ExportOutcome> {
    if !path.exists() {
        let name = path.file_name().unwrap_or_default().display();
        // Servers in containers may have the same process id.
        let beside = folder.join(format!(".{name}-{}", random::id()?));
        let mut open = File::options().write(true).create_new(true).open(&beside)?;
        open.write_all(text.as_bytes())?;
        open.sync_all()?;
        // A link fails if the name exists; a rename would overwrite the file.
        let linked = fs::hard_link(&beside, path);
        fs::remove_file(&beside)?;
        match linked {
            Ok(()) => {
                File::open(folder)?.sync_all()?;
                return Ok(ExportOutcome::Written);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Ok(if fs::read_to_string(path)? == text { ExportOutcome::Unchanged } else { ExportOutcome::Conflict })
}

/// A checkpoint in a folder, with its heads; `None` if its file can't be understood.
///
/// # Errors
/// If it can't be read.
pub fn read_checkpoint(folder: &Path, number: i64) -> io::Result<Option<(Checkpoint, Vec<CheckpointHead>)>> {
    let text = fs::read_to_string(path_of(folder, CHECKPOINT, number))?;
    Ok(checkpoint::of_lines(&text).filter(|(checkpoint, _)| checkpoint.number == number))
}

/// The restores of a folder by their numbers, ascending; `None` for one whose file can't be understood.
///
/// # Errors
/// If it can't be read.
pub fn restores(folder: &Path) -> io::Result<Vec<(i64, Option<RestoreEntry>)>> {
    let read = |number| {
        let text = fs::read_to_string(path_of(folder, RESTORE, number))?;
        Ok((number, restore_entry::of_line(&text).filter(|entry| entry.number == number)))
    };
    numbers_of(folder, RESTORE)?.into_iter().map(read).collect()
}

/// The end of the chain of the checkpoints and restores in a folder.
///
/// # Errors
/// If it can't be read; if the last checkpoint or a restore can't be understood.
pub fn chain_end(folder: &Path) -> io::Result<ChainEnd> {
    let unreadable =
        |what: &str, number: i64| io::Error::other(format!("{what} {number} can't be understood"));
    let last = checkpoint_numbers(folder)?.last().copied();
    let mut end = match last {
        Some(last) => {
            let (checkpoint, _) =
                read_checkpoint(folder, last)?.ok_or_else(|| unreadable("checkpoint", last))?;
            ChainEnd { through: last, link: checkpoint.hash }
        }
        None => ChainEnd::NONE,
    };
    for (number, entry) in restores(folder)? {
        let entry = entry.ok_or_else(|| unreadable("restore", number))?;
        // Its checkpoints were abandoned before the last one was written.
        if entry.abandoned.through >= end.through && entry.end() != end {
            end = entry.end();
        }
    }
    Ok(end)
}

#[cfg(test)]
mod tests {
    use super::super::signing_key::SigningKey;
    use super::*;
    use crate::platform::hashing::HashSuite;

    #[test]
    fn a_checkpoint_is_written_once_and_never_over_another() {
        let folder = std::env::temp_dir().join(format!("hotline-checkpoints-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        let key = SigningKey::of_secret([7; 32]);
        let checkpoint = Checkpoint::make(HashSuite::Sha256, &key, None, 1, &[]);
        let other = Checkpoint::make(HashSuite::Sha256, &key, None, 2, &[]);
        let outcomes = [&checkpoint, &checkpoint, &other]
            .map(|checkpoint| write_checkpoint(&folder, checkpoint, &[]).expect("it can be written"));
        let (found, read) = (checkpoint_numbers(&folder), read_checkpoint(&folder, 1));
        fs::remove_dir_all(&folder).expect("it was there");
        assert_eq!(outcomes, [ExportOutcome::Written, ExportOutcome::Unchanged, ExportOutcome::Conflict]);
        assert_eq!(found.expect("a folder"), [1]);
        assert_eq!(read.expect("a file"), Some((checkpoint, Vec::new())));
    }

    #[test]
    fn checkpoints_are_found_by_their_names_and_read_by_their_numbers() {
        let folder = std::env::temp_dir().join(format!("hotline-exported-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        let key = SigningKey::of_secret([7; 32]);
        let mut last = None;
        let checkpoints: Vec<Checkpoint> = (0..3)
            .map(|at| {
                let checkpoint = Checkpoint::make(HashSuite::Sm3, &key, last, at, &[]);
                last = Some((checkpoint.number, checkpoint.hash));
                checkpoint
            })
            .collect();
        for checkpoint in checkpoints.iter().rev() {
            write_checkpoint(&folder, checkpoint, &[]).expect("it can be written");
        }
        for name in ["checkpoint-x.jsonl", "checkpoint-000000000009.txt", "other-000000000008.jsonl"] {
            fs::write(folder.join(name), "").expect("it can be written");
        }
        // A checkpoint under another number is not understood.
        fs::copy(path_of(&folder, CHECKPOINT, 2), path_of(&folder, CHECKPOINT, 7)).expect("it can be copied");
        let (found, files) = (checkpoint_numbers(&folder), fs::read_dir(&folder).map(Iterator::count));
        let (third, seventh, missing) =
            (read_checkpoint(&folder, 3), read_checkpoint(&folder, 7), read_checkpoint(&folder, 4));
        fs::remove_dir_all(&folder).expect("it was there");
        assert_eq!(found.expect("a folder"), [1, 2, 3, 7]);
        assert_eq!(files.expect("a folder"), 7, "nothing else is left beside them");
        assert_eq!(third.expect("a file"), Some((checkpoints[2].clone(), Vec::new())));
        assert_eq!(seventh.expect("a file"), None);
        assert!(
            missing.is_err()
                && checkpoint_numbers(&folder).is_err()
                && write_checkpoint(&folder, &checkpoints[0], &[]).is_err()
        );
    }
}
