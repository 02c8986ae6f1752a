//! Time travel on a simulated clock: every timer on the way runs at its own due instant, in order.

use std::sync::Arc;
use std::time::Duration;

use hotline_proto::v1::ErrorReason;
use tokio::sync::Mutex;

use super::{Runner, digests};
use crate::ledger::timers;
use crate::platform::Fault;
use crate::ticket::Instant;

/// How often a timer that a command holds is waited for, and for how long each time.
const HELD_TRIES: u32 = 500;
const HELD_PAUSE: Duration = Duration::from_millis(10);

/// The simulated clock and what it moves.
#[derive(Debug, Clone)]
pub struct Simulation {
    runner: Runner,
    /// One traveller at a time.
    travelling: Arc<Mutex<()>>,
}

impl Simulation {
    /// A simulation on the runner's clock.
    #[must_use]
    pub fn new(runner: Runner) -> Self {
        Self { runner, travelling: Arc::default() }
    }

    fn check(&self) -> Result<(), Fault> {
        if self.runner.clock.is_simulated() { Ok(()) } else { Err(Fault::new(ErrorReason::NoSimulation)) }
    }

    /// The simulated time.
    ///
    /// # Errors
    /// `NO_SIMULATION` on a real clock.
    pub fn now(&self) -> Result<Instant, Fault> {
        self.check()?;
        Ok(self.runner.clock.now())
    }

    /// Runs every timer due before an instant, each at its own, and sets the clock to it; what is due at the instant
    /// itself waits. Answers how many rungs fired.
    ///
    /// # Errors
    /// `NO_SIMULATION` on a real clock, `CLOCK_GOES_FORWARD` for an earlier instant, what the database refuses with.
    pub async fn advance_to(&self, instant: Instant) -> Result<u64, Fault> {
        self.check()?;
        let _alone = self.travelling.lock().await;
        let clock = &self.runner.clock;
        if instant < clock.now() {
            return Err(Fault::new(ErrorReason::ClockGoesForward).with("now", clock.now().to_rfc3339()));
        }
        // What was fired by hand since then is in the digests before the clock goes on.
        digests::gather(&self.runner.store, clock).await?;
        let mut fired = 0;
        let mut held = 0;
        let mut next = timers::next_due(self.runner.store.reader()).await?;
        while let Some(due_at) = next.filter(|due_at| *due_at < instant) {
            clock.advance_to(due_at);
            let (here, after) = self.runner.tick().await?;
            // A timer that does not fire is held by a command that will soon be done.
            held = if here == 0 && after == Some(due_at) { held + 1 } else { 0 };
            if held > HELD_TRIES {
                return Err(Fault::internal(format!("the timer due at {due_at} does not fire")));
            }
            if held > 0 {
                tokio::time::sleep(HELD_PAUSE).await;
            }
            fired += here;
            next = after;
        }
        clock.advance_to(instant);
        Ok(fired)
    }
}
