//! `GetRecording`.

use hotline_proto::v1 as pb;

use super::{CallApi, encode};
use crate::access::Permit;
use crate::desk::call::get_recording::GetRecording;
use crate::identity::access_log::RevealPurpose;
use crate::platform::Fault;
use crate::rpc::fields::Fields;
use crate::rpc::handler::Handler;

impl Handler<CallApi> for pb::GetRecordingRequest {
    async fn handle(&self, api: &CallApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let query = GetRecording {
            call: fields.call_id("call_id", &self.call_id),
            participant: fields.exchange_name("participant", &self.participant),
            purpose: fields.choice("purpose", self.purpose, RevealPurpose::Contact),
        };
        let recording = api.calls.get_recording(permit, fields.finish(query)?).await?;
        Ok(pb::GetRecordingResponse { recording: Some(encode::recording(&self.participant, &recording)) })
    }
}
