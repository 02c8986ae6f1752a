//! `hotline clock`: the simulated clock of a server for trials.

use std::time::Duration;

use chrono::{DateTime, Utc};
use clap::Args;

use crate::context::{Context, Done};
use crate::instant;
use crate::verbs::verbs;

/// An advance over months of timers takes long.
const ADVANCE_DEADLINE: Duration = Duration::from_mins(30);

verbs! {
    /// Prints the simulated time.
    Show = Show, calls "GetTime";
    /// Advances the clock, and runs every timer on the way. For administrators.
    Advance = Advance, calls "AdvanceTo";
    /// Lets the clock run on by itself. For administrators.
    Resume = Resume, calls "ResumeClock";
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Show {}

impl Show {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let now = context.client().await?.simulation().get_time().await?;
        context.record(&serde_json::json!({ "now": now }))
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Advance {
    /// To this day or time, not before the present one.
    #[arg(value_name = "TIME", value_parser = instant::parse)]
    time: DateTime<Utc>,
}

impl Advance {
    pub(crate) async fn run(self, context: &Context) -> Done {
        context.confirm(&format!("the clock goes to {}", instant::text(self.time)))?;
        let client = context.client().await?.with_deadline(ADVANCE_DEADLINE);
        context.record(&client.simulation().advance_to(self.time).await?)
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Resume {
    /// Simulated seconds in a second, at most 3600.
    #[arg(long, default_value_t = 1)]
    speed: u32,
}

impl Resume {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let now = context.client().await?.simulation().resume_clock(self.speed).await?;
        context.record(&serde_json::json!({ "now": now, "speed": self.speed.max(1) }))
    }
}
