//! `CorrectMonth`: its request as a command.

use hotline_proto::v1 as pb;

use super::AssessmentApi;
use super::encode;
use crate::access::Permit;
use crate::assessment::propose_publication::MonthToPublish;
use crate::assessment::publication::Publication;
use crate::platform::Fault;
use crate::rpc::fields::Fields;
use crate::rpc::handler::Handler;
use crate::rpc::idempotent::request_key;

impl Handler<AssessmentApi> for pb::CorrectMonthRequest {
    async fn handle(&self, api: &AssessmentApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let key = request_key(permit, &self.request_id, self, &mut fields);
        let command = MonthToPublish {
            month: fields.month("month", &self.month),
            reason: fields.reason("reason", &self.reason),
        };
        let answer = |one: &Publication| pb::CorrectMonthResponse {
            publication: Some(encode::publication(one, false)),
        };
        api.assessment.correct_month(permit, key, fields.finish(command)?, answer).await
    }
}
