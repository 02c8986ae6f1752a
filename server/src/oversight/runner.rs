//! The runner: fires the rungs that are due, each once for a ticket and cycle, and returns when the next one is due.
//!
//! It takes no input and is idempotent. Any number of servers may run it on one database: a ticket is claimed under its
//! lock, and event, effect and next timer are written in the same transaction. After an outage the highest passed rung
//! fires, and those that it overtook are recorded as passed. Nothing is back-dated.
//!
//! Tickets fire in batches, on PostgreSQL two at a time. Between batches the runner rests in proportion to the time
//! they took, so that callers can use the database even if many limits pass together. If a batch fails, its tickets are
//! fired one by one. A ticket that fails again is deferred for a while and named in the log; the other tickets do not
//! wait for it.

mod old_requests;

use std::time::Duration;

use super::metrics::{self, RungMetric};
use super::recount::{Recount, Recounter};
use super::{digests, is_of_a_ticket};
use crate::deadline::ladder::{self, PassedRungs};
use crate::desk::directory::UnitSet;
use crate::ledger::{self, Entry, Ledger, timers};
use crate::platform::{Clock, Fault, Store, Work, failpoint};
use crate::ticket::{Actor, CallerIdentity, Event, Instant, Ticket, TicketNumber};

/// Tickets in one transaction on PostgreSQL, where commands run beside it.
const BATCH_POSTGRES: u64 = 100;
/// Tickets in one transaction on SQLite, where every command waits for it.
const BATCH_SQLITE: u64 = 50;
/// Tickets in one tick; the next one continues.
const TICK_MAX: u64 = 50_000;
/// The runner rests for this fraction (1/n) of the time that batches took.
const REST_DIVISOR: u32 = 16;
/// The shortest rest. A timer of tokio is late by up to a millisecond, which would double the rest after short batches.
const REST_MIN: Duration = Duration::from_millis(5);
/// The longest rest.
const REST_MAX: Duration = Duration::from_millis(50);
/// The longest sleep. Commands set timers meanwhile, here and on other servers, and one of them may be the next.
const SLEEP_MAX: Duration = Duration::from_secs(1);
/// The sleep after a failure.
const FAILURE_PAUSE: Duration = Duration::from_secs(1);
/// The shortest sleep after a tick that fired nothing: a due timer that did not fire is locked by another process.
const HELD_PAUSE: Duration = Duration::from_millis(50);
/// Ticks between two deletions of old request records.
const TICKS_BETWEEN_FORGETTING: u32 = 600;

/// Fires rungs.
#[derive(Debug, Clone)]
pub struct Runner {
    /// The database.
    pub store: Store,
    /// The clock.
    pub clock: Clock,
    /// The only writer of tickets.
    pub ledger: Ledger,
    /// How far provisional limits were counted again.
    pub recount: Recount,
}

/// The input of a unit of work that fires tickets.
struct FireInput {
    runner: Runner,
    /// One ticket; `None` for any that is due.
    only: Option<TicketNumber>,
    /// Maximum number of tickets.
    limit: u64,
}

/// The events of a ticket whose timer is due; none if no rung has passed. The rung does not name a lead that is
/// inactive: nothing new reaches it. Pure.
#[must_use]
pub fn decide(ticket: &Ticket, passed: PassedRungs, units: &UnitSet) -> Vec<Event> {
    let (cycle, round) = (ticket.cycle.number, ticket.cycle.round);
    let skipped = passed.skipped.into_iter();
    let skipped = skipped.map(|(rung, due_at)| Event::RungPassed { cycle, round, rung, due_at });
    let fired = Event::RungFired {
        cycle,
        round,
        rung: passed.fired,
        due_at: Some(passed.due_at),
        unit: ticket.lead_unit().filter(|lead| !units.is_inactive(lead)).cloned(),
        note: String::new(),
    };
    skipped.chain(std::iter::once(fired)).collect()
}

impl Runner {
    /// Fires what is due at or before the clock, at most `TICK_MAX` tickets. Then counts provisional limits again,
    /// which moves no limit that is due. Returns how many rungs fired, and when the next one is due. That instant is
    /// in the past if more tickets were due.
    ///
    /// # Errors
    /// If the database can't be reached. What was fired before stays fired.
    pub async fn tick(&self) -> Result<(u64, Option<Instant>), Fault> {
        // SQLite has one writer, and on a simulated clock a run must be reproducible.
        let fired = if self.store.is_sqlite() || self.clock.is_simulated() {
            self.lane().await?
        } else {
            // Both run to their end, so that the rungs of one are counted if the other fails.
            let (one, other) = tokio::join!(self.lane(), self.lane());
            one? + other?
        };
        // A limit that can't be counted must not keep units from their digests.
        if let Err(fault) = self.recount().await {
            tracing::error!(error = fault.detail, "counting provisional limits again failed; retrying");
        }
        digests::gather(&self.store, &self.clock).await?;
        Ok((fired, timers::next_due(self.store.reader()).await?))
    }

