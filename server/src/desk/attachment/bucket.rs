//! The bucket of attachments in an object store that speaks the protocol of S3. A complete file is one object, whose
//! key is a prefix and the path that the file has in a folder. Files that are being received are not there.
//!
//! A bucket and prefix belong to one database, whose id is an object among the files. Nothing is read, written or
//! removed before that was checked: beside another database all files would look like orphans.

mod object_list;
mod object_reader;
mod settings;
mod store_client;

use std::io;
use std::path::Path;
use std::sync::OnceLock;
use std::time::Duration;

use rusty_s3::actions::{DeleteObject, GetObject, HeadObject, ListObjectsV2, PutObject};
use tokio::sync::OnceCell;

use super::folder::{ListedPage, place_of};
use crate::platform::config::attachments::S3;
use crate::platform::database_marker;
use store_client::{Content, StoreClient};

pub use object_reader::ObjectReader;
pub use store_client::StoreFault;

/// Objects that one request lists.
const PAGE_OBJECTS: usize = 500;
/// The most bytes of a page of a list.
const PAGE_BYTES_MAX: usize = 1024 * 1024;
/// The most bytes of the object with the id of the database.
const MARKER_BYTES_MAX: usize = 4 * 1024;

/// A bucket of attachments.
#[derive(Debug)]
pub struct Bucket {
    client: StoreClient,
    /// Empty, or with a slash at its end.
    prefix: String,
    /// The id of the database that is served.
    database_id: OnceLock<String>,
    /// Set once the bucket has been found to belong to that database.
    is_own: OnceCell<()>,
}

impl Bucket {
    /// The bucket of the configuration; `None` if there is none.
    ///
    /// # Errors
    /// Every key that is wrong, and why.
    pub fn open(keys: &S3) -> Result<Option<Self>, String> {
        if keys.endpoint.is_empty() {
            return settings::check_unused(keys).map(|()| None);
        }
        let prefix = if keys.prefix.is_empty() { String::new() } else { format!("{}/", keys.prefix) };
        let (database_id, is_own) = (OnceLock::new(), OnceCell::new());
        Ok(Some(Self { client: settings::client(keys)?, prefix, database_id, is_own }))
    }

    /// Claims the bucket for a database. If the store is away, the first request that reaches it claims the bucket.
    pub(super) async fn claim(&self, database_id: &str) -> Result<(), StoreFault> {
        let _ = self.database_id.set(database_id.to_owned());
        self.check_own().await
    }

    /// Stores a file.
    pub(super) async fn put(&self, name: &str, file: &Path) -> Result<(), StoreFault> {
        self.check_own().await?;
        self.put_content(&self.key_of(name), Content::File(file)).await
    }

    /// Opens a file.
    pub(super) async fn open_object(&self, name: &str) -> Result<ObjectReader, StoreFault> {
        self.check_own().await?;
        self.get(&self.key_of(name)).await
    }

    /// Removes a file, if it is there.
    pub(super) async fn remove(&self, name: &str) -> Result<(), StoreFault> {
        self.check_own().await?;
        let key = self.key_of(name);
        let action = DeleteObject::new(&self.client.bucket, Some(&self.client.credentials), &key);
        match self.client.send(&action, Content::Nothing).await {
            Ok(_) | Err(StoreFault::Missing) => Ok(()),
            Err(fault) => Err(fault),
        }
    }

    /// Whether a file is there.
    pub(super) async fn has(&self, name: &str) -> Result<bool, StoreFault> {
        self.check_own().await?;
        let key = self.key_of(name);
        let action = HeadObject::new(&self.client.bucket, Some(&self.client.credentials), &key);
        match self.client.send(&action, Content::Nothing).await {
            Ok(_) => Ok(true),
            Err(StoreFault::Missing) => Ok(false),
            Err(fault) => Err(fault),
        }
    }

    /// A page of the files, and which of them are at least so old.
    pub(super) async fn list(&self, token: Option<&str>, age: Duration) -> Result<ListedPage, StoreFault> {
        self.check_own().await?;
        let mut action = ListObjectsV2::new(&self.client.bucket, Some(&self.client.credentials));
        action.with_prefix(self.prefix.as_str());
        action.with_max_keys(PAGE_OBJECTS);
        if let Some(token) = token {
            action.with_continuation_token(token);
        }
        let answer = self.client.send(&action, Content::Nothing).await?;
        let headers = answer.headers().clone();
        let xml = text(ObjectReader::of(answer.into_body()), PAGE_BYTES_MAX).await?;
        object_list::page(&headers, &xml, &self.prefix, age).map_err(StoreFault::Refused)
    }

    fn key_of(&self, name: &str) -> String {
        format!("{}{}", self.prefix, place_of(name))
    }

    async fn put_content(&self, key: &str, content: Content<'_>) -> Result<(), StoreFault> {
        let action = PutObject::new(&self.client.bucket, Some(&self.client.credentials), key);
        self.client.send(&action, content).await.map(drop)
    }

    async fn get(&self, key: &str) -> Result<ObjectReader, StoreFault> {
        let action = GetObject::new(&self.client.bucket, Some(&self.client.credentials), key);
        let answer = self.client.send(&action, Content::Nothing).await?;
        Ok(ObjectReader::of(answer.into_body()))
    }

    async fn check_own(&self) -> Result<(), StoreFault> {
        self.is_own.get_or_try_init(|| self.compare_marker()).await.copied()
    }

    /// Compares the object with the id of the database, and makes it if it is not there.
    async fn compare_marker(&self) -> Result<(), StoreFault> {
        let Some(own) = self.database_id.get() else {
            return Err(StoreFault::Refused("no database has claimed the bucket".to_owned()));
        };
        let key = format!("{}{}", self.prefix, database_marker::NAME);
        let marker = match self.get(&key).await {
            Err(StoreFault::Missing) => {
                let marker = database_marker::text(own).map_err(StoreFault::Refused)?;
                match self.put_content(&key, Content::New(&marker)).await {
                    // A server of another database may be making it at the same time.
                    Ok(()) | Err(StoreFault::Exists) => {}
                    Err(fault) => return Err(fault),
                }
                self.get(&key).await.map_err(|fault| match fault {
                    StoreFault::Missing => StoreFault::Away(format!("{key} was written and is not there")),
                    other => other,
                })?
            }
            found => found?,
        };
        let marker = text(marker, MARKER_BYTES_MAX).await?;
        let found = database_marker::parse(&marker)
            .map_err(|error| StoreFault::Refused(format!("{}: {error}", self.place_of_key(&key))))?;
        if found == *own {
            return Ok(());
        }
        Err(StoreFault::Refused(format!(
            "this is database {own}, and {} says that these files belong to database {found}: correct the \
             configuration, or give this database a bucket or a prefix of its own; docs/attachments.md",
            self.place_of_key(&key)
        )))
    }

    fn place_of_key(&self, key: &str) -> String {
        format!("s3://{}/{key}", self.client.bucket.name())
    }
}

/// A short object as text.
async fn text(object: ObjectReader, max: usize) -> Result<String, StoreFault> {
    let away = |error: io::Error| StoreFault::Away(error.to_string());
    let bytes = object.read_to_end(max).await.map_err(away)?;
    String::from_utf8(bytes).map_err(|error| StoreFault::Refused(error.to_string()))
}
