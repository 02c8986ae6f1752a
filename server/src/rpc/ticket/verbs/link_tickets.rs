//! `LinkTickets`: its request as a command.

use hotline_proto::v1 as pb;

use super::limits::SHORT_NOTE_CHARS_MAX;
use super::{ETAG_CHARS_MAX, visible};
use crate::access::Permit;
use crate::closed_loop::Change;
use crate::closed_loop::link_tickets::LinkTickets;
use crate::platform::Fault;
use crate::rpc::fields::{Fields, Lines};
use crate::rpc::handler::Handler;
use crate::rpc::idempotent::request_key;
use crate::rpc::ticket::TicketApi;

impl Handler<TicketApi> for pb::LinkTicketsRequest {
    async fn handle(&self, api: &TicketApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let key = request_key(permit, &self.request_id, self, &mut fields);
        let number = fields.number("ticket_number", &self.ticket_number);
        let other = fields.number("other_ticket_number", &self.other_ticket_number);
        let etag = fields.optional("etag", &self.etag, ETAG_CHARS_MAX);
        let note = fields.text("note", &self.note, 0..=SHORT_NOTE_CHARS_MAX, Lines::Many);
        let change = fields.finish(Change { key, number, etag, verb: LinkTickets { other, note } })?;
        let ticket = api.closed_loop.link_tickets(permit.clone(), change).await?;
        Ok(pb::LinkTicketsResponse { ticket: Some(visible(permit, &ticket)) })
    }
}
