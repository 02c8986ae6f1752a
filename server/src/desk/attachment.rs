//! Attachments of tickets: their bytes, encrypted in a folder or an object store outside the database, and the limits
//! on them.
//!
//! A file is written under a temporary name in the folder. When it is complete, it is renamed, or copied into the
//! object store. Its row and its event are committed after that. So a row without a file is a fault, and a file without
//! a row is an orphan, which the sweeper removes.

pub mod bucket;
mod cell;
mod file_reader;
pub mod folder;
pub mod media_type;
mod receive;
pub mod scan_hook;
pub mod storage;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::platform::Fault;
use folder::Folder;
use media_type::MediaType;
use storage::Storage;

pub use file_reader::FileReader;
pub use receive::Declared;

/// The largest part of an upload or a download, in bytes of the file.
pub const CHUNK_BYTES_MAX: usize = 64 * 1024;
/// How long a caller waits if all transfers are in use.
const FULL_RETRY_AFTER: Duration = Duration::from_secs(2);

/// The limits on attachments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttachmentRule {
    /// The largest file, in bytes.
    pub size_max_bytes: u64,
    /// Attachments of one ticket.
    pub per_ticket_max: usize,
    /// The media types that are taken.
    pub media_types: Vec<MediaType>,
    /// Uploads and downloads at one time.
    pub transfers_max: usize,
    /// Whether a program to scan files is configured.
    pub is_scanned: bool,
    /// Whether files may be read that no scan has found clean.
    pub reads_unscanned: bool,
}

/// Receives and reads the bytes of attachments.
#[derive(Debug, Clone)]
pub struct Attachments {
    storage: Arc<Storage>,
    rule: Arc<AttachmentRule>,
    transfers: Arc<Semaphore>,
}

impl Attachments {
    /// Attachments in a storage.
    #[must_use]
    pub fn new(storage: Storage, rule: AttachmentRule) -> Self {
        let transfers = Arc::new(Semaphore::new(rule.transfers_max));
        Self { storage: Arc::new(storage), rule: Arc::new(rule), transfers }
    }

    /// Attachments in a folder with narrow limits and without a scan: for servers that run within another program.
    #[must_use]
    pub fn narrow(path: std::path::PathBuf) -> Self {
        let rule = AttachmentRule {
            size_max_bytes: 1024 * 1024,
            per_ticket_max: 2,
            media_types: vec![MediaType::Text],
            transfers_max: 4,
            is_scanned: false,
            reads_unscanned: true,
        };
        Self::new(Storage::new(Folder::at(path), None), rule)
    }

    /// The limits.
    #[must_use]
    pub fn rule(&self) -> &AttachmentRule {
        &self.rule
    }

    /// The files.
    #[must_use]
    pub fn storage(&self) -> &Storage {
        &self.storage
    }

    /// A slot for one transfer, which is free again when it is dropped.
    ///
    /// # Errors
    /// `OVERLOADED` if all are in use.
    pub fn slot(&self) -> Result<OwnedSemaphorePermit, Fault> {
        Arc::clone(&self.transfers).try_acquire_owned().map_err(|_| Fault::overloaded(FULL_RETRY_AFTER))
    }
}
