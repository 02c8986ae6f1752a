//! Files that only their owner can read: tokens and keys.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::random;

/// Writes a file, completely or not at all: a reader finds the old or the new content, even after a power failure.
///
/// # Errors
/// If the folder can't be written.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = beside(path, bytes)?;
    fs::rename(&beside, path).map_err(|error| clean_up(&beside, error))?;
    sync_folder(path)
}

/// Makes a file, complete, and never over another one. If two processes make it at once, one of them gets an error.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`]; if the folder can't be written.
pub fn make(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = beside(path, bytes)?;
    fs::hard_link(&beside, path).map_err(|error| clean_up(&beside, error))?;
    fs::remove_file(&beside)?;
    sync_folder(path)
}

/// Syncs the folder of a file. If only the file is synced, its name may be lost in a power failure.
///
/// # Errors
/// If the folder can't be opened or synced.
pub fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// Removes the temporary file after a failure, because it holds a secret. Returns the failure, together with that of
/// the removal if it fails.
fn clean_up(beside: &Path, error: io::Error) -> io::Error {
    match fs::remove_file(beside) {
        Ok(()) => error,
        Err(left) => {
            io::Error::new(error.kind(), format!("{error}; {} is left behind: {left}", beside.display()))
        }
    }
}

/// Lets only its owner read a file.
///
/// # Errors
/// If it is missing, or belongs to another user.
pub fn restrict(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    Ok(())
}

/// Renames a complete file, durably, and never over another one.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`]; if the folder can't be written.
pub fn give_name(part: &Path, path: &Path) -> io::Result<()> {
    fs::hard_link(part, path)?;
    fs::remove_file(part)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// Writes a temporary file beside the target, under a unique name; returns that name.
fn beside(path: &Path, bytes: &[u8]) -> io::Result<PathBuf> {
    let beside = path.with_extension(format!("new-{}", random::id()?));
    let mut options = File::options();
    options.create_new(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut open = options.open(&beside)?;
    let written = open.write_all(bytes).and_then(|()| open.sync_all());
    written.map_err(|error| clean_up(&beside, error))?;
    Ok(beside)
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn of_many_that_make_a_file_at_once_one_has_made_it() {
        let folder = std::env::temp_dir().join(format!("hotline-private-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        let path = folder.join("key.pem");
        let made: Vec<_> = thread::scope(|threads| {
            let path = &path;
            let makers: Vec<_> = (0..8_u8).map(|one| threads.spawn(move || make(path, &[one; 64]))).collect();
            makers.into_iter().map(|maker| maker.join().expect("it ended")).collect()
        });
        let winners: Vec<_> =
            (0_u8..).zip(&made).filter(|(_, made)| made.is_ok()).map(|(one, _)| one).collect();
        let [winner] = winners[..] else { panic!("{made:?}") };
        let others = made.iter().filter_map(|made| made.as_ref().err());
        assert!(others.into_iter().all(|error| error.kind() == io::ErrorKind::AlreadyExists), "{made:?}");
        assert_eq!(fs::read(&path).expect("it is there"), [winner; 64]);
        assert_eq!(fs::read_dir(&folder).expect("the folder").count(), 1, "nothing else is left");
        fs::remove_dir_all(&folder).expect("it is ours");
    }
    #[test]
    fn what_fails_leaves_nothing_behind() {
        let folder = std::env::temp_dir().join(format!("hotline-private-fails-{}", std::process::id()));
        let path = folder.join("key.pem");
        fs::create_dir_all(&path).expect("a folder where the file should be");
        write(&path, b"secret").expect_err("a folder has the name");
        make(&path, b"secret").expect_err("a folder has the name");
        assert_eq!(fs::read_dir(&folder).expect("the folder").count(), 1, "nothing else is left");
        fs::remove_dir_all(&folder).expect("it is ours");
    }
}
