//! Three servers on one table of timers. Each has its own clock; a server may crash between claiming timers and
//! committing what it fired, and another may have been quicker.

use std::collections::{BTreeSet, HashSet};

use hotline_server::ticket::Rung;

use super::{City, Job};
use crate::plant::Plant;
use crate::product::Written;
use crate::random::Random;
use crate::reference::count::{HOUR, MINUTE};

const SECOND: i64 = MINUTE / 60;
/// The furthest that a clock is wrong.
pub(super) const SKEW_MAX: i64 = 90 * SECOND;
/// Tickets in one claim.
const BATCH: usize = 100;
/// Between two ticks of a server.
const PERIOD: i64 = 10 * MINUTE;

/// A ticket that a server has claimed: the version it read, and what it would write.
#[derive(Debug)]
pub(super) struct Claim {
    case: usize,
    version: u32,
    written: Written,
}

/// The table of timers and that of effects, which all servers share.
#[derive(Debug, Default)]
pub(super) struct Timers {
    due: BTreeSet<(i64, usize)>,
    of: Vec<Option<i64>>,
    effects: HashSet<(usize, u32, Rung)>,
}

impl Timers {
    pub(super) fn set(&mut self, case: usize, due: Option<i64>) {
        if self.of.len() <= case {
            self.of.resize(case + 1, None);
        }
        if let Some(before) = self.of[case].take() {
            self.due.remove(&(before, case));
        }
        if let Some(due) = due {
            self.due.insert((due, case));
        }
        self.of[case] = due;
    }

    pub(super) fn has(&self, case: usize) -> bool {
        self.of.get(case).copied().flatten().is_some()
    }

    /// Notes that a rung was told; false where it had been before.
    pub(super) fn tell(&mut self, case: usize, cycle: u32, rung: Rung) -> bool {
        self.effects.insert((case, cycle, rung))
    }
}

/// The servers: how wrong each clock is, and whether it is up.
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

    /// The clock of a server that is up and takes a call.
    pub(super) fn serve(&self, now: i64, random: &mut Random) -> Option<i64> {
        let first = random.below(Self::COUNT);
        let up =
            (0..Self::COUNT).map(|turn| (first + turn) % Self::COUNT).find(|server| self.is_up[*server])?;
        Some(now + self.skew[up])
    }

    /// Nobody is up.
    pub(super) fn go_dark(&mut self) {
        self.is_up = [false; Self::COUNT];
    }

    /// A server comes back, with its clock set anew.
    pub(super) fn recover(&mut self, server: usize, random: &mut Random) {
        self.is_up[server] = true;
        self.skew[server] = random.between(-SKEW_MAX, SKEW_MAX + 1);
    }
}

impl City<'_> {
    /// A server looks for timers that are due by its own clock, and fires them; the commit takes a while.
    pub(super) fn tick(&mut self, server: usize) -> Result<(), String> {
        let period = PERIOD + self.random.between(-MINUTE, MINUTE);
        self.later(period, Job::Tick(server));
        if !self.servers.is_up[server] {
            return Ok(());
        }
        let clock = self.now + self.servers.skew[server];
        let due: Vec<usize> = self
            .timers
            .due
            .iter()
            .take_while(|(due, _)| *due <= clock)
            .take(BATCH)
            .map(|(_, case)| *case)
            .collect();
        if due.is_empty() {
            return Ok(());
        }
        let mut claims = Vec::with_capacity(due.len());
        for case in due {
            let ticket = &self.cases[case].ticket;
            let rated = &self.book.0[self.cases[case].policy];
            let Some(written) = self.product.fire(ticket, rated, clock) else {
                return Err(format!("the timer of {} is due and its ladder is not", ticket.number));
            };
            let written = written.map_err(|fault| format!("{}: {}", ticket.number, fault.ours))?;
            claims.push(Claim { case, version: ticket.version, written });
        }
        if self.random.percent(1) {
            // A crash before the commit: nothing of the claim was written.
            self.figures.crashes += 1;
            self.servers.is_up[server] = false;
            let outage = self.random.between(10 * MINUTE, 4 * HOUR);
            self.later(outage, Job::Recover(server));
            return Ok(());
        }
        let takes = self.random.between(SECOND, 3 * MINUTE);
        self.later(takes, Job::Commit(server, claims));
        Ok(())
    }

    /// Commits what a server fired, except where the ticket has changed since it was read.
    pub(super) fn commit_claims(&mut self, server: usize, claims: Vec<Claim>) -> Result<(), String> {
        if !self.servers.is_up[server] {
            return Ok(());
        }
        for claim in claims {
            let is_stale = self.cases[claim.case].ticket.version != claim.version;
            if is_stale && self.product.plant != Some(Plant::LostUpdate) {
                self.figures.overtaken += 1;
                continue;
            }
            self.commit(claim.case, claim.written)?;
        }
        Ok(())
    }
}
