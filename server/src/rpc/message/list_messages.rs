//! `ListMessages`.

use hotline_proto::v1 as pb;
use prost::Message as _;

use super::{MessageApi, encode};
use crate::access::Permit;
use crate::platform::Fault;
use crate::rpc::fields::Fields;
use crate::rpc::handler::Handler;
use crate::rpc::page::{Page, parse};

impl Handler<MessageApi> for pb::ListMessagesRequest {
    async fn handle(&self, api: &MessageApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        fields.page_size(self.page_size);
        let number = fields.number("ticket_number", &self.ticket_number);
        let number = fields.finish(number)?;
        let rest = Self { ticket_number: number.to_string(), ..Self::default() }.encode_to_vec();
        let page = Page::read(self.page_size, &self.page_token, permit.method().path, &rest)?;
        let after = page.cursor::<1>()?.map(|[sequence]| parse(&sequence)).transpose()?;
        let found = api.messages.list_messages(permit, number, (after, page.fetch_limit())).await?;
        let (messages, next_page_token) =
            page.encode(&found, |message| message.sequence.to_string(), encode::message);
        Ok(pb::ListMessagesResponse { messages, next_page_token })
    }
}
