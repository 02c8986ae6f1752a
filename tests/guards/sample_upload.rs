//! A valid upload of an attachment, whose bytes are stored already.

use hotline_server::closed_loop::upload_attachment::UploadAttachment;
use hotline_server::desk::attachment::Declared;
use hotline_server::desk::attachment::media_type::MediaType;
use hotline_server::identity::attachment_keys::StoredFile;
use hotline_server::identity::vault::WrappedKey;

/// The upload of a short text.
pub(crate) fn upload_sample() -> UploadAttachment {
    let key = WrappedKey { version: 1, wrapped: vec![1] };
    UploadAttachment {
        declared: Declared {
            file_name: "说明.txt".to_owned(),
            media_type: MediaType::Text,
            size_bytes: 3,
            sha256: "ab".repeat(32),
            is_without_caller: false,
        },
        request_id: "one".to_owned(),
        file: Some(StoredFile { name: format!("{:032x}", 7), key }),
        per_ticket_max: 20,
        is_scanned: true,
    }
}
