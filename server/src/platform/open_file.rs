//! Whether the embedded database's open file, and its log, are still the ones at their paths.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::database_file::log_of;

/// A file in the file system: device and inode.
type Identity = (u64, u64);

/// An open database file and its log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenFile {
    path: PathBuf,
    file: Identity,
    log: Option<Identity>,
}

#[cfg(unix)]
fn identity(about: &fs::Metadata) -> Identity {
    use std::os::unix::fs::MetadataExt as _;
    (about.dev(), about.ino())
}

#[cfg(not(unix))]
fn identity(_: &fs::Metadata) -> Identity {
    (0, 0)
}

/// The file at a path.
fn at(path: &Path) -> io::Result<Option<Identity>> {
    match fs::metadata(path) {
        Ok(about) => Ok(Some(identity(&about))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The file at a path. If the file system gives no answer, the expected one: a directory that can't be read for a
/// moment is no reason to stop.
fn at_or(path: &Path, expected: Option<Identity>) -> Option<Identity> {
    at(path).unwrap_or_else(|error| {
        tracing::warn!(%error, file = %path.display(), "reading the status of the database file failed; retrying");
        expected
    })
}

/// Whether this process has a file open; `None` if the system does not say.
fn is_open_here(file: Identity) -> Option<bool> {
    let descriptors = fs::read_dir("/proc/self/fd").ok()?;
    let mut open = descriptors.flatten().filter_map(|entry| fs::metadata(entry.path()).ok());
    Some(open.any(|about| identity(&about) == file))
}

impl OpenFile {
    /// The file that was just opened at a path, and its log.
    ///
    /// # Errors
    /// If it is missing.
    pub fn at(path: &Path) -> io::Result<Self> {
        let file = identity(&fs::metadata(path)?);
        Ok(Self { path: path.to_owned(), file, log: at(&log_of(path))? })
    }

    /// The same, without its log, which the last connection of a database removes.
    #[must_use]
    pub fn without_log(self) -> Self {
        Self { log: None, ..self }
    }

    /// Its path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the path still leads to the open file, and the path of the log to the open log. What is written to a
    /// file without a path is lost when the process ends.
    ///
    /// # Errors
    /// What is at the path now.
    pub fn check(&self) -> Result<(), String> {
        let path = self.path.display();
        match at_or(&self.path, Some(self.file)) {
            Some(found) if found == self.file => {}
            Some(_) => return Err(format!("{path} was replaced by another file while it is open")),
            None => return Err(format!("{path} was removed or renamed while it is open")),
        }
        let log_path = log_of(&self.path);
        let found = at_or(&log_path, self.log);
        // SQLite makes a new log if all connections were closed meanwhile. It has that one open then.
        let is_expected = self.log.is_none()
            || found == self.log
            || found.is_some_and(|found| is_open_here(found).unwrap_or(true));
        if is_expected {
            return Ok(());
        }
        Err(format!("{} was removed or replaced while it is open", log_path.display()))
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    /// An empty folder for this test.
    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("hotline-file-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        folder
    }

    #[test]
    fn a_file_that_lost_its_path_is_known() {
        let folder = folder("open");
        let path = folder.join("x.sqlite");
        let (other, aside) = (folder.join("other"), folder.join("aside"));
        for file in [&path, &other] {
            fs::write(file, "x").expect("it can be written");
        }
        let open = OpenFile::at(&path).expect("it is there");
        assert_eq!(open.check(), Ok(()));
        fs::rename(&path, &aside).expect("it can be renamed");
        assert!(open.check().is_err_and(|why| why.contains("was removed or renamed")));
        fs::rename(&other, &path).expect("another one takes its place");
        assert!(open.check().is_err_and(|why| why.contains("was replaced by another file")));
        fs::rename(&aside, &path).expect("it comes back");
        assert_eq!(open.check(), Ok(()));
        fs::remove_dir_all(&folder).expect("it is ours");
    }

    #[test]
    fn a_log_that_lost_its_path_is_known() {
        let folder = folder("log");
        let path = folder.join("x.sqlite");
        fs::write(&path, "x").expect("it can be written");
        fs::write(log_of(&path), "x").expect("it can be written");
        let open = OpenFile::at(&path).expect("it is there");
        // Kept open, as the server does; otherwise the next file may get the same inode.
        let held = fs::File::open(log_of(&path)).expect("it is there");
        fs::remove_file(log_of(&path)).expect("it is there");
        assert!(open.check().is_err_and(|why| why.contains("x.sqlite-wal was removed or replaced")));
        let recreated = fs::File::create(log_of(&path)).expect("it can be made");
        assert_eq!(open.check(), Ok(()), "the one that is open now");
        drop(recreated);
        assert!(open.check().is_err(), "this process does not have it open");
        drop(held);
        fs::remove_dir_all(&folder).expect("it is ours");
    }
}
