//! The figures of a run: how much happened, and the lateness of rungs.

use std::fmt;
use std::time::Duration;

use chrono::TimeDelta;
use hotline_server::ticket::Instant;

use crate::final_state::{Case, FinalState};
use crate::invariants;

/// The counts of a run.
#[derive(Debug, Clone)]
pub(crate) struct Statistics {
    tickets: usize,
    /// Rungs that fired, and rungs that were passed, in the run.
    fired: usize,
    passed: usize,
    /// Due rungs that a command made obsolete before they fired.
    overtaken: usize,
    commands: usize,
    kills: u32,
    /// For the rungs that were due while all servers ran: the time from that instant to the one at which the database's
    /// clock saw the effect; ascending.
    late: Vec<TimeDelta>,
    /// The rungs that were due before all servers ran, and how long it took until the last of them was written.
    overdue: usize,
    overdue_took: TimeDelta,
    /// `None` if not all timers fired.
    quiet_after: Option<Duration>,
}

impl Statistics {
    pub(crate) fn of(
        final_state: &FinalState,
        kills: u32,
        commands: usize,
        quiet_after: Option<Duration>,
    ) -> Self {
        let fired = final_state.cases.iter().flat_map(invariants::fired_in_run);
        let (fired, passed): (Vec<_>, Vec<_>) = fired.map(|fired| fired.is_fired).partition(|fired| *fired);
        let (mut late, mut overdue, mut overdue_took) = (Vec::new(), 0, TimeDelta::zero());
        for (case, due_at, seen_at) in final_state.cases.iter().flat_map(written) {
            if due_at >= case.begun_at {
                late.push(seen_at - due_at);
            } else {
                overdue += 1;
                overdue_took = overdue_took.max(seen_at - case.begun_at);
            }
        }
        late.sort_unstable();
        let overtaken = final_state.cases.iter().map(overtaken).sum();
        let (tickets, fired, passed) = (final_state.cases.len(), fired.len(), passed.len());
        Self { tickets, fired, passed, overtaken, commands, kills, late, overdue, overdue_took, quiet_after }
    }

    /// The lateness that this percentage of rungs does not exceed, in milliseconds.
    fn late_ms(&self, percent: usize) -> i64 {
        let place = (self.late.len() * percent).div_ceil(100).max(1) - 1;
        self.late.get(place).map_or(0, TimeDelta::num_milliseconds)
    }
}

impl fmt::Display for Statistics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tickets, fired, passed, overtaken, commands, kills, overdue, .. } = self;
        write!(f, "{tickets} tickets, {fired} rungs fired and {passed} passed, {overtaken} overtaken by ")?;
        write!(f, "commands, {commands} deeds acknowledged, {kills} kills; {overdue} overdue rungs took ")?;
        write!(f, "{} ms, {} in time were late by ", self.overdue_took.num_milliseconds(), self.late.len())?;
        let [half, most, all] = [50, 99, 100].map(|percent| self.late_ms(percent));
        write!(f, "p50 {half} ms, p99 {most} ms, at most {all} ms; ")?;
        match self.quiet_after {
            Some(after) => write!(f, "quiet {} ms after the last was due", after.as_millis()),
            None => f.write_str("the timers did not get quiet"),
        }
    }
}

/// The due rungs of a ticket that were written: when they were due, and when the witness saw them.
fn written(case: &Case) -> Vec<(&Case, Instant, Instant)> {
    let expected_rungs = case.backlog_ticket.iter().flat_map(crate::backlog::BacklogTicket::expected_rungs);
    let written = expected_rungs.filter_map(|expected_rungs| {
        let is_it =
            |(cycle, rung, _): &&(u32, _, _)| (*cycle, *rung) == (expected_rungs.cycle, expected_rungs.rung);
        Some((case, expected_rungs.due_at, case.witnessed.iter().find(is_it)?.2))
    });
    written.collect()
}

/// The due rungs of a ticket that did not fire because a command came first.
fn overtaken(case: &Case) -> usize {
    let expected_rungs = case.backlog_ticket.iter().flat_map(crate::backlog::BacklogTicket::expected_rungs);
    let is_fired = |row: &(u32, _)| case.effects.iter().any(|(cycle, rung, _)| (*cycle, *rung) == *row);
    expected_rungs
        .filter(|expected_rungs| {
            !is_fired(&(expected_rungs.cycle, expected_rungs.rung))
                && invariants::is_overtaken(case, expected_rungs.rung, expected_rungs.due_at)
        })
        .count()
}
