//! `DecideObjection`: its request as a command.

use hotline_proto::v1 as pb;

use super::AssessmentApi;
use super::encode;
use crate::access::Permit;
use crate::assessment::exclusion::Exclusion;
use crate::assessment::exclusion_steps::DecisionCommand;
use crate::platform::Fault;
use crate::rpc::fields::Fields;
use crate::rpc::handler::Handler;
use crate::rpc::idempotent::request_key;

impl Handler<AssessmentApi> for pb::DecideObjectionRequest {
    async fn handle(&self, api: &AssessmentApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let key = request_key(permit, &self.request_id, self, &mut fields);
        let command = DecisionCommand {
            number: fields.number_from_one("exclusion_number", self.exclusion_number),
            etag: fields.required_etag(&self.etag),
            is_accepted: self.accepted,
            note: fields.reason("note", &self.note),
        };
        let answer =
            |one: &Exclusion| pb::DecideObjectionResponse { exclusion: Some(encode::exclusion(one, false)) };
        api.assessment.decide_objection(permit, key, fields.finish(command)?, answer).await
    }
}
