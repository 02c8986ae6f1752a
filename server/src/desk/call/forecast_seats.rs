//! `ForecastSeats`: the seats that each hour of the week needs, by Erlang C, from the calls of a span.

use super::Calls;
use super::erlang::Load;
use super::get_service_level::{Span, WeekHour, occurrences};
use super::rollup::Counts;
use crate::platform::Fault;

/// What a forecast is made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForecastSeats {
    /// The calls that it is made from.
    pub span: Span,
    /// The percentage of calls to answer in time.
    pub target_percent: u32,
    /// The time within which to answer them.
    pub answer_seconds: u32,
    /// The work after each call.
    pub wrap_up_seconds: u32,
    /// The calls to expect, in percent of those of the span.
    pub load_percent: u32,
}

/// The seats that one hour of the week needs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SeatForecast {
    /// The hour.
    pub hour: WeekHour,
    /// What to expect.
    pub load: Load,
    /// The least number of seats that meets the target.
    pub seats: u32,
    /// The share of calls that they answer in time.
    pub in_time_share: f64,
}

impl Calls {
    /// The seats for each hour of the week with calls.
    ///
    /// # Errors
    /// If the database refuses.
    pub async fn forecast_seats(&self, forecast: &ForecastSeats) -> Result<Vec<SeatForecast>, Fault> {
        let level = self.get_service_level(&forecast.span).await?;
        let times = occurrences(&forecast.span);
        let with_calls = level.hours.iter().filter(|(_, counts)| counts.queued > 0);
        let hours = with_calls.map(|(hour, counts)| {
            let times = times.get(hour).copied().unwrap_or(1);
            forecast.of_hour(*hour, counts, &level.total, times)
        });
        Ok(hours.collect())
    }
}

impl ForecastSeats {
    /// The forecast of an hour that was so often in the span. An hour without a reported talk takes that of all hours.
    #[expect(clippy::cast_precision_loss, reason = "counts and times are far below 2^52")]
    fn of_hour(&self, hour: WeekHour, counts: &Counts, total: &Counts, times: u32) -> SeatForecast {
        let talk_ms = counts.average_talk_ms().or_else(|| total.average_talk_ms()).unwrap_or_default();
        let load = Load {
            calls_per_hour: counts.queued as f64 * f64::from(self.load_percent) / 100.0 / f64::from(times),
            handling_seconds: talk_ms as f64 / 1_000.0 + f64::from(self.wrap_up_seconds),
        };
        let answer_seconds = f64::from(self.answer_seconds);
        let seats = load.seats_for(f64::from(self.target_percent) / 100.0, answer_seconds);
        // Without work, every call is answered at once.
        let in_time_share = if seats == 0 { 1.0 } else { load.in_time_share(seats, answer_seconds) };
        SeatForecast { hour, load, seats, in_time_share }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_of_the_week_is_an_average_of_its_occurrences() {
        let hour = WeekHour { weekday: 1, hour: 10 };
        let counts = Counts { queued: 800, talked: 10, talk_seconds: 1_500, ..Counts::default() };
        let forecast = ForecastSeats {
            span: Span(0..1),
            target_percent: 80,
            answer_seconds: 20,
            wrap_up_seconds: 30,
            load_percent: 100,
        };
        let made = forecast.of_hour(hour, &counts, &counts, 4);
        assert_eq!((made.load.calls_per_hour, made.load.handling_seconds), (200.0, 180.0));
        assert_eq!(made.seats, 14);
        let surge =
            ForecastSeats { load_percent: 350, ..forecast.clone() }.of_hour(hour, &counts, &counts, 4);
        assert!(surge.seats > 35 && surge.seats < 49, "a large group needs less reserve: {}", surge.seats);
        let silent = Counts { talked: 0, talk_seconds: 0, ..counts.clone() };
        assert_eq!(forecast.of_hour(hour, &silent, &counts, 4), made);
        let unknown = ForecastSeats { wrap_up_seconds: 0, ..forecast }.of_hour(hour, &silent, &silent, 4);
        assert_eq!((unknown.seats, unknown.in_time_share), (0, 1.0), "nothing is known of the work");
    }
}
