//! `ProposeScheme`: its request as a command.

use hotline_proto::v1 as pb;

use super::AssessmentApi;
use super::encode;
use crate::access::Permit;
use crate::assessment::propose_scheme::ProposeScheme;
use crate::assessment::scheme_record::SchemeRecord;
use crate::platform::Fault;
use crate::rpc::fields::Fields;
use crate::rpc::handler::Handler;
use crate::rpc::idempotent::request_key;

impl Handler<AssessmentApi> for pb::ProposeSchemeRequest {
    async fn handle(&self, api: &AssessmentApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let key = request_key(permit, &self.request_id, self, &mut fields);
        let from_month = fields.month("from_month", &self.from_month);
        let reason = fields.reason("reason", &self.reason);
        let command =
            ProposeScheme { text: self.document.clone(), from_month, reason, wrong: fields.into_wrong() };
        let answer =
            |record: &SchemeRecord| pb::ProposeSchemeResponse { scheme: Some(encode::scheme(record)) };
        api.assessment.propose_scheme(permit, key, command, answer).await
    }
}
