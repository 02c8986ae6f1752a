//! Attachments of tickets, and the details of their events.

use chrono::{DateTime, Utc};

use crate::convert::{answers, open_enum, record};

open_enum! {
    /// How far the scan of an attachment is.
    AttachmentState = AttachmentState {
        /// No program to scan files was configured. Only the uploader reads it, unless the scan is turned off.
        Unscanned = "未扫描",
        /// It waits for the scan. Only the uploader reads it.
        Scanning = "扫描中",
        /// The scan found nothing.
        Clean = "已通过",
        /// The scan found something. Nobody reads it.
        Refused = "已拒绝",
    }
}

record! {
    /// A file on a ticket.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    Attachment = Attachment {
        /// Its id, for example `att-3f…`.
        id: String,
        /// The code of the unit that added it; `None` for an agent.
        unit: Option<String>,
        /// Its name, as the uploader gave it. Never use it as a path.
        file_name: String,
        /// Its media type.
        media_type: String,
        /// Its size in bytes.
        size_bytes: i64,
        /// The SHA-256 of its bytes, in hexadecimal.
        sha256: String,
        /// How far the scan is.
        state: AttachmentState,
        /// When it was added.
        add_time: DateTime<Utc>,
        /// Whether the uploader has checked that it does not show who called.
        without_caller: bool,
    }
}

record! {
    /// A file was added.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    AttachmentAdded = AttachmentAdded {
        /// The attachment, as it was added.
        attachment: Attachment,
    }
}

record! {
    /// The scan of a file ended.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    AttachmentScanned = AttachmentScanned {
        /// The id of the attachment.
        attachment_id: String,
        /// The SHA-256 of its bytes, in hexadecimal.
        sha256: String,
        /// What the scan found.
        state: AttachmentState,
    }
}

answers! {
    Attachment: UploadAttachmentResponse.attachment;
}
