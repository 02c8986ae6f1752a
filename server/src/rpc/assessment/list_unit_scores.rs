//! `ListUnitScores`. A page goes on after a unit, wherever that is ranked now.

use hotline_proto::v1 as pb;
use prost::Message as _;

use super::AssessmentApi;
use super::encode_scores;
use crate::access::Permit;
use crate::assessment::score::Place;
use crate::desk::directory::UnitGroup;
use crate::platform::Fault;
use crate::rpc::fields::Fields;
use crate::rpc::handler::Handler;
use crate::rpc::page::{self, Page};

impl Handler<AssessmentApi> for pb::ListUnitScoresRequest {
    async fn handle(&self, api: &AssessmentApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        fields.page_size(self.page_size);
        let month = fields.month("month", &self.month);
        let group = fields.choice("group", self.group, UnitGroup::Department);
        let (month, group) = fields.finish((month, group))?;
        let rest = Self { page_size: 0, page_token: String::new(), ..self.clone() };
        let page = Page::read(self.page_size, &self.page_token, permit.method().path, &rest.encode_to_vec())?;
        let after = page.cursor::<1>()?.map(|[unit]| unit);
        let counted = api.assessment.list_unit_scores(month, group).await?;
        let place_of = |unit: &str| counted.places.iter().position(|place| place.unit.as_str() == unit);
        let begin = match &after {
            Some(unit) => place_of(unit).ok_or_else(page::invalid)? + 1,
            None => 0,
        };
        let rest = counted.places.get(begin..).unwrap_or_default();
        let encode = |place: &Place| encode_scores::score(&counted, place, true);
        let (scores, next_page_token) = page.encode(rest, |place| place.unit.0.clone(), encode);
        let entries_behind = encode_scores::behind(&counted);
        Ok(pb::ListUnitScoresResponse { scores, next_page_token, entries_behind })
    }
}
