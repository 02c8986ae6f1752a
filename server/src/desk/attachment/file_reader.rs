//! Reads the bytes of an attachment, one part at a time.

use std::io;

use hotline_proto::v1::ErrorReason;
use tokio::sync::OwnedSemaphorePermit;
use zeroize::Zeroizing;

use super::storage::StoredBytes;
use super::{Attachments, CHUNK_BYTES_MAX, cell};
use crate::identity::attachment_keys::StoredFile;
use crate::identity::vault::envelope::cell_bytes;
use crate::identity::vault::{SecretKey, Vault};
use crate::platform::Fault;

/// A file that is being read.
pub struct FileReader {
    file: StoredBytes,
    name: String,
    key: SecretKey,
    left: u64,
    place: u64,
    /// Ends with the transfer.
    _slot: Option<OwnedSemaphorePermit>,
}

/// Never shows the key.
impl std::fmt::Debug for FileReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FileReader")
            .field("name", &self.name)
            .field("left", &self.left)
            .finish_non_exhaustive()
    }
}

impl Attachments {
    /// Opens the file of an attachment of this size.
    ///
    /// # Errors
    /// `ATTACHMENT_LOST` if it is missing; `UNAVAILABLE` if the storage can't be read.
    pub async fn open(
        &self,
        vault: &Vault,
        file: &StoredFile,
        size_bytes: u64,
        slot: Option<OwnedSemaphorePermit>,
    ) -> Result<FileReader, Fault> {
        let key = vault.data_key(&file.name, &file.key).await?;
        let name = file.name.clone();
        let opened = self.storage().open(&name).await.map_err(|error| unreadable(&name, &error))?;
        Ok(FileReader { file: opened, name, key, left: size_bytes, place: 0, _slot: slot })
    }
}

impl FileReader {
    /// The next bytes; `None` at the end.
    ///
    /// # Errors
    /// `ATTACHMENT_LOST` if the file is damaged; `UNAVAILABLE` if it can't be read.
    pub async fn next(&mut self) -> Result<Option<Zeroizing<Vec<u8>>>, Fault> {
        if self.left == 0 {
            return Ok(None);
        }
        let length = usize::try_from(self.left).unwrap_or(usize::MAX).min(CHUNK_BYTES_MAX);
        let mut read = vec![0; cell_bytes(length)];
        self.file.read_exact(&mut read).await.map_err(|error| unreadable(&self.name, &error))?;
        let bytes = cell::decrypt(&self.key, &self.name, self.place, &read);
        let bytes =
            bytes.ok().filter(|bytes| bytes.len() == length).ok_or_else(|| lost(&self.name, "damaged"))?;
        self.left -= length as u64;
        self.place += 1;
        Ok(Some(bytes))
    }
}

fn unreadable(name: &str, error: &io::Error) -> Fault {
    match error.kind() {
        io::ErrorKind::NotFound => lost(name, "missing"),
        io::ErrorKind::UnexpectedEof => lost(name, "cut off"),
        _ => Fault::unavailable(format!("the file {name} of an attachment can't be read: {error}")),
    }
}

fn lost(name: &str, how: &str) -> Fault {
    tracing::error!(file = name, error = how, "file of an attachment is lost; restore it from a backup");
    Fault::new(ErrorReason::AttachmentLost)
}
