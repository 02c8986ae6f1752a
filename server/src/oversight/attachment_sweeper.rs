//! The sweeper of attachments: removes files that have no row, and reports rows whose files are missing. Takes no
//! input, is idempotent, and runs on every server.
//!
//! It reads the list of files once, in pages in the order of names. For each page it reads the rows of the files on it,
//! and the rows that should have a file on it. A file is removed only when it is older than the bound, so that an
//! upload whose row is being committed is safe. The rows are read from the database that takes writes.

use std::collections::HashSet;
use std::io;
use std::time::Duration;

use crate::desk::attachment::Attachments;
use crate::desk::attachment::folder::{ListedFile, ListedPage};
use crate::identity::attachment_keys;
use crate::platform::metrics::{ATTACHMENT_ORPHANS_REMOVED, ATTACHMENTS_MISSING};
use crate::platform::{Fault, Store};

/// Files that one query compares, or reads.
const BATCH: usize = 500;

/// Removes orphans.
#[derive(Debug, Clone)]
pub struct AttachmentSweeper {
    /// The database.
    pub store: Store,
    /// The files.
    pub attachments: Attachments,
    /// The age from which a file without a row is an orphan, and the pause between two passes.
    pub orphan_after: Duration,
}

impl AttachmentSweeper {
    /// Removes what is an orphan, and looks for the file of each row; returns how many files were removed.
    ///
    /// # Errors
    /// If the database, the folder or the object store refuses. What was removed before stays removed.
    pub async fn sweep(&self) -> Result<u64, Fault> {
        let storage = self.attachments.storage();
        let mut removed =
            storage.remove_old_parts(self.orphan_after).await.map_err(|error| of_storage(&error))?;
        let (mut missing, mut after, mut token) = (0, String::new(), None);
        loop {
            let page = storage.list(token.as_deref(), self.orphan_after).await;
            let page = page.map_err(|error| of_storage(&error))?;
            removed += self.remove_orphans(&page.files).await?;
            missing += self.count_missing(&after, &page).await?;
            if page.next.is_none() {
                break;
            }
            token = page.next;
            after = after.max(page.last);
        }
        metrics::counter!(ATTACHMENT_ORPHANS_REMOVED).increment(removed);
        metrics::gauge!(ATTACHMENTS_MISSING).set(f64::from(missing));
        Ok(removed)
    }

    /// Removes the old files of a page that have no row.
    async fn remove_orphans(&self, files: &[ListedFile]) -> Result<u64, Fault> {
        let mut removed = 0;
        let old: Vec<_> = files.iter().filter(|file| file.is_old).map(|file| file.name.clone()).collect();
        for names in old.chunks(BATCH) {
            let kept = attachment_keys::kept_among(self.store.reader(), names.to_vec()).await?;
            for name in names.iter().filter(|name| !kept.contains(name)) {
                self.attachments.storage().remove(name).await.map_err(|error| of_storage(&error))?;
                removed += 1;
            }
        }
        Ok(removed)
    }

    /// Reports the rows whose files should be on a page and are not there; returns how many. The page begins after a
    /// name.
    async fn count_missing(&self, after: &str, page: &ListedPage) -> Result<u32, Fault> {
        let listed: HashSet<_> = page.files.iter().map(|file| file.name.as_str()).collect();
        let last = page.next.as_ref().map(|_| page.last.as_str());
        let (mut missing, mut after) = (0, after.to_owned());
        loop {
            let rows =
                attachment_keys::files_between(self.store.reader(), &after, last, BATCH as u64).await?;
            for (attachment, ticket, file) in rows.iter().filter(|(.., file)| !listed.contains(file.as_str()))
            {
                // It may have been added after the page was read.
                if !self.attachments.storage().has(file).await.map_err(|error| of_storage(&error))? {
                    missing += 1;
                    tracing::error!(
                        attachment,
                        ticket,
                        "file of an attachment is missing; restore it from a backup"
                    );
                }
            }
            match rows.last() {
                Some((.., file)) if rows.len() == BATCH => after.clone_from(file),
                _ => return Ok(missing),
            }
        }
    }

    /// Runs until it is dropped.
    pub async fn run(self) {
        loop {
            match self.sweep().await {
                Ok(0) => {}
                Ok(count) => tracing::info!(count, "orphaned attachments removed"),
                Err(fault) => {
                    tracing::error!(error = fault.detail, "sweeping attachments failed; retrying");
                }
            }
            tokio::time::sleep(self.orphan_after).await;
        }
    }
}

fn of_storage(error: &io::Error) -> Fault {
    Fault::internal(format!("the storage of attachments: {error}"))
}
