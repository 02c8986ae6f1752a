//! `GetSuggestionQuality`.

use chrono::{FixedOffset, NaiveDate, NaiveTime};
use hotline_proto::v1 as pb;

use super::KnowledgeApi;
use crate::access::Permit;
use crate::desk::suggest::log::MonthQuality;
use crate::platform::Fault;
use crate::rpc::enums::ContractEnum as _;
use crate::rpc::fields::Fields;
use crate::rpc::handler::Handler;
use crate::rpc::scalars::{count, optional_time};
use crate::ticket::Instant;

/// Beijing is eight hours ahead.
const BEIJING_SECONDS: i32 = 8 * 3_600;

impl Handler<KnowledgeApi> for pb::GetSuggestionQualityRequest {
    async fn handle(&self, api: &KnowledgeApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let from = fields.time("start_time", self.start_time.as_ref());
        let until = fields.time("end_time", self.end_time.as_ref());
        let (from, until) = fields.finish((from, until))?;
        let months = api.suggestions.get_suggestion_quality(permit, from, until).await?;
        Ok(pb::GetSuggestionQualityResponse { months: months.iter().map(encode).collect() })
    }
}

/// The first instant of a month in Beijing.
fn start_of(month: i32) -> Option<Instant> {
    let first = NaiveDate::from_ymd_opt(month / 100, u32::try_from(month % 100).ok()?, 1)?;
    let beijing = FixedOffset::east_opt(BEIJING_SECONDS)?;
    let start = first.and_time(NaiveTime::MIN).and_local_timezone(beijing).earliest()?;
    Some(start.to_utc())
}

fn encode(one: &MonthQuality) -> pb::SuggestionQuality {
    pb::SuggestionQuality {
        month_start_time: optional_time(start_of(one.month)),
        kind: one.kind.number(),
        decided_count: count(one.decided),
        offered_count: count(one.offered),
        first_right_count: count(one.first_right),
        three_right_count: count(one.three_right),
        sure_count: count(one.sure),
        sure_right_count: count(one.sure_right),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_begins_in_beijing() {
        let start = start_of(202_611).expect("a month").to_rfc3339();
        assert_eq!(start, "2026-10-31T16:00:00+00:00");
        assert_eq!(start_of(202_613), None);
    }
}
