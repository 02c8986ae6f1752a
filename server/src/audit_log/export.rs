//! Seals that are shipped elsewhere: a folder with one file for each, written whole and never again. On a medium that
//! the database's operators can't write, it convicts whoever rewrites the database and has its signing key.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::restore::{self, ChainEnd, RestoreEntry};
use super::seal::{self, Seal, SealedHead};
use crate::platform::random;

/// The beginning and the end of the name of a seal's file.
const SEAL: (&str, &str) = ("seal-", ".jsonl");
/// The same of a restore's.
const RESTORE: (&str, &str) = ("restore-", ".json");

fn path_of(folder: &Path, name: (&str, &str), number: i64) -> PathBuf {
    folder.join(format!("{}{number:012}{}", name.0, name.1))
}

/// What came of shipping a seal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shipped {
    /// It lies there now.
    Written,
    /// The same one lay there already.
    AsBefore,
    /// Another one lies there, which was left alone: somebody has sealed another past.
    Otherwise,
}

/// The numbers of the seals in a folder, rising.
///
/// # Errors
/// Where it can't be read.
pub fn numbers(folder: &Path) -> io::Result<Vec<i64>> {
    numbers_of(folder, SEAL)
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

/// Writes a seal's file, if there is none.
///
/// # Errors
/// Where the folder can't be written.
pub fn ship(folder: &Path, seal: &Seal, heads: &[SealedHead]) -> io::Result<Shipped> {
    let text = seal::to_lines(seal, heads).map_err(io::Error::other)?;
    write_once(folder, &path_of(folder, SEAL, seal.number), &text)
}

/// Writes a restore's file, if there is none.
///
/// # Errors
/// Where the folder can't be written.
pub fn ship_restore(folder: &Path, entry: &RestoreEntry) -> io::Result<Shipped> {
    let text = restore::to_line(entry).map_err(io::Error::other)?;
    write_once(folder, &path_of(folder, RESTORE, entry.number), &text)
}

/// Writes a file that nobody has written, whole and durably, and never over another.
///
/// # Errors
/// Where the folder can't be written.
pub fn write_once(folder: &Path, path: &Path, text: &str) -> io::Result<Shipped> {
    if !path.exists() {
        let name = path.file_name().unwrap_or_default().display();
        // Servers in containers have the same process id.
        let beside = folder.join(format!(".{name}-{}", random::id()?));
        let mut open = File::options().write(true).create_new(true).open(&beside)?;
        open.write_all(text.as_bytes())?;
        open.sync_all()?;
        // A link is made only where nothing has the name, which a renaming would overwrite.
        let linked = fs::hard_link(&beside, path);
        fs::remove_file(&beside)?;
        match linked {
            Ok(()) => {
                File::open(folder)?.sync_all()?;
                return Ok(Shipped::Written);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Ok(if fs::read_to_string(path)? == text { Shipped::AsBefore } else { Shipped::Otherwise })
}

/// A seal of a folder with its heads; `None` where its file can't be understood.
///
/// # Errors
/// Where it can't be read.
pub fn read(folder: &Path, number: i64) -> io::Result<Option<(Seal, Vec<SealedHead>)>> {
    let text = fs::read_to_string(path_of(folder, SEAL, number))?;
    Ok(seal::of_lines(&text).filter(|(seal, _)| seal.number == number))
}

/// The restores of a folder by their numbers, rising; `None` for one whose file can't be understood.
///
/// # Errors
/// Where it can't be read.
pub fn restores(folder: &Path) -> io::Result<Vec<(i64, Option<RestoreEntry>)>> {
    let read = |number| {
        let text = fs::read_to_string(path_of(folder, RESTORE, number))?;
        Ok((number, restore::of_line(&text).filter(|entry| entry.number == number)))
    };
    numbers_of(folder, RESTORE)?.into_iter().map(read).collect()
}

/// The end of the chain of the seals and restores in a folder.
///
/// # Errors
/// Where it can't be read; where the last seal or a restore can't be understood.
pub fn end(folder: &Path) -> io::Result<ChainEnd> {
    let unreadable =
        |what: &str, number: i64| io::Error::other(format!("{what} {number} can't be understood"));
    let last = numbers(folder)?.last().copied();
    let mut end = match last {
        Some(last) => {
            let (seal, _) = read(folder, last)?.ok_or_else(|| unreadable("seal", last))?;
            ChainEnd { through: last, link: seal.hash }
        }
        None => ChainEnd::NONE,
    };
    for (number, entry) in restores(folder)? {
        let entry = entry.ok_or_else(|| unreadable("restore", number))?;
        // Its seals were given up before the last one was made.
        if entry.abandoned.through >= end.through && entry.end() != end {
            end = entry.end();
        }
    }
    Ok(end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::hashing::HashSuite;
    use crate::timeline::SigningKey;

    #[test]
    fn a_seal_is_written_once_and_never_over_another() {
        let folder = std::env::temp_dir().join(format!("hotline-seals-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        let key = SigningKey::of_secret([7; 32]);
        let seal = Seal::make(HashSuite::Sha256, &key, None, 1, &[]);
        let other = Seal::make(HashSuite::Sha256, &key, None, 2, &[]);
        let outcomes =
            [&seal, &seal, &other].map(|seal| ship(&folder, seal, &[]).expect("it can be written"));
        let (found, read) = (numbers(&folder), read(&folder, 1));
        fs::remove_dir_all(&folder).expect("it was there");
        assert_eq!(outcomes, [Shipped::Written, Shipped::AsBefore, Shipped::Otherwise]);
        assert_eq!(found.expect("a folder"), [1]);
        assert_eq!(read.expect("a file"), Some((seal, Vec::new())));
    }

    #[test]
    fn seals_are_found_by_their_names_and_read_by_their_numbers() {
        let folder = std::env::temp_dir().join(format!("hotline-shipped-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        let key = SigningKey::of_secret([7; 32]);
        let mut last = None;
        let seals: Vec<Seal> = (0..3)
            .map(|at| {
                let seal = Seal::make(HashSuite::Sm3, &key, last, at, &[]);
                last = Some((seal.number, seal.hash));
                seal
            })
            .collect();
        for seal in seals.iter().rev() {
            ship(&folder, seal, &[]).expect("it can be written");
        }
        for name in ["seal-x.jsonl", "seal-000000000009.txt", "other-000000000008.jsonl"] {
            fs::write(folder.join(name), "").expect("it can be written");
        }
        // One under another number is not understood.
        fs::copy(path_of(&folder, SEAL, 2), path_of(&folder, SEAL, 7)).expect("it can be copied");
        let (found, files) = (numbers(&folder), fs::read_dir(&folder).map(Iterator::count));
        let (third, seventh, missing) = (read(&folder, 3), read(&folder, 7), read(&folder, 4));
        fs::remove_dir_all(&folder).expect("it was there");
        assert_eq!(found.expect("a folder"), [1, 2, 3, 7]);
        assert_eq!(files.expect("a folder"), 7, "nothing else is left beside them");
        assert_eq!(third.expect("a file"), Some((seals[2].clone(), Vec::new())));
        assert_eq!(seventh.expect("a file"), None);
        assert!(missing.is_err() && numbers(&folder).is_err() && ship(&folder, &seals[0], &[]).is_err());
    }
}
