//! `AdvanceTo`: sets a simulated clock forward. Every timer before the new instant runs at its own due instant, in
//! order.

use std::time::Duration;

use hotline_proto::v1::ErrorReason;

use super::{Runner, Simulation, TransferRunner, digests};
use crate::ledger::{timers, transfers};
use crate::platform::Fault;
use crate::ticket::Instant;

/// How often the run waits for a timer that a command has locked, and for how long each time.
const HELD_TRIES: u32 = 500;
const HELD_PAUSE: Duration = Duration::from_millis(10);

impl Simulation {
    /// Moves what transfers can move at this instant, also those that the background task has claimed.
    async fn finish_transfers(&self) -> Result<(), Fault> {
        let Runner { store, clock, ledger } = self.runner.clone();
        let transfer_runner = TransferRunner { store: store.clone(), clock: clock.clone(), ledger };
        for _ in 0..HELD_TRIES {
            transfer_runner.tick().await?;
            if !transfers::is_due(store.reader(), clock.now()).await? {
                return Ok(());
            }
            tokio::time::sleep(HELD_PAUSE).await;
        }
        Err(Fault::internal("a transfer does not end"))
    }

    /// Runs every timer that is due before an instant, each at its own, and sets the clock to the instant. Timers that
    /// are due at the instant itself do not run. Returns how many rungs fired.
    ///
    /// # Errors
    /// `NO_SIMULATION` on a real clock, `CLOCK_GOES_FORWARD` for an earlier instant, refusals of the database.
    pub async fn advance_to(&self, instant: Instant) -> Result<u64, Fault> {
        self.check()?;
        let _alone = self.advancing.lock().await;
        let clock = &self.runner.clock;
        if instant < clock.now() {
            return Err(Fault::new(ErrorReason::ClockGoesForward).with("now", clock.now().to_rfc3339()));
        }
        // Transfers go on, and units are notified of rungs that were fired by hand, before the clock moves.
        self.finish_transfers().await?;
        digests::gather(&self.runner.store, clock).await?;
        let mut fired = 0;
        let mut held = 0;
        let mut next = timers::next_due(self.runner.store.reader()).await?;
        while let Some(due_at) = next.filter(|due_at| *due_at < instant) {
            clock.advance_to(due_at);
            let (here, after) = self.runner.tick().await?;
            // A due timer that does not fire is locked by a command that will end soon.
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