    /// Counts provisional limits again; returns how many changed.
    ///
    /// # Errors
    /// If the database can't be reached. What was counted before stays counted.
    pub async fn recount(&self) -> Result<u64, Fault> {
        let (store, clock, ledger) = (self.store.clone(), self.clock.clone(), self.ledger.clone());
        Recounter { store, clock, ledger, progress: self.recount.clone() }.run().await
    }

    /// Fires batches, one after another; returns how many rungs fired. Two lanes run at once: one computes while the
    /// database works for the other. They meet as two servers would.
    async fn lane(&self) -> Result<u64, Fault> {
        let mut fired = 0;
        let mut rest = Duration::ZERO;
        for _ in 0..TICK_MAX / self.batch() {
            let begun = std::time::Instant::now();
            let (here, is_more) = self.fire_batch().await?;
            fired += here;
            if !is_more {
                break;
            }
            rest += begun.elapsed() / REST_DIVISOR;
            if rest >= REST_MIN {
                self.rest(std::mem::take(&mut rest)).await;
            }
        }
        Ok(fired)
    }

    fn batch(&self) -> u64 {
        if self.store.is_sqlite() { BATCH_SQLITE } else { BATCH_POSTGRES }
    }

    /// Leaves the database to others for a while. On a simulated clock there are no calls meanwhile.
    async fn rest(&self, rest: Duration) {
        if !self.clock.is_simulated() {
            tokio::time::sleep(rest.min(REST_MAX)).await;
        }
    }

    /// Fires a batch; returns how many fired, and whether more may be due.
    async fn fire_batch(&self) -> Result<(u64, bool), Fault> {
        match self.fire(None, self.batch()).await {
            Err(fault) if is_of_a_ticket(&fault) => self.fire_one_by_one().await,
            outcome => outcome,
        }
    }

    /// Fires what is due, one ticket in a transaction; returns how many fired, and whether more may be due.
    async fn fire_one_by_one(&self) -> Result<(u64, bool), Fault> {
        let due = timers::due(self.store.reader(), self.clock.now(), self.batch()).await?;
        let is_full = due.len() as u64 == self.batch();
        let (mut fired, mut postponed) = (0, 0);
        for number in due {
            match self.fire(Some(number), 1).await {
                Ok((here, _)) => fired += here,
                Err(fault) if is_of_a_ticket(&fault) => postponed += self.postpone(number, &fault).await?,
                Err(fault) => return Err(fault),
            }
        }
        // A ticket that is neither fired nor deferred is locked by another process. The next tick handles it.
        Ok((fired, is_full && fired + postponed > 0))
    }

    /// Defers a ticket; returns 1, or 0 if another process has deferred it.
    async fn postpone(&self, number: TicketNumber, fault: &Fault) -> Result<u64, Fault> {
        let tries = self
            .store
            .run(&self.clock, number, async |work, number| timers::postpone(work, *number).await)
            .await?;
        let Some(tries) = tries else { return Ok(0) };
        metrics::timer_postponed();
        tracing::error!(ticket = %number, tries, error = fault.detail, "firing a timer failed; the ticket is deferred");
        Ok(1)
    }

    /// Fires tickets that are due, or `only` one, in one transaction; returns how many, and whether more may be due.
    async fn fire(&self, only: Option<TicketNumber>, limit: u64) -> Result<(u64, bool), Fault> {
        let input = FireInput { runner: self.clone(), only, limit };
        let fired = self.store.run(&self.clock, input, async |work, input| {
            input.runner.fire_in(work, input.only, input.limit).await
        });
        let (fired, is_more, rungs) = fired.await?;
        metrics::rungs(&rungs, self.clock.now());
        Ok((fired, is_more))
    }

    async fn fire_in(
        &self,
        work: &Work,
        only: Option<TicketNumber>,
        limit: u64,
    ) -> Result<(u64, bool, Vec<RungMetric>), Fault> {
        let (mut entries, mut rungs) = (Vec::new(), Vec::new());
        failpoint::reach("runner.claim").await?;
        let (claimed, is_more) = timers::claim(work, only, limit).await?;
        let mut leads: Vec<_> = claimed.iter().filter_map(|ticket| ticket.lead_unit().cloned()).collect();
        leads.sort();
        leads.dedup();
        let units = UnitSet::read(&work.tx, leads).await?;
        for ticket in claimed {
            let policy = self.ledger.rules().policy(&work.tx, &ticket.cycle.deadline.policy_version).await?;
            let limit = ledger::cycle_limit(&ticket);
            let passed = ladder::passed(&policy.ladder, &limit, ticket.cycle.ladder_rung, work.now());
            // A ticket that is not open needs no timer, even if an old one is left.
            let Some(passed) = passed.filter(|_| ticket.state.is_open()) else {
                return Err(Fault::internal(format!(
                    "the timer of {} is due and its ladder is not",
                    ticket.number
                )));
            };
            let events = decide(&ticket, passed, &units);
            rungs.extend(events.iter().filter_map(RungMetric::of));
            let identity = CallerIdentity::default();
            let (number, actor) = (ticket.number, Actor::system());
            entries.push(Entry { number, before: Some(ticket), actor, events, identity });
        }
        let fired = entries.len() as u64;
        if fired > 0 {
            failpoint::reach("runner.fire").await?;
            self.ledger.write(work, entries).await?;
        }
        Ok((fired, is_more, rungs))
    }

