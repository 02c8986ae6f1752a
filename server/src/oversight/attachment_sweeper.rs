//! The sweeper of attachments: removes files that have no row, and reports rows whose files are missing. Takes no
//! input, is idempotent, and runs on every server.
//!
//! A file is removed only when it is older than the bound, so that an upload whose row is being committed is safe. The
//! rows are read from the database that takes writes.

use std::time::Duration;

use crate::desk::attachment::Attachments;
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
    /// Removes what is an orphan; returns how many files.
    ///
    /// # Errors
    /// If the database or the folder refuses. What was removed before stays removed.
    pub async fn remove_orphans(&self) -> Result<u64, Fault> {
        let folder = self.attachments.folder();
        let mut count =
            folder.remove_old_parts(self.orphan_after).await.map_err(|error| of_folder(&error))?;
        for part in 0..=u8::MAX {
            let names = folder.old_names(part, self.orphan_after).await.map_err(|error| of_folder(&error))?;
            for names in names.chunks(BATCH) {
                let kept = attachment_keys::kept_among(self.store.reader(), names.to_vec()).await?;
                for name in names.iter().filter(|name| !kept.contains(name)) {
                    folder.remove(name).await.map_err(|error| of_folder(&error))?;
                    count += 1;
                }
            }
        }
        metrics::counter!(ATTACHMENT_ORPHANS_REMOVED).increment(count);
        Ok(count)
    }

    /// Looks for the file of each row; returns how many are missing.
    ///
    /// # Errors
    /// If the database or the folder refuses.
    pub async fn count_missing(&self) -> Result<u32, Fault> {
        let (mut missing, mut after) = (0, String::new());
        loop {
            let page = attachment_keys::files_after(self.store.reader(), &after, BATCH as u64).await?;
            for (id, ticket, file) in &page {
                if !self.attachments.folder().has(file).await.map_err(|error| of_folder(&error))? {
                    missing += 1;
                    let attachment = id.as_str();
                    tracing::error!(
                        attachment,
                        ticket,
                        "file of an attachment is missing; restore it from a backup"
                    );
                }
            }
            match page.last() {
                Some((last, ..)) if page.len() == BATCH => after.clone_from(last),
                _ => break,
            }
        }
        metrics::gauge!(ATTACHMENTS_MISSING).set(f64::from(missing));
        Ok(missing)
    }

    /// Runs until it is dropped.
    pub async fn run(self) {
        loop {
            let swept = async {
                let removed = self.remove_orphans().await?;
                self.count_missing().await?;
                Ok::<_, Fault>(removed)
            };
            match swept.await {
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

fn of_folder(error: &std::io::Error) -> Fault {
    Fault::internal(format!("the folder of attachments: {error}"))
}
