//! `WhoAmI`.

use hotline_proto::v1 as pb;

use crate::access::Permit;
use crate::platform::Fault;
use crate::rpc::handler::Handler;
use crate::rpc::scalars::{code, optional_time, time};
use crate::rpc::ticket::TicketApi;

impl Handler<TicketApi> for pb::WhoAmIRequest {
    async fn handle(&self, api: &TicketApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let caller = permit.who_am_i();
        Ok(pb::WhoAmIResponse {
            principal: caller.principal,
            roles: caller.roles.into_iter().map(i32::from).collect(),
            unit: code(caller.unit.as_ref()),
            expire_time: optional_time(caller.expires_at),
            gateway: caller.gateway.unwrap_or_default(),
            now: Some(time(api.closed_loop.clock.now())),
        })
    }
}