    /// Runs until it is dropped: a tick, then a sleep until the next timer, at most a second.
    pub async fn run(self) {
        for ticks in 0_u32.. {
            if ticks.is_multiple_of(TICKS_BETWEEN_FORGETTING) {
                self.forget_old_requests().await;
            }
            let pause = match self.tick().await {
                Ok((0, next)) => next.map_or(SLEEP_MAX, |next| self.until(next)).max(HELD_PAUSE),
                Ok((fired, next)) => {
                    tracing::info!(count = fired, "rungs fired");
                    next.map_or(SLEEP_MAX, |next| self.until(next))
                }
                Err(fault) => {
                    tracing::error!(error = fault.detail, "escalation job failed; retrying");
                    tokio::time::sleep(FAILURE_PAUSE).await;
                    continue;
                }
            };
            tokio::time::sleep(pause).await;
        }
    }

    fn until(&self, next: Instant) -> Duration {
        (next - self.clock.now()).to_std().unwrap_or(Duration::ZERO).min(SLEEP_MAX)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::closed_loop::fixture::*;
    use crate::ticket::Rung;

    /// The events of a runner that first runs at this instant, for one ticket.
    fn fired_at(desk: &Desk, ticket: &Ticket, now: Instant) -> Vec<Event> {
        let passed =
            ladder::passed(&desk.policy.ladder, &ledger::cycle_limit(ticket), ticket.cycle.ladder_rung, now);
        let leads: Vec<_> = ticket.lead_unit().cloned().into_iter().collect();
        passed.map(|passed| decide(ticket, passed, &known(&leads))).unwrap_or_default()
    }

    #[test]
    fn the_highest_passed_rung_fires_and_those_it_overtook_are_recorded() {
        let desk = Desk::open();
        let ticket = desk.in_handling();
        let due_at = ticket.cycle.due_at();
        let hours = TimeDelta::hours;
        let passed =
            |rung, after| Event::RungPassed { cycle: 1, round: 0, rung, due_at: due_at + hours(after) };
        let fired = |rung, after| Event::RungFired {
            cycle: 1,
            round: 0,
            rung,
            due_at: Some(due_at + hours(after)),
            unit: Some(code(LEAD)),
            note: String::new(),
        };
        for (after, expected) in [
            (-1, vec![]),
            (0, vec![fired(Rung::Urged, 0)]),
            (30, vec![passed(Rung::Urged, 0), fired(Rung::Supervised, 24)]),
            (99, vec![passed(Rung::Urged, 0), passed(Rung::Supervised, 24), fired(Rung::Manual, 48)]),
        ] {
            let events = fired_at(&desk, &ticket, due_at + hours(after));
            assert_eq!(events, expected, "{after} hours after the limit");
            if !events.is_empty() {
                let now = due_at + hours(after);
                let ticket = desk.at(now).fold(Some(ticket.clone()), events);
                assert_eq!(fired_at(&desk, &ticket, now), [], "nothing fires twice");
            }
        }
    }

    #[test]
    fn a_ticket_that_no_unit_has_is_urged_all_the_same() {
        let desk = Desk::open();
        let ticket = desk.received();
        let events = fired_at(&desk, &ticket, ticket.cycle.due_at());
        assert!(matches!(events.as_slice(), [Event::RungFired { unit: None, .. }]), "{events:?}");
    }

    #[test]
    fn a_rung_is_not_addressed_to_an_inactive_lead() {
        let desk = Desk::open();
        let ticket = desk.in_handling();
        let dispatch = ticket.dispatch.clone().expect("it is dispatched");
        let dispatch = crate::ticket::Dispatch { lead_unit: code(INACTIVE), ..dispatch };
        let ticket = Ticket { dispatch: Some(dispatch), ..ticket };
        let events = fired_at(&desk, &ticket, ticket.cycle.due_at());
        assert!(matches!(events.as_slice(), [Event::RungFired { unit: None, .. }]), "{events:?}");
    }

    #[test]
    fn a_missed_promise_leads_straight_to_manual_supervision() {
        use crate::closed_loop::carry_over_ticket::CarryOverTicket;

        let desk = Desk::open();
        let ticket = desk.in_handling();
        let promised_at = ticket.cycle.due_at() + TimeDelta::days(30);
        let (next_steps, informed_at) = ("等待验收".to_owned(), desk.now);
        let ask = CarryOverTicket::Ask { next_steps, promised_at, informed_at };
        let asked = desk.run(LEAD_UNIT, &ask, &ticket);
        let grant = CarryOverTicket::Decide { is_granted: true, note: String::new() };
        let granted = desk.run(DISPATCHER, &grant, &asked);
        assert_eq!(fired_at(&desk, &granted, promised_at - TimeDelta::microseconds(1)), []);
        let events = fired_at(&desk, &granted, promised_at);
        assert!(matches!(events.as_slice(), [Event::RungFired { rung: Rung::Manual, .. }]), "{events:?}");
    }
}
