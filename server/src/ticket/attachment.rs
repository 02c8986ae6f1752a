//! An attachment of a ticket: what is known of a file. Its bytes are never here.

use serde::{Deserialize, Serialize};

use super::{Instant, UnitCode};

/// A file on a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct Attachment {
    pub id: String,
    /// The unit that added it; `None` for an agent.
    pub unit: Option<UnitCode>,
    /// The principal that added it, which reads it before the scan has ended.
    pub added_by: String,
    pub file_name: String,
    pub media_type: String,
    pub size_bytes: u64,
    pub sha256: String,
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_without_caller: bool,
    pub state: AttachmentState,
    pub added_at: Instant,
}

/// How far the scan of an attachment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttachmentState {
    /// No scan was configured.
    Unscanned,
    /// It waits for the scan.
    Scanning,
    /// The scan found nothing.
    Clean,
    /// The scan found something.
    Refused,
}

impl AttachmentState {
    /// Whether a scan may still end.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Unscanned | Self::Scanning)
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for this signature")]
const fn is_false(value: &bool) -> bool {
    !*value
}
