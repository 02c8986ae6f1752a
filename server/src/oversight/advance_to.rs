//! `AdvanceTo`: sets a simulated clock forward. Every timer before the new instant runs at its own due instant, in
//! order. Every calendar comes into force at its own instant, and provisional limits are counted again then.

use std::time::Duration;

use hotline_proto::v1::ErrorReason;

use super::{Simulation, TransferRunner, digests};
use crate::deadline::{RuleKind, in_force};
use crate::ledger::{timers, transfers};
use crate::platform::Fault;
use crate::ticket::Instant;

/// How often the run waits for a timer that a command has locked, and for how long each time.
const HELD_TRIES: u32 = 500;
const HELD_PAUSE: Duration = Duration::from_millis(10);

impl Simulation {
    /// Moves what transfers can move at this instant, also those that the background task has claimed.
    async fn finish_transfers(&self) -> Result<(), Fault> {
        let (store, clock) = (&self.runner.store, &self.runner.clock);
        let ledger = self.runner.ledger.clone();
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
        self.runner.recount().await?;
        let mut next = timers::next_due(self.runner.store.reader()).await?;
        let mut calendars = self.coming_calendars().await?;
        loop {
            let calendar = calendars.last().copied().filter(|from| next.is_none_or(|due_at| *from <= due_at));
            let Some(due_at) = calendar.or(next).filter(|due_at| *due_at < instant) else { break };
            calendars.pop_if(|from| *from <= due_at);
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
        self.runner.recount().await?;
        Ok(fired)
    }

    /// The instants from which later calendars are in force, the earliest last.
    async fn coming_calendars(&self) -> Result<Vec<Instant>, Fault> {
        let now = self.runner.clock.now();
        let rules = in_force::from(self.runner.store.reader(), RuleKind::Calendar, now).await?;
        Ok(rules.into_iter().map(|rule| rule.effective_from).filter(|from| *from > now).collect())
    }
}
