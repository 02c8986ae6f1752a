//! The attachments of a server: their folder or bucket, and their limits.

use super::failure::Failure;
use crate::deadline::Policy;
use crate::desk::attachment::bucket::{Bucket, StoreFault};
use crate::desk::attachment::folder::Folder;
use crate::desk::attachment::media_type::MediaType;
use crate::desk::attachment::storage::Storage;
use crate::desk::attachment::{AttachmentRule, Attachments};
use crate::platform::config::Config;
use crate::platform::config::attachments::Scan;
use crate::platform::{Store, database_identity};

/// The attachments, as configured.
///
/// # Errors
/// If a media type is unknown, or a key of the object store is wrong.
pub(super) fn open(config: &Config<Policy>, is_simulated: bool) -> Result<Attachments, Failure> {
    let keys = &config.attachments;
    let mut media_types = Vec::new();
    for name in &keys.media_types {
        let known = MediaType::ALL.map(MediaType::name).join(", ");
        let wrong = || format!("attachments.media_types: {name:?} is none of {known}");
        media_types.push(MediaType::of_name(name).ok_or_else(wrong)?);
    }
    let rule = AttachmentRule {
        size_max_bytes: keys.size_max_bytes,
        per_ticket_max: keys.per_ticket_max as usize,
        media_types,
        transfers_max: keys.transfers_max as usize,
        is_scanned: keys.is_scanned(),
        reads_unscanned: keys.scan == Scan::Off,
    };
    let folder = Folder::at(keys.dir_in(&config.data_dir, is_simulated));
    Ok(Attachments::new(Storage::new(folder, Bucket::open(&keys.s3)?), rule))
}

/// Claims the bucket of attachments for the database. The hotline does not wait for a store that is away: until it
/// answers, only attachments are unavailable.
///
/// # Errors
/// If the bucket can't be used, or belongs to another database.
pub(super) async fn claim(attachments: &Attachments, store: &Store) -> Result<(), Failure> {
    let id = database_identity::database_id(store.reader()).await.map_err(|fault| fault.detail)?;
    let id = id.ok_or("the database has no id")?;
    match attachments.storage().claim(&id).await {
        Ok(()) => Ok(()),
        Err(StoreFault::Away(error)) => {
            tracing::warn!(error, "object store is away; attachments are unavailable until it answers");
            Ok(())
        }
        Err(fault) => Err(format!("attachments.s3: {fault}").into()),
    }
}
