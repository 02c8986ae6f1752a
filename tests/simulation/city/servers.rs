//! Three servers on one table of timers. Each has its own clock. A server may crash between claiming timers and
//! committing, and another one may have been faster.

use super::backend::{Backend, TickOutcome};
use super::event_loop::{BLACKOUT, City, Job};
use crate::in_memory_product::WriteResult;
use crate::injected_bugs::InjectedBug;
use crate::random::Random;
use crate::reference::due::{DAY, HOUR, MINUTE};

const SECOND: i64 = MINUTE / 60;
/// The largest clock error, except for a clock that fell back.
const SKEW_MAX: i64 = 4 * MINUTE;
/// How far a clock falls back, and the longest time until it is corrected.
const FALL_BACK: i64 = HOUR;
const FALL_LASTS_MAX: i64 = 12 * HOUR;
/// The longest time between two such falls of a clock.
const FALLS_APART_MAX: i64 = 60 * DAY;
/// Tickets in one claim.
const BATCH: usize = 100;
/// The interval between two ticks of a server.
const PERIOD: i64 = 10 * MINUTE;

/// A claimed ticket: the version that was read, and the writes.
#[derive(Debug)]
pub(super) struct Claim {
    pub(super) case: usize,
    pub(super) version: u32,
    pub(super) written: WriteResult,
    /// The server's clock reading.
    pub(super) clock: i64,
}

/// The servers: the clock error of each, and whether it is up.
#[derive(Debug)]
pub(super) struct Servers {
    skew: [i64; Self::COUNT],
    is_up: [bool; Self::COUNT],
}

impl Default for Servers {
    fn default() -> Self {
        Self { skew: [0, 70 * SECOND, -40 * SECOND], is_up: [true; Self::COUNT] }
    }
}

impl Servers {
    pub(super) const COUNT: usize = 3;

    /// A running server that takes a call.
    pub(super) fn serve(&self, random: &mut Random) -> Option<usize> {
        let first = random.below(Self::COUNT);
        (0..Self::COUNT).map(|turn| (first + turn) % Self::COUNT).find(|server| self.is_up[*server])
    }

    /// The first running server.
    pub(super) fn any(&self) -> Option<usize> {
        self.is_up.iter().position(|is_up| *is_up)
    }

    pub(super) const fn is_up(&self, server: usize) -> bool {
        self.is_up[server]
    }

    /// How far a server's clock is ahead of the true time.
    pub(super) const fn skew(&self, server: usize) -> i64 {
        self.skew[server]
    }

    /// A server crashes.
    pub(super) const fn crash(&mut self, server: usize) {
        self.is_up[server] = false;
    }

    /// All servers stop.
    pub(super) fn stop_all(&mut self) {
        self.is_up = [false; Self::COUNT];
    }

    /// A server restarts, with a new clock error.
    pub(super) fn recover(&mut self, server: usize, random: &mut Random) {
        self.is_up[server] = true;
        self.put_right(server, random);
    }

    /// A server's clock falls back, as if it was set by hand.
    pub(super) const fn fall_back(&mut self, server: usize) {
        self.skew[server] = -FALL_BACK;
    }

    /// A server's clock is corrected approximately.
    pub(super) fn put_right(&mut self, server: usize, random: &mut Random) {
        self.skew[server] = random.between(-SKEW_MAX, SKEW_MAX + 1);
    }
}

impl<H: Backend> City<'_, H> {
    /// A server looks for timers that are due by its own clock, and fires them.
    pub(super) fn tick(&mut self, server: usize) -> Result<(), String> {
        let period = PERIOD + self.random.between(-MINUTE, MINUTE);
        self.later(period, Job::Tick(server));
        if !self.state.servers.is_up(server) {
            return Ok(());
        }
        let due = self.state.timers.due(self.state.clock(server), BATCH);
        if due.is_empty() && !self.backend.does_spurious_tick(&mut self.random) {
            return Ok(());
        }
        match self.backend.tick(&self.state, server, &due, &mut self.random)? {
            TickOutcome::Done(outcome) => {
                self.record_outcome(outcome.written, outcome.clock, outcome.down)?;
            }
            TickOutcome::Claimed(claims) => {
                let takes = self.random.between(SECOND, 3 * MINUTE);
                self.later(takes, Job::Commit(server, claims));
            }
        }
        Ok(())
    }

    /// A server restarts.
    pub(super) fn recover(&mut self, server: usize) -> Result<(), String> {
        self.state.servers.recover(server, &mut self.random);
        self.backend.start(&self.state, server)
    }

    /// All servers are down for some days.
    pub(super) fn stop_all(&mut self) -> Result<(), String> {
        self.state.servers.stop_all();
        (0..Servers::COUNT).for_each(|server| self.later(BLACKOUT, Job::Recover(server)));
        self.backend.stop_all(&self.state)
    }

    /// A server's clock falls back, and is corrected after some hours.
    pub(super) fn clock_falls(&mut self, server: usize) {
        self.state.servers.fall_back(server);
        let lasts = self.random.between(MINUTE, FALL_LASTS_MAX);
        self.later(lasts, Job::PutRight(server));
        let next = self.random.between(DAY, FALLS_APART_MAX);
        self.later(next, Job::ClockFalls(server));
    }

    pub(super) fn crash(&mut self, server: usize) {
        self.statistics.crashes += 1;
        self.state.servers.crash(server);
        let outage = self.random.between(10 * MINUTE, 4 * HOUR);
        self.later(outage, Job::Recover(server));
    }

    /// Commits a server's claims, except for tickets that have changed since they were read.
    pub(super) fn commit_claims(&mut self, server: usize, claims: Vec<Claim>) -> Result<(), String> {
        if !self.state.servers.is_up(server) {
            return Ok(());
        }
        for claim in claims {
            let is_stale = self.state.cases[claim.case].ticket.version != claim.version;
            if is_stale && self.state.product.bug != Some(InjectedBug::LostUpdate) {
                self.statistics.overtaken += 1;
                continue;
            }
            self.commit(claim.case, claim.written, claim.clock)?;
        }
        Ok(())
    }
}
