//! The folder of attachments. A complete file stands in one of 256 folders named by the first digits of its name, and a
//! file that is being written in `parts`. Names are random and say nothing about a ticket or a caller.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;

use crate::platform::{file_age, private_file, random};

/// The folder of files that are being written.
const PARTS: &str = "parts";
/// Hexadecimal digits of the name of a file.
const DIGITS: usize = 32;

/// The folder of attachments.
#[derive(Debug, Clone)]
pub struct Folder {
    path: PathBuf,
}

/// A file that is being written. It is removed when it is dropped, unless it was kept.
#[derive(Debug)]
pub(super) struct PartFile {
    file: Option<tokio::fs::File>,
    part: PathBuf,
    path: PathBuf,
}

/// A new name, which cannot be guessed.
///
/// # Errors
/// If the operating system gives no randomness.
pub(super) fn new_name() -> io::Result<String> {
    Ok(random::id()?.simple().to_string())
}

/// Whether a text is the name of a file.
fn is_name(text: &str) -> bool {
    text.len() == DIGITS && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

impl Folder {
    /// The folder at a path. It is made with the first file.
    #[must_use]
    pub const fn at(path: PathBuf) -> Self {
        Self { path }
    }

    /// Where a file is.
    #[must_use]
    pub fn path_of(&self, name: &str) -> PathBuf {
        self.path.join(name.get(..2).unwrap_or(PARTS)).join(name)
    }

    /// Begins a file.
    pub(super) async fn begin(&self, name: &str) -> io::Result<PartFile> {
        let (part, path) = (self.path.join(PARTS).join(name), self.path_of(name));
        let opened = part.clone();
        let file = blocking(move || {
            make_folder(&opened)?;
            let mut options = fs::File::options();
            options.create_new(true).write(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            options.open(&opened)
        })
        .await?;
        Ok(PartFile { file: Some(tokio::fs::File::from_std(file)), part, path })
    }

    /// Opens a file.
    ///
    /// # Errors
    /// [`io::ErrorKind::NotFound`] if it is missing.
    pub(super) async fn open(&self, name: &str) -> io::Result<tokio::fs::File> {
        tokio::fs::File::open(self.path_of(name)).await
    }

    /// Removes a file, if it is there.
    ///
    /// # Errors
    /// If the folder can't be written.
    pub async fn remove(&self, name: &str) -> io::Result<()> {
        let path = self.path_of(name);
        blocking(move || removed(&path)).await
    }

    /// Whether a file is there.
    ///
    /// # Errors
    /// If the folder can't be read.
    pub async fn has(&self, name: &str) -> io::Result<bool> {
        tokio::fs::try_exists(self.path_of(name)).await
    }

    /// Removes the parts that nobody has written to for so long; returns how many.
    ///
    /// # Errors
    /// If the folder can't be read or written.
    pub async fn remove_old_parts(&self, age: Duration) -> io::Result<u64> {
        let parts = self.path.join(PARTS);
        blocking(move || {
            let mut count = 0;
            for path in old_files(&parts, age)? {
                removed(&path)?;
                count += 1;
            }
            Ok(count)
        })
        .await
    }

    /// The names of the complete files in one of the 256 folders that are so old.
    ///
    /// # Errors
    /// If the folder can't be read.
    pub async fn old_names(&self, folder: u8, age: Duration) -> io::Result<Vec<String>> {
        let folder = self.path.join(format!("{folder:02x}"));
        blocking(move || {
            let names = old_files(&folder, age)?.into_iter();
            let names = names.filter_map(|path| Some(path.file_name()?.to_str()?.to_owned()));
            Ok(names.filter(|name| is_name(name)).collect())
        })
        .await
    }
}

impl PartFile {
    /// Writes the next bytes.
    pub(super) async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.file {
            Some(file) => file.write_all(bytes).await,
            None => Err(io::Error::other("the file is complete")),
        }
    }

    /// Makes the file complete, durably, under its own name.
    pub(super) async fn keep(mut self) -> io::Result<()> {
        let Some(mut file) = self.file.take() else { return Ok(()) };
        file.flush().await?;
        file.sync_all().await?;
        let (part, path) = (self.part.clone(), self.path.clone());
        blocking(move || {
            make_folder(&path)?;
            private_file::give_name(&part, &path)
        })
        .await
    }
}

impl Drop for PartFile {
    fn drop(&mut self) {
        // A file that was kept has another name.
        if let Err(error) = removed(&self.part) {
            tracing::warn!(%error, "removing a part of an attachment failed; the sweeper removes it");
        }
    }
}

/// Makes the folder of a file, for its owner only.
fn make_folder(file: &Path) -> io::Result<()> {
    let Some(folder) = file.parent() else { return Ok(()) };
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn removed(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// The files of a folder that were changed so long ago. A folder that is missing has none.
fn old_files(folder: &Path, age: Duration) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut old = Vec::new();
    for entry in entries {
        let path = entry?.path();
        // Another server may have removed it.
        if file_age::of(&path).is_ok_and(|here| here >= age) {
            old.push(path);
        }
    }
    Ok(old)
}

/// Runs file operations on a thread that may wait for the disk.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_no_way_out_of_the_folder() {
        let name = new_name().expect("randomness");
        assert!(is_name(&name), "{name}");
        for wrong in ["", "../../etc/passwd", &name[1..], "ABCDEF", &format!("{name}0")] {
            assert!(!is_name(wrong), "{wrong}");
        }
    }

    #[tokio::test]
    async fn a_part_that_is_not_kept_leaves_nothing_behind() {
        let path = std::env::temp_dir().join(format!("hotline-attachments-{}", std::process::id()));
        let folder = Folder::at(path.clone());
        let (kept, dropped) = (new_name().expect("randomness"), new_name().expect("randomness"));
        let mut part = folder.begin(&dropped).await.expect("it is made");
        part.write(b"half").await.expect("it is written");
        drop(part);
        let mut part = folder.begin(&kept).await.expect("it is made");
        part.write(b"whole").await.expect("it is written");
        assert!(!folder.has(&kept).await.expect("it can be read"), "it is not complete");
        part.keep().await.expect("it is kept");
        assert!(folder.has(&kept).await.expect("it can be read"));
        assert_eq!(fs::read_dir(path.join(PARTS)).expect("the parts").count(), 0);
        let first = u8::from_str_radix(&kept[..2], 16).expect("digits");
        let old = folder.old_names(first, Duration::ZERO).await.expect("it can be read");
        assert_eq!(old, std::slice::from_ref(&kept));
        assert!(folder.old_names(first, Duration::from_hours(1)).await.expect("it can be read").is_empty());
        folder.remove(&kept).await.expect("it is removed");
        folder.remove(&kept).await.expect("nothing is there to remove");
        fs::remove_dir_all(path).expect("the test made it");
    }
}
