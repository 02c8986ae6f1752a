//! `LeaseFollowUps`: its request as a command.

use hotline_proto::v1 as pb;

use super::{AssessmentApi, follow_ups};
use crate::access::Permit;
use crate::assessment::lease::{FollowUp, FollowUpKind};
use crate::platform::Fault;
use crate::rpc::fields::Fields;
use crate::rpc::handler::Handler;
use crate::rpc::idempotent::request_key;

impl Handler<AssessmentApi> for pb::LeaseFollowUpsRequest {
    async fn handle(&self, api: &AssessmentApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let key = request_key(permit, &self.request_id, self, &mut fields);
        let count = usize::try_from(self.count).unwrap_or_default();
        if !(1..=follow_ups::COUNT_MAX).contains(&count) {
            fields.wrong("count", format!("has 1 to {} items", follow_ups::COUNT_MAX));
        }
        let kind = fields.optional_choice("kind", self.kind).unwrap_or(FollowUpKind::Survey);
        let answer = |all: &[FollowUp]| pb::LeaseFollowUpsResponse {
            follow_ups: all.iter().map(follow_ups::encode).collect(),
        };
        api.assessment.lease_follow_ups(permit, key, fields.finish((kind, count))?, answer).await
    }
}
