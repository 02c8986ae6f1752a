//! `UnmergeTicket`: its request as a command.

use hotline_proto::TicketRequest as _;
use hotline_proto::v1 as pb;

use super::limits::NOTE_CHARS_MAX;
use super::{Decode, change_of, visible};
use crate::access::Permit;
use crate::closed_loop::unmerge_ticket::UnmergeTicket;
use crate::platform::Fault;
use crate::rpc::fields::{Fields, Lines};
use crate::rpc::handler::Handler;
use crate::rpc::ticket::TicketApi;

impl Decode for pb::UnmergeTicketRequest {
    type Command = UnmergeTicket;

    fn decode(&self, fields: &mut Fields) -> UnmergeTicket {
        UnmergeTicket {
            from: fields.number("from_ticket_number", &self.from_ticket_number),
            note: fields.text("note", &self.note, 1..=NOTE_CHARS_MAX, Lines::Many),
            chain: Vec::new(),
        }
    }
}

impl Handler<TicketApi> for pb::UnmergeTicketRequest {
    async fn handle(&self, api: &TicketApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let change = change_of(self, api, permit)?;
        let ticket = api.closed_loop.unmerge_ticket(permit.clone(), change).await?;
        Ok(Self::response(visible(permit, &ticket)))
    }
}
