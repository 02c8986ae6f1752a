//! `GetCallContext`.

use hotline_proto::v1 as pb;

use super::{CallApi, encode};
use crate::access::{Permit, View};
use crate::platform::Fault;
use crate::rpc::fields::Fields;
use crate::rpc::handler::Handler;
use crate::rpc::ticket::{caller, encode as ticket_encode};
use crate::ticket::Ticket;

impl Handler<CallApi> for pb::GetCallContextRequest {
    async fn handle(&self, api: &CallApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let id = fields.call_id("call_id", &self.call_id);
        let context = api.calls.get_call_context(permit, fields.finish(id)?).await?;
        let tickets = |tickets: &[Ticket]| {
            let seen = tickets.iter().map(|one| ticket_encode::ticket(one, &View::of(permit, one)));
            seen.collect()
        };
        Ok(pb::GetCallContextResponse {
            call: Some(encode::disclosed(&context.call)),
            caller: (!context.caller.is_empty()).then(|| caller::encode(&context.caller)),
            open_tickets: tickets(&context.open),
            earlier_tickets: tickets(&context.earlier),
        })
    }
}
