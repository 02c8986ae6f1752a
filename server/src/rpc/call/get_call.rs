//! `GetCall`.

use hotline_proto::v1 as pb;

use super::{CallApi, encode};
use crate::access::Permit;
use crate::platform::Fault;
use crate::rpc::fields::Fields;
use crate::rpc::handler::Handler;

impl Handler<CallApi> for pb::GetCallRequest {
    async fn handle(&self, api: &CallApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let id = fields.call_id("call_id", &self.call_id);
        let call = api.calls.get_call(permit, fields.finish(id)?).await?;
        Ok(pb::GetCallResponse { call: Some(encode::disclosed(&call)) })
    }
}
