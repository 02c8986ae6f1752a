//! `GetServiceLevel`.

use std::collections::BTreeMap;

use hotline_proto::v1 as pb;

use super::CallApi;
use crate::access::Permit;
use crate::desk::call::get_service_level::{Span, WeekHour, local};
use crate::desk::call::rollup::Counts;
use crate::desk::seat::figures::SeatFigures;
use crate::platform::Fault;
use crate::rpc::fields::Fields;
use crate::rpc::handler::Handler;
use crate::rpc::scalars::{count, duration_ms};

impl Handler<CallApi> for pb::GetServiceLevelRequest {
    async fn handle(&self, api: &CallApi, _: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let span = span(self.start_time.as_ref(), self.end_time.as_ref(), &mut fields);
        let span = fields.finish(span)?;
        let found = api.calls.get_service_level(&span).await?;
        let seats = api.seats.figures(span.0.clone()).await?;
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
            seats: seats.seats.iter().map(|(seat, one)| figures(seat, one)).collect(),
            seat_hours: seat_hours(&seats.hours),
        })
    }
}

/// What all seats did, by the hour of the week.
fn seat_hours(hours: &BTreeMap<i64, SeatFigures>) -> Vec<pb::HourSeatFigures> {
    let mut by_week_hour: BTreeMap<WeekHour, SeatFigures> = BTreeMap::new();
    for (hour, one) in hours {
        let Some((_, week_hour)) = local(*hour) else { continue };
        *by_week_hour.entry(week_hour).or_default() += *one;
    }
    let encoded = by_week_hour.iter().map(|(hour, one)| pb::HourSeatFigures {
        weekday: count(hour.weekday),
        hour: count(hour.hour),
        figures: Some(figures("", one)),
    });
    encoded.collect()
}

fn figures(seat: &str, one: &SeatFigures) -> pb::SeatFigures {
    let percent = one.occupancy_percent().and_then(|percent| i32::try_from(percent).ok());
    pb::SeatFigures {
        seat: seat.to_owned(),
        calls: one.calls,
        ready: Some(duration_ms(one.ready_ms)),
        talk: Some(duration_ms(one.talk_ms)),
        wrap_up: Some(duration_ms(one.wrap_up_ms)),
        paused: Some(duration_ms(one.break_ms)),
        occupancy_percent: percent,
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
