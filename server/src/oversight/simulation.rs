//! A simulated clock and the runner that it drives. Its methods are in `get_time`, `advance_to` and
//! `resume_clock`.

use std::sync::Arc;

use hotline_proto::v1::ErrorReason;
use tokio::sync::{Mutex, watch};

use super::Runner;
use crate::platform::Fault;

/// The simulated clock and its runner.
#[derive(Debug, Clone)]
pub struct Simulation {
    pub(super) runner: Runner,
    /// Held while the clock is advanced: one call at a time.
    pub(super) advancing: Arc<Mutex<()>>,
    /// Simulated seconds in a second; 0 while the clock stands still.
    pub(super) speed: watch::Sender<u32>,
}

impl Simulation {
    /// A simulation on the runner's clock.
    #[must_use]
    pub fn new(runner: Runner) -> Self {
        Self { runner, advancing: Arc::default(), speed: watch::Sender::new(0) }
    }

    /// `NO_SIMULATION` on a real clock.
    pub(super) fn check(&self) -> Result<(), Fault> {
        if self.runner.clock.is_simulated() { Ok(()) } else { Err(Fault::new(ErrorReason::NoSimulation)) }
    }
}
