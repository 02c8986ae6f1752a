//! `DryRunScheme`.

use hotline_proto::v1 as pb;

use super::AssessmentApi;
use super::encode;
use super::encode_scores;
use crate::access::Permit;
use crate::assessment::score::Difference;
use crate::desk::directory::UnitGroup;
use crate::platform::Fault;
use crate::rpc::enums::ContractEnum;
use crate::rpc::fields::Fields;
use crate::rpc::handler::Handler;

impl Handler<AssessmentApi> for pb::DryRunSchemeRequest {
    async fn handle(&self, api: &AssessmentApi, _: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let number = fields.number_from_one("scheme_number", self.scheme_number);
        let month = fields.month("month", &self.month);
        let (number, month) = fields.finish((number, month))?;
        let run = api.assessment.dry_run_scheme(number, month).await?;
        let difference = |(group, one): &(UnitGroup, Difference)| pb::SchemeDifference {
            unit: one.unit.0.clone(),
            group: ContractEnum::number(*group),
            before: Some(encode_scores::outcome(&one.before)),
            after: Some(encode_scores::outcome(&one.after)),
        };
        Ok(pb::DryRunSchemeResponse {
            scheme: Some(encode::scheme(&run.record)),
            differences: run.differences.iter().map(difference).collect(),
            units: i64::try_from(run.units).unwrap_or(i64::MAX),
        })
    }
}
