//! The attachments of a server: their folder, their limits, and the tasks that scan and sweep them.

use std::time::Duration;

use super::background::Background;
use super::failure::Failure;
use super::open::App;
use crate::deadline::Policy;
use crate::desk::attachment::folder::Folder;
use crate::desk::attachment::media_type::MediaType;
use crate::desk::attachment::scan_hook::ScanHook;
use crate::desk::attachment::{AttachmentRule, Attachments};
use crate::oversight::{AttachmentScanner, AttachmentSweeper};
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
    Ok(Attachments::new(Folder::at(config.attachments_dir(is_simulated)), rule))
}

impl App {
    /// Starts the tasks of attachments.
    pub(super) fn keep_attachments(&self, tasks: &mut Background) {
        let keys = &self.config.attachments;
        let (store, attachments) = (self.store.in_background(), self.attachments.clone());
        if keys.is_scanned() {
            let hook = ScanHook {
                program: keys.scan_program.clone(),
                timeout: Duration::from_secs(keys.scan_timeout_seconds.into()),
            };
            let scanner = AttachmentScanner {
                store: store.clone(),
                clock: self.clock.clone(),
                ledger: self.ledger.clone(),
                attachments: attachments.clone(),
                hook,
            };
            tasks.spawn("attachment scanner", scanner.run());
        }
        let orphan_after = Duration::from_secs(keys.orphan_after_seconds.into());
        tasks.spawn("attachment sweeper", AttachmentSweeper { store, attachments, orphan_after }.run());
    }
}
