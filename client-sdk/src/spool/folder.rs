//! The folder of a spool: one file an entry, written under another name, synchronised, and then renamed. So a file with
//! an entry's name is always whole.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::entry::Entry;
use super::key::{SpoolKey, private_file};
use crate::error::{Error, ErrorKind};

/// What every entry's file begins with: the name of the format and its version.
const MAGIC: &[u8] = b"HSP1";
const ENTRY_ENDING: &str = "entry";
const PARTIAL_ENDING: &str = "partial";
const REASON_ENDING: &str = "reason";
const SET_ASIDE_FOLDER: &str = "set-aside";
const LOCK_FILE: &str = "lock";
/// A file that only the folder's own key can decrypt.
const KEY_CHECK_FILE: &str = "key-check";

/// What is found where an entry should be.
#[derive(Debug, PartialEq)]
pub(super) enum Found {
    /// The entry.
    Entry(Box<Entry>),
    /// A file that can't be decrypted or understood.
    Damaged,
    /// No file: it was removed, or the removal before could not be confirmed.
    Nothing,
}

/// The folder, held by this process.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    key: SpoolKey,
    next_sequence: u64,
    /// Locked while the folder is open.
    _lock: File,
}

fn fault(path: &Path, error: &dyn std::fmt::Display) -> Error {
    Error::passing(ErrorKind::Spool, format!("the spool {}: {error}", path.display()))
}

impl Folder {
    /// Opens a folder, or makes it, and lists its entries in their order. Files that were not written to their end are
    /// removed: nobody was answered for them.
    pub(super) fn open(path: PathBuf, key: SpoolKey) -> Result<(Self, Vec<u64>), Error> {
        let made = make_private(&path.join(SET_ASIDE_FOLDER));
        made.map_err(|error| fault(&path, &error))?;
        let lock = File::options().create(true).truncate(false).write(true).open(path.join(LOCK_FILE));
        let lock = lock.map_err(|error| fault(&path, &error))?;
        lock.try_lock().map_err(|_| fault(&path, &"another process uses it"))?;
        check_key(&path, &key)?;
        let sequences = entries(&path).map_err(|error| fault(&path, &error))?;
        let aside = sequences_in(&path.join(SET_ASIDE_FOLDER)).map_err(|error| fault(&path, &error))?;
        let next_sequence = aside.last().map_or(1, |last| last + 1);
        Ok((Self { path, key, next_sequence, _lock: lock }, sequences))
    }

    /// A sequence that no entry which was set aside has.
    pub(super) const fn next_sequence(&self) -> u64 {
        self.next_sequence
    }

    fn entry_path(&self, sequence: u64) -> PathBuf {
        self.path.join(format!("{sequence:020}.{ENTRY_ENDING}"))
    }

    /// Writes an entry. When this returns, it survives a crash of the machine.
    pub(super) fn write(&self, sequence: u64, entry: &Entry) -> Result<(), Error> {
        let encrypted = self.key.encrypt(&place(sequence), &entry.to_bytes())?;
        let path = self.entry_path(sequence);
        let partial = path.with_extension(PARTIAL_ENDING);
        let written = private_file(&partial).and_then(|mut file| {
            file.write_all(MAGIC)?;
            file.write_all(&encrypted)?;
            file.sync_all()?;
            fs::rename(&partial, &path)?;
            sync_folder(&self.path)
        });
        written.map_err(|error| {
            // A file that is there would be sent, although its caller got the error that nothing was taken.
            let _ = fs::remove_file(&partial);
            let _ = fs::remove_file(&path);
            fault(&self.path, &error)
        })
    }

