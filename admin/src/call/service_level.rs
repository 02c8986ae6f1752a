//! How calls were answered, and the seats that they need.

use chrono::{DateTime, Utc};
use clap::Args;
use hotline_client::ForecastSeats;

use crate::context::{Context, Done};
use crate::instant;

/// A span of calls.
#[derive(Debug, Args)]
struct Span {
    /// From this day or time on.
    #[arg(long = "since", value_name = "TIME", value_parser = instant::parse)]
    start_time: DateTime<Utc>,
    /// Until this day or time; at most 100 days after the start.
    #[arg(long = "until", value_name = "TIME", value_parser = instant::parse)]
    end_time: DateTime<Utc>,
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct ServiceLevel {
    #[command(flatten)]
    span: Span,
}

impl ServiceLevel {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let Span { start_time, end_time } = self.span;
        context.record(&context.client().await?.calls().get_service_level(start_time, end_time).await?)
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Forecast {
    #[command(flatten)]
    span: Span,
    /// The percentage of calls to answer in time.
    #[arg(long)]
    target_percent: Option<u32>,
    /// The time within which to answer them, in seconds.
    #[arg(long)]
    answer_seconds: Option<u32>,
    /// The work after each call, in seconds.
    #[arg(long)]
    wrap_up_seconds: Option<u32>,
    /// The calls to expect, in percent of those of the span.
    #[arg(long)]
    load_percent: Option<u32>,
}

impl Forecast {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let forecast = ForecastSeats::new(self.span.start_time, self.span.end_time)
            .target_percent(self.target_percent)
            .answer_seconds(self.answer_seconds)
            .wrap_up_seconds(self.wrap_up_seconds)
            .load_percent(self.load_percent);
        context.record(&context.client().await?.calls().forecast_seats(forecast).await?)
    }
}
