//! The simulated clock of servers started with `--simulated-clock`: to try a policy on old data, and to test.

use chrono::{DateTime, Utc};
use hotline_proto::v1;

use crate::call::Core;
use crate::convert::{FromProto, IntoProto as _, Malformed, record};
use crate::error::Error;

record! {
    /// The result of an advance.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    #[non_exhaustive]
    Advanced = AdvanceToResponse {
        /// The simulated clock.
        now: DateTime<Utc>,
        /// How many rungs of the supervision ladder fired.
        rungs_fired: u32,
    }
}

/// The simulated clock. Made by [`HotlineClient::simulation`](crate::HotlineClient::simulation).
#[derive(Debug, Clone)]
pub struct Simulation(Core);

impl Simulation {
    pub(crate) fn new(core: &Core) -> Self {
        // A long advance takes long, and a retry would not make it shorter.
        Self(core.with_whole_deadline_per_attempt())
    }

    /// Reads the simulated clock. Any role may.
    ///
    /// # Errors
    /// `NO_SIMULATION` on a server in service.
    pub async fn get_time(&self) -> Result<DateTime<Utc>, Error> {
        self.0.query(v1::GetTimeRequest {}).await
    }

    /// Runs every timer that is due before `time`, each at its own instant, and sets the clock to it. Timers that are
    /// due at the instant itself do not run. For administrators.
    ///
    /// # Errors
    /// `CLOCK_GOES_FORWARD` if the clock is already past it, `NO_SIMULATION` on a server in service.
    pub async fn advance_to(&self, time: DateTime<Utc>) -> Result<Advanced, Error> {
        self.0.query(v1::AdvanceToRequest { time: time.into_proto() }).await
    }

    /// Lets the clock run on by itself, at this many simulated seconds in a second, until the server ends. Returns its
    /// present instant. For administrators.
    ///
    /// # Errors
    /// `INVALID_FIELDS` for a speed above 3,600, `NO_SIMULATION` on a server in service.
    pub async fn resume_clock(&self, speed: u32) -> Result<DateTime<Utc>, Error> {
        let speed = i32::try_from(speed).unwrap_or(i32::MAX);
        self.0.query(v1::ResumeClockRequest { speed }).await
    }
}

impl FromProto<v1::ResumeClockResponse> for DateTime<Utc> {
    fn from_proto(value: v1::ResumeClockResponse, _: &'static str) -> Result<Self, Malformed> {
        Self::from_proto(value.now, "ResumeClockResponse.now")
    }
}

impl FromProto<v1::GetTimeResponse> for DateTime<Utc> {
    fn from_proto(value: v1::GetTimeResponse, _: &'static str) -> Result<Self, Malformed> {
        Self::from_proto(value.now, "GetTimeResponse.now")
    }
}
