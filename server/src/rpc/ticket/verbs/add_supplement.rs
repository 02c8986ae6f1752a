//! `AddSupplement`: its request as a command.

use hotline_proto::v1 as pb;

use super::limits::NOTE_CHARS_MAX;
use super::{ETAG_CHARS_MAX, visible};
use crate::access::Permit;
use crate::closed_loop::Change;
use crate::closed_loop::add_supplement::AddSupplement;
use crate::platform::Fault;
use crate::rpc::fields::{Fields, Lines};
use crate::rpc::handler::Handler;
use crate::rpc::idempotent::request_key;
use crate::rpc::ticket::TicketApi;

impl Handler<TicketApi> for pb::AddSupplementRequest {
    async fn handle(&self, api: &TicketApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::at(api.closed_loop.clock.now());
        let key = request_key(permit, &self.request_id, self, &mut fields);
        let number = fields.number("ticket_number", &self.ticket_number);
        let etag = fields.optional("etag", &self.etag, ETAG_CHARS_MAX);
        let content = fields.text("content", &self.content, 1..=NOTE_CHARS_MAX, Lines::Many);
        let change = fields.finish(Change { key, number, etag, verb: AddSupplement { content } })?;
        let ticket = api.closed_loop.add_supplement(permit, change).await?;
        Ok(pb::AddSupplementResponse { ticket: Some(visible(permit, &ticket)) })
    }
}
