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

/// A complete file in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedFile {
    /// Its name.
    pub name: String,
    /// Whether it is at least as old as was asked.
    pub is_old: bool,
}

/// A page of a list of files. Pages follow each other in the order of names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedPage {
    /// Its files, in any order.
    pub files: Vec<ListedFile>,
    /// The last name that would be on this page; empty if that is unknown.
    pub last: String,
    /// What asks for the next page, if there is one.
    pub next: Option<String>,
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
pub(super) fn is_name(text: &str) -> bool {
    text.len() == DIGITS && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// The path of a file below the folder, with slashes.
pub(super) fn place_of(name: &str) -> String {
    format!("{}/{name}", name.get(..2).unwrap_or(PARTS))
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
        self.path.join(place_of(name))
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
            for (path, _) in files_in(&parts)?.into_iter().filter(|(_, here)| *here >= age) {
                removed(&path)?;
                count += 1;
            }
            Ok(count)
        })
        .await
    }

    /// The complete files in one of the 256 folders, and which of them are at least so old. `token` is its number.
    ///
    /// # Errors
    /// If the folder can't be read.
    pub(super) async fn list(&self, token: Option<&str>, age: Duration) -> io::Result<ListedPage> {
        let number = token.map_or(Ok(0), |token| u8::from_str_radix(token, 16)).map_err(io::Error::other)?;
        let folder = self.path.join(format!("{number:02x}"));
        let files = blocking(move || {
            let mut files = Vec::new();
            for (path, here) in files_in(&folder)? {
                if let Some(name) =
                    path.file_name().and_then(|name| name.to_str()).filter(|name| is_name(name))
                {
                    files.push(ListedFile { name: name.to_owned(), is_old: here >= age });
                }
            }
            Ok(files)
        });
        let last = format!("{number:02x}{}", "f".repeat(DIGITS - 2));
        let next = number.checked_add(1).map(|next| format!("{next:02x}"));
        Ok(ListedPage { files: files.await?, last, next })
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

    /// Ends the file; returns where it is until it is dropped.
    pub(super) async fn end(&mut self) -> io::Result<&Path> {
        if let Some(mut file) = self.file.take() {
            file.flush().await?;
        }
        Ok(&self.part)
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

/// The files of a folder with their age. A folder that is missing has none.
fn files_in(folder: &Path) -> io::Result<Vec<(PathBuf, Duration)>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        // Another server may have removed it.
        if let Ok(age) = file_age::of(&path) {
            files.push((path, age));
        }
    }
    Ok(files)
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
        let list = async |age| folder.list(kept.get(..2), age).await.expect("it can be read");
        let page = list(Duration::ZERO).await;
        assert_eq!(page.files, [ListedFile { name: kept.clone(), is_old: true }]);
        assert!(page.last >= kept && page.last.starts_with(&kept[..2]), "{page:?}");
        assert!(!list(Duration::from_hours(1)).await.files[0].is_old);
        let mut pages = 1;
        let mut token = folder.list(None, Duration::ZERO).await.expect("it can be read").next;
        while let Some(next) = token {
            token = folder.list(Some(&next), Duration::ZERO).await.expect("it can be read").next;
            pages += 1;
        }
        assert_eq!(pages, 256);
        folder.remove(&kept).await.expect("it is removed");
        folder.remove(&kept).await.expect("nothing is there to remove");
        fs::remove_dir_all(path).expect("the test made it");
    }
}
