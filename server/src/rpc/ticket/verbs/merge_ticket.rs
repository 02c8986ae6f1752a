//! `MergeTicket`: its request as a command.

use hotline_proto::TicketRequest as _;
use hotline_proto::v1 as pb;

use super::{Decode, change_of, visible};
use crate::access::Permit;
use crate::closed_loop::merge_ticket::MergeTicket;
use crate::platform::Fault;
use crate::rpc::fields::Fields;
use crate::rpc::handler::Handler;
use crate::rpc::ticket::TicketApi;

impl Decode for pb::MergeTicketRequest {
    type Command = MergeTicket;

    fn decode(&self, fields: &mut Fields) -> MergeTicket {
        MergeTicket { into: fields.number("into_ticket_number", &self.into_ticket_number) }
    }
}

impl Handler<TicketApi> for pb::MergeTicketRequest {
    async fn handle(&self, api: &TicketApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let change = change_of(self, api, permit)?;
        let ticket = api.closed_loop.merge_ticket(permit.clone(), change).await?;
        Ok(Self::response(visible(permit, &ticket)))
    }
}
