//! The attachments of a server: their folder and their limits.

use super::failure::Failure;
use crate::deadline::Policy;
use crate::desk::attachment::folder::Folder;
use crate::desk::attachment::media_type::MediaType;
use crate::desk::attachment::{AttachmentRule, Attachments};
use crate::platform::config::Config;
use crate::platform::config::attachments::Scan;

/// The attachments, as configured.
///
/// # Errors
/// If a media type is unknown.
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
    Ok(Attachments::new(Folder::at(keys.dir_in(&config.data_dir, is_simulated)), rule))
}
