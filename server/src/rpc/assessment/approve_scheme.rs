//! `ApproveScheme`: its request as a command.

use hotline_proto::v1 as pb;

use super::AssessmentApi;
use super::encode;
use crate::access::Permit;
use crate::assessment::approve_scheme::ApproveScheme;
use crate::assessment::scheme_record::SchemeRecord;
use crate::platform::Fault;
use crate::rpc::fields::Fields;
use crate::rpc::handler::Handler;
use crate::rpc::idempotent::request_key;

impl Handler<AssessmentApi> for pb::ApproveSchemeRequest {
    async fn handle(&self, api: &AssessmentApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let key = request_key(permit, &self.request_id, self, &mut fields);
        let number = fields.number_from_one("scheme_number", self.scheme_number);
        let command = ApproveScheme { number, etag: fields.required_etag(&self.etag) };
        let answer =
            |record: &SchemeRecord| pb::ApproveSchemeResponse { scheme: Some(encode::scheme(record)) };
        api.assessment.approve_scheme(permit, key, fields.finish(command)?, answer).await
    }
}
