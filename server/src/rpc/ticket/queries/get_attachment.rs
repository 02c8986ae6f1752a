//! `GetAttachment`: the attachment, and then its bytes.

use futures_util::{StreamExt as _, stream};
use hotline_proto::v1 as pb;

use crate::access::Permit;
use crate::closed_loop::queries::get_attachment::GetAttachment;
use crate::closed_loop::upload_attachment::is_id;
use crate::desk::attachment::FileReader;
use crate::platform::Fault;
use crate::rpc::fields::Fields;
use crate::rpc::handler::{ResponseStream, StreamHandler};
use crate::rpc::status::{self, Language};
use crate::rpc::ticket::{TicketApi, around};

impl StreamHandler<TicketApi> for pb::GetAttachmentRequest {
    async fn open(
        &self,
        api: &TicketApi,
        permit: &Permit,
    ) -> Result<ResponseStream<pb::GetAttachmentResponse>, Fault> {
        let mut fields = Fields::default();
        let number = fields.number("ticket_number", &self.ticket_number);
        if !is_id(&self.attachment_id) {
            fields.wrong("attachment_id", "is required: the id of an attachment, as the ticket shows it");
        }
        let query = fields.finish(GetAttachment { number, id: self.attachment_id.clone() })?;
        let vault = api.closed_loop.ledger.vault();
        let (attachment, reader) =
            api.queries.get_attachment(permit, &api.attachments, vault, &query).await?;
        let first = pb::GetAttachmentResponse {
            attachment: Some(around::attachment(&attachment)),
            chunk: Vec::new(),
        };
        let language = Language::of_call();
        // `None` after the fault that ends the stream.
        let next = move |reader: Option<FileReader>| async move {
            let mut reader = reader?;
            match reader.next().await {
                Ok(None) => None,
                Ok(Some(bytes)) => {
                    let part = pb::GetAttachmentResponse { attachment: None, chunk: bytes.to_vec() };
                    Some((Ok(part), Some(reader)))
                }
                Err(fault) => Some((Err(status::in_language(language, fault)), None)),
            }
        };
        let first = stream::iter([Ok(first)]);
        Ok(Box::pin(first.chain(stream::unfold(Some(reader), next))))
    }
}
