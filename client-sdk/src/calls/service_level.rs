//! The service level of calls, and the seats that it needs.

use chrono::{DateTime, Utc};
use hotline_proto::v1;

use super::Calls;
use crate::convert::{FromProto, IntoProto as _, Malformed, setters};
use crate::error::Error;
use crate::model::{SeatForecast, SpanServiceLevel};

/// What a forecast is made from.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ForecastSeats {
    /// The first hour of the calls that it is made from. Cut to the whole hour.
    pub start_time: DateTime<Utc>,
    /// The hour after the last one. At most 100 days after the start.
    pub end_time: DateTime<Utc>,
    /// The percentage of calls to answer in time; 80 by default.
    pub target_percent: Option<u32>,
    /// The time within which to answer them, in seconds; 15 by default.
    pub answer_seconds: Option<u32>,
    /// The work after each call, in seconds; none by default.
    pub wrap_up_seconds: Option<u32>,
    /// The calls to expect, in percent of those of the span; 100 by default. A surge is 350.
    pub load_percent: Option<u32>,
}

impl ForecastSeats {
    /// A forecast from the calls of a span.
    #[must_use]
    pub const fn new(start_time: DateTime<Utc>, end_time: DateTime<Utc>) -> Self {
        Self {
            start_time,
            end_time,
            target_percent: None,
            answer_seconds: None,
            wrap_up_seconds: None,
            load_percent: None,
        }
    }
}

setters! {
    ForecastSeats {
        target_percent: Option<u32>,
        answer_seconds: Option<u32>,
        wrap_up_seconds: Option<u32>,
        load_percent: Option<u32>,
    }
}

impl Calls {
    /// The service level of inbound calls that began in a span of at most 100 days, cut to whole hours. For supervisors
    /// and analysts.
    ///
    /// # Errors
    /// `INVALID_FIELDS`.
    pub async fn get_service_level(
        &self,
        start_time: DateTime<Utc>,
        end_time: DateTime<Utc>,
    ) -> Result<SpanServiceLevel, Error> {
        let request = v1::GetServiceLevelRequest {
            start_time: start_time.into_proto(),
            end_time: end_time.into_proto(),
        };
        self.0.query(request).await
    }

    /// The seats that each hour of the week needs, by Erlang C. For supervisors and analysts.
    ///
    /// # Errors
    /// `INVALID_FIELDS`.
    pub async fn forecast_seats(&self, forecast: ForecastSeats) -> Result<Vec<SeatForecast>, Error> {
        let request = v1::ForecastSeatsRequest {
            start_time: forecast.start_time.into_proto(),
            end_time: forecast.end_time.into_proto(),
            target_percent: forecast.target_percent.into_proto(),
            answer_seconds: forecast.answer_seconds.into_proto(),
            wrap_up_seconds: forecast.wrap_up_seconds.into_proto(),
            load_percent: forecast.load_percent.into_proto(),
        };
        self.0.query(request).await
    }
}

impl FromProto<v1::ForecastSeatsResponse> for Vec<SeatForecast> {
    fn from_proto(value: v1::ForecastSeatsResponse, at: &'static str) -> Result<Self, Malformed> {
        FromProto::from_proto(value.hours, at)
    }
}
