//! `GetPublishedMonth`.

use hotline_proto::v1 as pb;

use super::AssessmentApi;
use super::encode;
use crate::access::Permit;
use crate::assessment::get_published_month::RankingDocument;
use crate::platform::Fault;
use crate::rpc::enums::ContractEnum;
use crate::rpc::fields::Fields;
use crate::rpc::handler::Handler;

impl Handler<AssessmentApi> for pb::GetPublishedMonthRequest {
    async fn handle(&self, api: &AssessmentApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let month = fields.month("month", &self.month);
        let number = u32::try_from(self.number);
        if number.is_err() {
            fields.wrong("number", "is not negative");
        }
        let (month, number) = fields.finish((month, number.unwrap_or_default()))?;
        let found = api.assessment.get_published_month(permit, month, number).await?;
        let ranking = |one: &RankingDocument| pb::PublishedRanking {
            group: ContractEnum::number(one.group),
            document: one.document.clone(),
            sha256: one.sha256.clone(),
        };
        Ok(pb::GetPublishedMonthResponse {
            publication: Some(encode::publication(&found.publication, permit.unit().is_some())),
            manifest: found.manifest.clone(),
            rankings: found.rankings.iter().map(ranking).collect(),
        })
    }
}
