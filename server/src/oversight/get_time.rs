//! `GetTime`: the simulated time.

use super::Simulation;
use crate::platform::Fault;
use crate::ticket::Instant;

impl Simulation {
    /// The simulated time.
    ///
    /// # Errors
    /// `NO_SIMULATION` on a real clock.
    pub fn now(&self) -> Result<Instant, Fault> {
        self.check()?;
        Ok(self.runner.clock.now())
    }
}
