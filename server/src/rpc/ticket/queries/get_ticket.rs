//! `GetTicket`.

use hotline_proto::v1 as pb;

use crate::access::{Permit, View};
use crate::closed_loop::queries::get_ticket::GetTicket;
use crate::platform::Fault;
use crate::rpc::fields::Fields;
use crate::rpc::handler::Handler;
use crate::rpc::ticket::read_mask::ReadMask;
use crate::rpc::ticket::{TicketApi, caller, encode};

impl Handler<TicketApi> for pb::GetTicketRequest {
    async fn handle(&self, api: &TicketApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let mask = ReadMask::read(self.read_mask.as_ref(), &mut fields);
        let number = fields.number("ticket_number", &self.ticket_number);
        let query = fields.finish(GetTicket { number, with_caller: !self.without_caller })?;
        let found = api.queries.get_ticket(permit, query).await?;
        let (ticket, identity) = (&found.ticket, &found.caller);
        let links = api.queries.ticket_links(permit, ticket).await?;
        let mut encoded = encode::ticket(ticket, &View::of(permit, ticket));
        encoded.surviving_ticket = links.surviving.map(|number| number.to_string()).unwrap_or_default();
        if let Some(number) = links.follows {
            encoded.follows = number.to_string();
        }
        encoded.linked_tickets.extend(links.linked.iter().map(ToString::to_string));
        Ok(pb::GetTicketResponse {
            caller_withheld: found.is_withheld,
            caller: (!identity.is_empty()).then(|| caller::encode(identity)),
            ticket: Some(mask.apply(encoded)),
        })
    }
}
