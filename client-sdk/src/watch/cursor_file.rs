//! The file that keeps a stream's cursor over restarts. It is replaced atomically, so that it is whole after any crash.

use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::Instant;
use uuid::Uuid;

use super::WatchCursor;
use crate::error::Error;

/// The shortest time between two writes that nobody has asked for.
const SAVE_PAUSE: Duration = Duration::from_millis(200);
/// The longest cursor file that is read, in bytes.
const FILE_BYTES_MAX: u64 = 4_096;

/// What the name of a file ends with that is being written.
const PART_ENDING: &str = ".part";
/// A part that is so much older than the cursor was left behind by a process that was killed.
const LEFT_BEHIND: Duration = Duration::from_mins(1);

/// A cursor file.
#[derive(Debug)]
pub(super) struct CursorFile {
    path: PathBuf,
    /// The file that is written and then renamed. No other writer uses it, even of the same cursor file.
    part: PathBuf,
    is_loaded: bool,
    saved: Option<WatchCursor>,
    saved_at: Option<Instant>,
}

impl CursorFile {
    pub(super) fn new(path: PathBuf) -> Self {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{}{PART_ENDING}", Uuid::new_v4()));
        let part = path.with_file_name(name);
        Self { path, part, is_loaded: false, saved: None, saved_at: None }
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
        let (path, part, text) = (self.path.clone(), self.part.clone(), format!("{cursor}\n"));
        let is_first = self.saved_at.is_none();
        let written = run(move || {
            replace(&path, &part, &text)?;
            if is_first {
                remove_left_behind(&path);
            }
            Ok(())
        });
        written.await.map_err(|error| self.failed("written", &error))?;
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
fn replace(path: &Path, part: &Path, text: &str) -> std::io::Result<()> {
    let mut file = File::create(part)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    drop(file);
    fs::rename(part, path)?;
    // The new name must survive a crash of the machine too, where the system can do that.
    #[cfg(unix)]
    File::open(folder_of(path))?.sync_all()?;
    Ok(())
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}

/// Removes parts of this cursor file whose writers were killed. It matters to nobody if that fails.
fn remove_left_behind(path: &Path) {
    let written = fs::metadata(path).and_then(|found| found.modified());
    let (Ok(written), Ok(files)) = (written, fs::read_dir(folder_of(path))) else { return };
    let name = format!("{}.", path.file_name().unwrap_or_default().to_string_lossy());
    for file in files.flatten() {
        let other = file.file_name().to_string_lossy().into_owned();
        let age = file.metadata().and_then(|found| found.modified()).map(|at| written.duration_since(at));
        let is_old = matches!(age, Ok(Ok(age)) if age > LEFT_BEHIND);
        if is_old && other.starts_with(&name) && other.ends_with(PART_ENDING) {
            let _ = fs::remove_file(file.path());
        }
    }
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

    #[tokio::test]
    async fn writers_share_no_part_and_what_the_killed_left_is_removed() {
        let folder = std::env::temp_dir().join(format!("hotline-cursors-{}", Uuid::new_v4()));
        fs::create_dir(&folder).expect("it can be made");
        let path = folder.join("stream.cursor");
        let (old, recent) = (folder.join("stream.cursor.1.part"), folder.join("stream.cursor.2.part"));
        for part in [&old, &recent] {
            fs::write(part, "half").expect("it can be written");
        }
        let long_ago = std::time::SystemTime::UNIX_EPOCH;
        File::options()
            .write(true)
            .open(&old)
            .and_then(|file| file.set_modified(long_ago))
            .expect("the time of the file can be set");
        // Two streams of one file, and one whose file differs in its ending alone.
        let files = [path.clone(), path.clone(), folder.join("stream.state")].map(CursorFile::new);
        let parts: std::collections::HashSet<_> = files.iter().map(|file| file.part.clone()).collect();
        assert_eq!(parts.len(), 3);
        let writers: Vec<_> = (0..3)
            .zip(files)
            .map(|(writer, mut file)| {
                tokio::spawn(async move {
                    for number in 0..100 {
                        let cursor = WatchCursor::new(format!("{writer}-{number}"));
                        file.save(&cursor, true).await.expect("each writer has a part of its own");
                    }
                })
            })
            .collect();
        for writer in writers {
            writer.await.expect("it has ended");
        }
        let mut names: Vec<_> = fs::read_dir(&folder)
            .expect("it is there")
            .map(|file| file.expect("it is there").file_name())
            .collect();
        names.sort();
        assert_eq!(names, ["stream.cursor", "stream.cursor.2.part", "stream.state"]);
        fs::remove_dir_all(&folder).expect("it can be removed");
    }
}
