//! `GetServiceLevel`.

use hotline_proto::v1 as pb;

use super::CallApi;
use crate::access::Permit;
use crate::desk::call::get_service_level::Span;
use crate::desk::call::rollup::Counts;
use crate::platform::Fault;
use crate::rpc::fields::Fields;
use crate::rpc::handler::Handler;
use crate::rpc::scalars::{count, duration_ms};

impl Handler<CallApi> for pb::GetServiceLevelRequest {
    async fn handle(&self, api: &CallApi, _: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let span = span(self.start_time.as_ref(), self.end_time.as_ref(), &mut fields);
        let found = api.calls.get_service_level(&fields.finish(span)?).await?;
        let hours = found.hours.iter().map(|(hour, counts)| pb::HourServiceLevel {
            weekday: count(hour.weekday),
            hour: count(hour.hour),
            level: Some(level(counts)),
        });
        let days = found
            .days
            .iter()
            .map(|(day, counts)| pb::DayServiceLevel { date: day.to_string(), level: Some(level(counts)) });
        Ok(pb::GetServiceLevelResponse {
            total: Some(level(&found.total)),
            hours: hours.collect(),
            days: days.collect(),
        })
    }
}

/// The span of a request. On a violation, an empty one is returned so that reading continues.
pub(super) fn span(
    start: Option<&prost_types::Timestamp>,
    end: Option<&prost_types::Timestamp>,
    fields: &mut Fields,
) -> Span {
    for (field, given) in [("start_time", start), ("end_time", end)] {
        if given.is_none() {
            fields.wrong(field, "is required");
        }
    }
    let (from, before) = (fields.time("start_time", start), fields.time("end_time", end));
    let Some((from, before)) = from.zip(before) else { return Span(0..0) };
    Span::of(from, before).unwrap_or_else(|| {
        fields.wrong("end_time", "is 1 hour to 100 days after start_time");
        Span(0..0)
    })
}

fn level(counts: &Counts) -> pb::ServiceLevel {
    pb::ServiceLevel {
        queued: counts.queued,
        answered: counts.answered,
        answered_in_time: counts.in_time,
        abandoned: counts.abandoned,
        missed: counts.missed,
        not_queued: counts.not_queued,
        average_wait: counts.average_wait_ms().map(duration_ms),
        p90_wait: counts.p90_wait_ms().map(duration_ms),
        average_talk: counts.average_talk_ms().map(duration_ms),
    }
}
