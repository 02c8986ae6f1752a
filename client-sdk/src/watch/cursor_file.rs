//! The file that keeps a stream's cursor over restarts. It is replaced atomically, so that it is whole after any crash.

use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::Instant;

use super::WatchCursor;
use crate::error::Error;

/// The shortest time between two writes that nobody has asked for.
const SAVE_PAUSE: Duration = Duration::from_millis(200);
/// The longest cursor file that is read, in bytes.
const FILE_BYTES_MAX: u64 = 4_096;

/// A cursor file.
#[derive(Debug)]
pub(super) struct CursorFile {
    path: PathBuf,
    is_loaded: bool,
    saved: Option<WatchCursor>,
    saved_at: Option<Instant>,
}

impl CursorFile {
    pub(super) const fn new(path: PathBuf) -> Self {
        Self { path, is_loaded: false, saved: None, saved_at: None }
    }

    /// The cursor in the file, the first time; `None` if there is no file yet.
    pub(super) async fn load_once(&mut self) -> Result<Option<WatchCursor>, Error> {
        if self.is_loaded {
            return Ok(None);
        }
        let path = self.path.clone();
        let loaded = run(move || load(&path)).await;
        self.saved = loaded.map_err(|error| self.failed("read", &error))?;
        self.is_loaded = true;
        Ok(self.saved.clone())
    }

    /// Writes a cursor if it is another one, and the last write is some time ago or it has to be now.
    pub(super) async fn save(&mut self, cursor: &WatchCursor, is_now: bool) -> Result<(), Error> {
        let is_due = is_now || self.saved_at.is_none_or(|at| at.elapsed() >= SAVE_PAUSE);
        if !is_due || self.saved.as_ref() == Some(cursor) {
            return Ok(());
        }
        let (path, text) = (self.path.clone(), format!("{cursor}\n"));
        run(move || replace(&path, &text)).await.map_err(|error| self.failed("written", &error))?;
        self.saved = Some(cursor.clone());
        self.saved_at = Some(Instant::now());
        Ok(())
    }

    fn failed(&self, what: &str, error: &std::io::Error) -> Error {
        Error::configuration(format!("the cursor file {} can't be {what}: {error}", self.path.display()))
    }
}

/// Runs file operations where they block no other task.
async fn run<T: Send + 'static>(
    operation: impl FnOnce() -> std::io::Result<T> + Send + 'static,
) -> std::io::Result<T> {
    tokio::task::spawn_blocking(operation).await.unwrap_or_else(|error| Err(std::io::Error::other(error)))
}

fn load(path: &Path) -> std::io::Result<Option<WatchCursor>> {
    match fs::metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
        Ok(found) if found.len() > FILE_BYTES_MAX => {
            return Err(std::io::Error::new(ErrorKind::InvalidData, "it is no cursor file"));
        }
        Ok(_) => {}
    }
    let text = fs::read_to_string(path)?;
    Ok(Some(text.trim()).filter(|cursor| !cursor.is_empty()).map(WatchCursor::new))
}

/// Replaces a file so that a crash leaves either the old text or the new one.
fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    let part = path.with_extension("part");
    let mut file = File::create(&part)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    drop(file);
    fs::rename(&part, path)?;
    // The new name must survive a crash of the machine too, where the system can do that.
    #[cfg(unix)]
    {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or_else(|| Path::new(".")))?.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_cursor_is_found_again_and_a_foreign_file_is_refused() {
        let path = std::env::temp_dir().join(format!("hotline-cursor-{}", std::process::id()));
        let _ = fs::remove_file(&path);
        let mut file = CursorFile::new(path.clone());
        assert_eq!(file.load_once().await.expect("no file is no error"), None);
        for (text, is_now, kept) in [("one", false, "one"), ("two", false, "one"), ("three", true, "three")] {
            file.save(&WatchCursor::new(text), is_now).await.expect("it can be written");
            assert_eq!(fs::read_to_string(&path).expect("it is there").trim(), kept);
        }
        let mut again = CursorFile::new(path.clone());
        assert_eq!(again.load_once().await.expect("it is read"), Some(WatchCursor::new("three")));
        fs::write(&path, vec![b'x'; 5_000]).expect("it can be written");
        assert!(CursorFile::new(path.clone()).load_once().await.is_err());
        fs::remove_file(&path).expect("it can be removed");
    }
}
