//! Where attachments are: in a folder, or in a bucket of an object store. A file that is being received is in the
//! folder in both cases, so that a bucket only gets files that are complete and checked.

use std::io;
use std::time::Duration;

use tokio::io::AsyncReadExt as _;

use super::bucket::{Bucket, ObjectReader, StoreFault};
use super::folder::{Folder, ListedPage, PartFile};

/// The files of attachments.
#[derive(Debug)]
pub struct Storage {
    folder: Folder,
    bucket: Option<Bucket>,
}

/// The bytes of a stored file, as they are read.
#[derive(Debug)]
pub(super) enum StoredBytes {
    File(tokio::fs::File),
    Object(ObjectReader),
}

impl StoredBytes {
    /// Reads as many bytes as fit.
    pub(super) async fn read_exact(&mut self, bytes: &mut [u8]) -> io::Result<()> {
        match self {
            Self::File(file) => file.read_exact(bytes).await.map(drop),
            Self::Object(object) => object.read_exact(bytes).await,
        }
    }
}

impl Storage {
    /// Files in a bucket, if there is one, and else in the folder.
    #[must_use]
    pub const fn new(folder: Folder, bucket: Option<Bucket>) -> Self {
        Self { folder, bucket }
    }

    /// Claims a bucket for a database, so that no server of another database removes its files.
    ///
    /// # Errors
    /// If the store is away, or the bucket can't be used or belongs to another database.
    pub async fn claim(&self, database_id: &str) -> Result<(), StoreFault> {
        match &self.bucket {
            Some(bucket) => bucket.claim(database_id).await,
            None => Ok(()),
        }
    }

    /// Begins a file.
    pub(super) async fn begin(&self, name: &str) -> io::Result<PartFile> {
        self.folder.begin(name).await
    }

    /// Makes a file complete, durably, under its own name.
    pub(super) async fn keep(&self, name: &str, mut part: PartFile) -> io::Result<()> {
        match &self.bucket {
            Some(bucket) => Ok(bucket.put(name, part.end().await?).await?),
            None => part.keep().await,
        }
    }

    /// Opens a file.
    pub(super) async fn open(&self, name: &str) -> io::Result<StoredBytes> {
        match &self.bucket {
            Some(bucket) => Ok(StoredBytes::Object(bucket.open_object(name).await?)),
            None => self.folder.open(name).await.map(StoredBytes::File),
        }
    }

    /// Removes a file, if it is there.
    ///
    /// # Errors
    /// If the folder can't be written, or the store is away.
    pub async fn remove(&self, name: &str) -> io::Result<()> {
        match &self.bucket {
            Some(bucket) => Ok(bucket.remove(name).await?),
            None => self.folder.remove(name).await,
        }
    }

    /// Whether a file is there.
    ///
    /// # Errors
    /// If the folder can't be read, or the store is away.
    pub async fn has(&self, name: &str) -> io::Result<bool> {
        match &self.bucket {
            Some(bucket) => Ok(bucket.has(name).await?),
            None => self.folder.has(name).await,
        }
    }

    /// Removes the files that nobody has received bytes of for so long; returns how many.
    ///
    /// # Errors
    /// If the folder can't be read or written.
    pub async fn remove_old_parts(&self, age: Duration) -> io::Result<u64> {
        self.folder.remove_old_parts(age).await
    }

    /// A page of the complete files, and which of them are at least so old. `token` is the end of the page before.
    ///
    /// # Errors
    /// If the folder can't be read, or the store is away.
    pub async fn list(&self, token: Option<&str>, age: Duration) -> io::Result<ListedPage> {
        match &self.bucket {
            Some(bucket) => Ok(bucket.list(token, age).await?),
            None => self.folder.list(token, age).await,
        }
    }
}