    /// Reads an entry.
    pub(super) fn read(&self, sequence: u64) -> Result<Found, Error> {
        let bytes = match fs::read(self.entry_path(sequence)) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Found::Nothing),
            Err(error) => return Err(fault(&self.path, &error)),
        };
        let encrypted = bytes.strip_prefix(MAGIC);
        let text = encrypted.and_then(|encrypted| self.key.decrypt(&place(sequence), encrypted));
        let entry = text.and_then(|text| Entry::from_bytes(&text));
        Ok(entry.map_or(Found::Damaged, |entry| Found::Entry(Box::new(entry))))
    }

    /// Removes an entry that has its ticket.
    pub(super) fn remove(&self, sequence: u64) -> Result<(), Error> {
        match fs::remove_file(self.entry_path(sequence)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(fault(&self.path, &error)),
            _ => {
                Self::sync(&self.path);
                Ok(())
            }
        }
    }

    /// Moves an entry out of the queue, with the reason in a file beside it.
    pub(super) fn move_aside(&self, sequence: u64, reason: &str) -> Result<PathBuf, Error> {
        let from = self.entry_path(sequence);
        let aside = self.path.join(SET_ASIDE_FOLDER);
        let to = aside.join(from.file_name().unwrap_or_default());
        let moved = fs::write(to.with_extension(REASON_ENDING), format!("{reason}\n"))
            .and_then(|()| fs::rename(&from, &to));
        moved.map_err(|error| fault(&self.path, &error))?;
        Self::sync(&aside);
        Self::sync(&self.path);
        Ok(to)
    }

    /// Synchronises a folder from which an entry has gone. If that fails, a crash of the machine can at most bring the
    /// entry back. Then it is sent again, and gets the same answer.
    fn sync(folder: &Path) {
        if let Err(error) = sync_folder(folder) {
            tracing::debug!(%error, folder = %folder.display(), "folder not synchronised");
        }
    }

    /// The entries that were set aside.
    pub(super) fn set_aside(&self) -> Result<Vec<PathBuf>, Error> {
        let aside = self.path.join(SET_ASIDE_FOLDER);
        let sequences = sequences_in(&aside).map_err(|error| fault(&self.path, &error))?;
        Ok(sequences.into_iter().map(|one| aside.join(format!("{one:020}.{ENTRY_ENDING}"))).collect())
    }
}

/// Refuses a key that is not the folder's: with it, every entry would look damaged.
fn check_key(folder: &Path, key: &SpoolKey) -> Result<(), Error> {
    let path = folder.join(KEY_CHECK_FILE);
    let name = KEY_CHECK_FILE.as_bytes();
    match fs::read(&path) {
        Ok(bytes) if key.decrypt(name, &bytes).is_some() => Ok(()),
        Ok(_) => {
            let message =
                format!("the spool {}: its entries were encrypted with another key", folder.display());
            Err(Error::local(ErrorKind::Spool, message))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let (encrypted, partial) = (key.encrypt(name, b"")?, path.with_extension(PARTIAL_ENDING));
            let _ = fs::remove_file(&partial);
            let written = private_file(&partial).and_then(|mut file| {
                file.write_all(&encrypted)?;
                file.sync_all()?;
                fs::rename(&partial, &path)?;
                sync_folder(folder)
            });
            written.map_err(|error| fault(folder, &error))
        }
        Err(error) => Err(fault(folder, &error)),
    }
}

/// What an entry is bound to, so that files cannot change places.
fn place(sequence: u64) -> Vec<u8> {
    [MAGIC, &sequence.to_be_bytes()].concat()
}

fn make_private(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(unix)]
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
pub(super) fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

fn sequences_in(folder: &Path) -> io::Result<Vec<u64>> {
    let mut sequences = Vec::new();
    for file in fs::read_dir(folder)? {
        let path = file?.path();
        if path.extension().is_some_and(|ending| ending == ENTRY_ENDING) {
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            sequences.extend(name.parse::<u64>().ok());
        }
    }
    sequences.sort_unstable();
    Ok(sequences)
}

fn entries(folder: &Path) -> io::Result<Vec<u64>> {
    for file in fs::read_dir(folder)? {
        let path = file?.path();
        if path.extension().is_some_and(|ending| ending == PARTIAL_ENDING) {
            fs::remove_file(path)?;
        }
    }
    sequences_in(folder)
}
