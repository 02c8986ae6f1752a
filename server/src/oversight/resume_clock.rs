//! `ResumeClock`: lets a simulated clock run on by itself. Each step is an advance, so that every timer runs at its own
//! due instant.

use std::time::{Duration, Instant as MachineInstant};

use chrono::TimeDelta;
use hotline_proto::v1::ErrorReason;

use super::Simulation;
use crate::platform::Fault;
use crate::ticket::Instant;

/// The largest speed, in simulated seconds in a second: an hour.
pub const SPEED_MAX: u32 = 3_600;
/// The pause between two steps.
const STEP: Duration = Duration::from_millis(100);

impl Simulation {
    /// Lets the clock run at a speed of 1 to [`SPEED_MAX`] simulated seconds in a second. Returns its present instant.
    ///
    /// # Errors
    /// `NO_SIMULATION` on a real clock.
    pub fn resume_clock(&self, speed: u32) -> Result<Instant, Fault> {
        self.check()?;
        self.speed.send_replace(speed.min(SPEED_MAX));
        Ok(self.runner.clock.now())
    }

    /// Moves the clock once it is resumed. It never returns.
    pub async fn run(self) {
        let mut speeds = self.speed.subscribe();
        let mut last = MachineInstant::now();
        loop {
            let speed = *speeds.borrow_and_update();
            if speed == 0 {
                // It fails only without a sender, and this task holds one.
                let _ = speeds.changed().await;
                last = MachineInstant::now();
                continue;
            }
            tokio::time::sleep(STEP).await;
            let now = MachineInstant::now();
            let passed = TimeDelta::from_std((now - last).saturating_mul(speed)).unwrap_or(TimeDelta::zero());
            last = now;
            let target = self.runner.clock.now() + passed;
            match self.advance_to(target).await {
                // A caller has advanced the clock meanwhile.
                Err(fault) if fault.reason == ErrorReason::ClockGoesForward => {}
                Err(fault) => tracing::error!(error = fault.detail, "simulated clock step failed; retrying"),
                Ok(_) => {}
            }
        }
    }
}
