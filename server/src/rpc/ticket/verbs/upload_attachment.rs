//! `UploadAttachment`: its first part as a command, and the chunks of all parts.

use futures_util::{StreamExt as _, stream};
use hotline_proto::v1 as pb;
use tonic::Streaming;

use super::ETAG_CHARS_MAX;
use super::limits::LINE_CHARS_MAX;
use crate::access::Permit;
use crate::closed_loop::Change;
use crate::closed_loop::upload_attachment::UploadAttachment;
use crate::desk::attachment::media_type::MediaType;
use crate::desk::attachment::{AttachmentRule, Declared};
use crate::platform::Fault;
use crate::rpc::fields::{Fields, Lines};
use crate::rpc::handler::UploadHandler;
use crate::rpc::idempotent::request_key;
use crate::rpc::ticket::{TicketApi, around};

/// Hexadecimal digits of a SHA-256.
const SHA256_DIGITS: usize = 64;

impl UploadHandler<TicketApi> for pb::UploadAttachmentRequest {
    async fn receive(
        mut self,
        rest: Streaming<Self>,
        api: &TicketApi,
        permit: &Permit,
    ) -> Result<Self::Response, Fault> {
        // A repeat is compared in everything but the chunks.
        let first = std::mem::take(&mut self.chunk);
        let mut fields = Fields::at(api.closed_loop.clock.now());
        let key = request_key(permit, &self.request_id, &self, &mut fields);
        let number = fields.number("ticket_number", &self.ticket_number);
        let etag = fields.optional("etag", &self.etag, ETAG_CHARS_MAX);
        let rule = api.attachments.rule();
        let verb = UploadAttachment {
            declared: declared(&self, rule, &mut fields),
            request_id: key.request_id.to_string(),
            file: None,
            per_ticket_max: rule.per_ticket_max,
            is_scanned: rule.is_scanned,
        };
        let change = fields.finish(Change { key, number, etag, verb })?;
        let first =
            stream::iter(Some(Ok(first)).filter(|chunk| chunk.as_ref().is_ok_and(|one| !one.is_empty())));
        let rest = rest.map(|part| match part {
            Ok(part) => Ok(part.chunk),
            Err(_) => Err(Fault::invalid_fields().at("chunk", "cannot be read")),
        });
        let chunks = Box::pin(first.chain(rest));
        let added = api.closed_loop.upload_attachment(permit, &api.attachments, change, chunks).await?;
        Ok(pb::UploadAttachmentResponse { attachment: Some(around::attachment(&added)) })
    }
}

fn declared(part: &pb::UploadAttachmentRequest, rule: &AttachmentRule, fields: &mut Fields) -> Declared {
    let file_name = fields.text("file_name", &part.file_name, 1..=LINE_CHARS_MAX, Lines::One);
    let media_type = MediaType::of_name(&part.media_type).filter(|known| rule.media_types.contains(known));
    if media_type.is_none() {
        fields.wrong("media_type", "is a media type that the server takes");
    }
    let size_bytes = u64::try_from(part.size_bytes).unwrap_or_default();
    if size_bytes == 0 || size_bytes > rule.size_max_bytes {
        fields.wrong("size_bytes", format!("is 1 to {}", rule.size_max_bytes));
    }
    let sha256 = part.sha256.to_ascii_lowercase();
    if sha256.len() != SHA256_DIGITS || !sha256.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        fields.wrong("sha256", format!("has {SHA256_DIGITS} hexadecimal digits"));
    }
    let is_without_caller = part.without_caller;
    Declared {
        file_name,
        media_type: media_type.unwrap_or(MediaType::Text),
        size_bytes,
        sha256,
        is_without_caller,
    }
}
