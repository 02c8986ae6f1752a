//! `AttachRecording`: its request as a part of a call.

use hotline_proto::v1 as pb;
use prost::Message as _;

use super::{CallApi, decode};
use crate::access::Permit;
use crate::platform::Fault;
use crate::platform::idempotency::{RequestKey, fingerprint};
use crate::rpc::fields::Fields;
use crate::rpc::handler::Handler;
use crate::ticket::CallId;

impl Handler<CallApi> for pb::AttachRecordingRequest {
    async fn handle(&self, api: &CallApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::at(api.calls.clock.now());
        let request_id = fields.request_id(&self.request_id);
        let recording = decode::recording(self, &mut fields);
        // Without the reference, which may have a number of a party: an answer that compared it would tell a right
        // guess.
        let mut comparable = Self { request_id: String::new(), ..self.clone() };
        if let Some(recording) = &mut comparable.recording {
            recording.reference.clear();
        }
        let fingerprint = fingerprint(permit.method().path, None, &comparable.encode_to_vec());
        let key = RequestKey { principal: permit.principal().to_owned(), request_id, fingerprint };
        let recording = fields.finish(recording)?;
        let answer = |id: &CallId| pb::AttachRecordingResponse { call_id: id.to_string() };
        api.calls.attach_recording(permit, key, recording, answer).await
    }
}
