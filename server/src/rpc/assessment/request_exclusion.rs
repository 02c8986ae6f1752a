//! `RequestExclusion`: its request as a command.

use hotline_proto::v1 as pb;

use super::AssessmentApi;
use super::decode::EVIDENCE_CHARS_MAX;
use super::encode;
use crate::access::Permit;
use crate::assessment::exclusion::Exclusion;
use crate::assessment::exclusion_steps::ExclusionRequest;
use crate::platform::Fault;
use crate::rpc::fields::{Fields, Lines};
use crate::rpc::handler::Handler;
use crate::rpc::idempotent::request_key;

impl Handler<AssessmentApi> for pb::RequestExclusionRequest {
    async fn handle(&self, api: &AssessmentApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let key = request_key(permit, &self.request_id, self, &mut fields);
        let unit = fields.unit("unit", &self.unit);
        let command = ExclusionRequest {
            case: fields.line(&self.line),
            unit,
            month: fields.month("month", &self.month),
            reason: fields.reason("reason", &self.reason),
            evidence: fields.text("evidence", &self.evidence, 0..=EVIDENCE_CHARS_MAX, Lines::Many),
        };
        let answer =
            |one: &Exclusion| pb::RequestExclusionResponse { exclusion: Some(encode::exclusion(one, false)) };
        api.assessment.request_exclusion(permit, key, fields.finish(command)?, answer).await
    }
}
