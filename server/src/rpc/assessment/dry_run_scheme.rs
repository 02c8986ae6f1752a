//! `DryRunScheme`: its request as a command.

use hotline_proto::v1 as pb;

use super::AssessmentApi;
use super::encode;
use super::encode_scores;
use crate::access::Permit;
use crate::assessment::dry_run_scheme::SchemeDryRun;
use crate::assessment::score::Difference;
use crate::desk::directory::UnitGroup;
use crate::platform::Fault;
use crate::rpc::enums::ContractEnum;
use crate::rpc::fields::Fields;
use crate::rpc::handler::Handler;
use crate::rpc::idempotent::request_key;

impl Handler<AssessmentApi> for pb::DryRunSchemeRequest {
    async fn handle(&self, api: &AssessmentApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let key = request_key(permit, &self.request_id, self, &mut fields);
        let number = fields.number_from_one("scheme_number", self.scheme_number);
        let month = fields.month("month", &self.month);
        let asked = fields.finish((number, month))?;
        api.assessment.dry_run_scheme(permit, key, asked, answer).await
    }
}

fn answer(run: &SchemeDryRun) -> pb::DryRunSchemeResponse {
    let difference = |(group, one): &(UnitGroup, Difference)| pb::SchemeDifference {
        unit: one.unit.0.clone(),
        group: ContractEnum::number(*group),
        before: Some(encode_scores::outcome(&one.before)),
        after: Some(encode_scores::outcome(&one.after)),
    };
    pb::DryRunSchemeResponse {
        scheme: Some(encode::scheme(&run.record)),
        differences: run.differences.iter().map(difference).collect(),
        units: i64::try_from(run.units).unwrap_or(i64::MAX),
    }
}
