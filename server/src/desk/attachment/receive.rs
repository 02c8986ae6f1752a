//! Receives the bytes of an attachment: checks them as they come, encrypts them part by part, and never holds more
//! than one part in memory.

use futures_util::{Stream, StreamExt as _};
use hotline_proto::v1::ErrorReason;
use sha2::{Digest as _, Sha256};
use tokio::sync::OwnedSemaphorePermit;
use zeroize::Zeroizing;

use super::folder::{PartFile, new_name};
use super::media_type::{MediaType, Sniffer};
use super::storage::Storage;
use super::{Attachments, CHUNK_BYTES_MAX, cell};
use crate::identity::attachment_keys::StoredFile;
use crate::identity::vault::{DataKey, Vault};
use crate::platform::Fault;

/// What the uploader says about a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declared {
    /// Its name.
    pub file_name: String,
    /// Its media type.
    pub media_type: MediaType,
    /// Its size.
    pub size_bytes: u64,
    /// The SHA-256 of its bytes, in lower case.
    pub sha256: String,
    /// Whether it does not show who called.
    pub is_without_caller: bool,
}

/// The bytes of an upload, checked and encrypted so far.
struct Upload<'a> {
    declared: &'a Declared,
    name: String,
    key: DataKey,
    file: PartFile,
    hash: Sha256,
    sniffer: Sniffer,
    /// What waits for a full cell.
    waiting: Zeroizing<Vec<u8>>,
    received: u64,
    place: u64,
}

impl Attachments {
    /// Receives a file; returns its name and its key. The file stays an orphan until its row is committed.
    ///
    /// # Errors
    /// `ATTACHMENT_MISMATCH`, `INVALID_FIELDS` for a part that is empty or too long; `UNAVAILABLE` if the storage can't
    /// be written.
    pub async fn receive(
        &self,
        vault: &Vault,
        declared: &Declared,
        mut chunks: impl Stream<Item = Result<Vec<u8>, Fault>> + Unpin + Send,
        _slot: &OwnedSemaphorePermit,
    ) -> Result<StoredFile, Fault> {
        let name = new_name().map_err(|error| unwritable(&error))?;
        let (key, wrapped) = vault.new_data_key(&name).await?;
        let mut upload = Upload {
            declared,
            file: self.storage().begin(&name).await.map_err(|error| unwritable(&error))?,
            name: name.clone(),
            key,
            hash: Sha256::new(),
            sniffer: Sniffer::of(declared.media_type),
            waiting: Zeroizing::new(Vec::with_capacity(2 * CHUNK_BYTES_MAX)),
            received: 0,
            place: 0,
        };
        while let Some(chunk) = chunks.next().await {
            upload.take(&Zeroizing::new(chunk?)).await?;
        }
        upload.end(self.storage()).await?;
        Ok(StoredFile { name, key: wrapped })
    }

    /// Removes a file that got no row.
    pub async fn discard(&self, name: &str) {
        if let Err(error) = self.storage().remove(name).await {
            tracing::warn!(file = name, %error, "removing an orphaned attachment failed; the sweeper removes it");
        }
    }
}

impl Upload<'_> {
    async fn take(&mut self, chunk: &[u8]) -> Result<(), Fault> {
        if chunk.is_empty() || chunk.len() > CHUNK_BYTES_MAX {
            return Err(Fault::invalid_fields().at("chunk", format!("has 1 to {CHUNK_BYTES_MAX} bytes")));
        }
        self.received += chunk.len() as u64;
        if self.received > self.declared.size_bytes {
            return Err(mismatch().at("size_bytes", "is less than the bytes that came"));
        }
        self.hash.update(chunk);
        self.sniffer.update(chunk);
        self.waiting.extend_from_slice(chunk);
        if self.waiting.len() >= CHUNK_BYTES_MAX {
            self.write(CHUNK_BYTES_MAX).await?;
        }
        Ok(())
    }

    /// Writes the first waiting bytes as a cell.
    async fn write(&mut self, length: usize) -> Result<(), Fault> {
        let cell = cell::encrypt(&self.key, &self.name, self.place, &self.waiting[..length])?;
        self.file.write(&cell).await.map_err(|error| unwritable(&error))?;
        self.waiting.drain(..length);
        self.place += 1;
        Ok(())
    }

    async fn end(mut self, storage: &Storage) -> Result<(), Fault> {
        if !self.waiting.is_empty() {
            self.write(self.waiting.len()).await?;
        }
        let mut fault = mismatch();
        if self.received != self.declared.size_bytes {
            fault = fault.at("size_bytes", "is more than the bytes that came");
        }
        if hex::encode(self.hash.finalize()) != self.declared.sha256 {
            fault = fault.at("sha256", "is not that of the bytes");
        }
        if !self.sniffer.fits() {
            fault = fault.at("media_type", "is not that of the bytes");
        }
        if !fault.violations.is_empty() {
            return Err(fault);
        }
        storage.keep(&self.name, self.file).await.map_err(|error| unwritable(&error))
    }
}

const fn mismatch() -> Fault {
    Fault::new(ErrorReason::AttachmentMismatch)
}

fn unwritable(error: &std::io::Error) -> Fault {
    Fault::unavailable(format!("an attachment can't be stored: {error}"))
}
