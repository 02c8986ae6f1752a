//! `ForecastSeats`.

use std::ops::RangeInclusive;

use hotline_proto::v1 as pb;

use super::CallApi;
use super::get_service_level::span;
use crate::access::Permit;
use crate::desk::call::forecast_seats::{ForecastSeats, SeatForecast};
use crate::platform::Fault;
use crate::rpc::fields::Fields;
use crate::rpc::handler::Handler;
use crate::rpc::scalars::{count, duration_ms};

impl Handler<CallApi> for pb::ForecastSeatsRequest {
    async fn handle(&self, api: &CallApi, _: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let forecast = ForecastSeats {
            span: span(self.start_time.as_ref(), self.end_time.as_ref(), &mut fields),
            target_percent: number(&mut fields, "target_percent", self.target_percent, 0..=99, 80),
            answer_seconds: number(&mut fields, "answer_seconds", self.answer_seconds, 0..=600, 15),
            wrap_up_seconds: number(&mut fields, "wrap_up_seconds", self.wrap_up_seconds, 0..=3_600, 0),
            load_percent: number(&mut fields, "load_percent", self.load_percent, 0..=1_000, 100),
        };
        let hours = api.calls.forecast_seats(&fields.finish(forecast)?).await?;
        Ok(pb::ForecastSeatsResponse { hours: hours.iter().map(encode).collect() })
    }
}

/// A number in a range; 0 stands for the default.
fn number(fields: &mut Fields, field: &str, given: i32, range: RangeInclusive<i32>, default: u32) -> u32 {
    if !range.contains(&given) {
        fields.wrong(field, format!("is {} to {}", range.start(), range.end()));
    }
    if given == 0 { default } else { given.unsigned_abs() }
}

#[expect(clippy::cast_possible_truncation, reason = "seconds of a call and percentages are small")]
fn encode(forecast: &SeatForecast) -> pb::SeatForecast {
    let percent = |share: f64| (share * 100.0) as i32;
    let busy = if forecast.seats == 0 { 0.0 } else { forecast.load.offered() / f64::from(forecast.seats) };
    pb::SeatForecast {
        weekday: count(forecast.hour.weekday),
        hour: count(forecast.hour.hour),
        calls: forecast.load.calls_per_hour,
        handling: Some(duration_ms((forecast.load.handling_seconds * 1_000.0) as i64)),
        seats: count(forecast.seats),
        in_time_percent: percent(forecast.in_time_share),
        occupancy_percent: percent(busy),
    }
}
