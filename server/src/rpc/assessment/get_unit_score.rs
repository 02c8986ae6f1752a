//! `GetUnitScore`.

use hotline_proto::v1 as pb;

use super::AssessmentApi;
use super::encode_scores;
use crate::access::Permit;
use crate::platform::Fault;
use crate::rpc::fields::Fields;
use crate::rpc::handler::Handler;

impl Handler<AssessmentApi> for pb::GetUnitScoreRequest {
    async fn handle(&self, api: &AssessmentApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let (unit, month) = (fields.unit("unit", &self.unit), fields.month("month", &self.month));
        let (unit, month) = fields.finish((unit, month))?;
        let counted = api.assessment.get_unit_score(permit, &unit, month).await?;
        let score = counted.places.first().map(|place| encode_scores::score(&counted, place, false));
        // It would tell a unit how much happens elsewhere.
        let entries_behind = if permit.unit().is_some() { 0 } else { encode_scores::behind(&counted) };
        Ok(pb::GetUnitScoreResponse { score, entries_behind })
    }
}
