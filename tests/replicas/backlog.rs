//! The backlog: tickets that were taken in days ago and whose rungs are due while the servers run. They are written
//! through the library's own ledger with a clock in the past.

use std::sync::Arc;

use chrono::TimeDelta;
use chrono_tz::Asia::Shanghai;
use futures_util::StreamExt as _;
use hotline_server::ledger::Entry;
use hotline_server::platform::Clock;
use hotline_server::ticket::{CallerIdentity, Instant, Ticket, TicketNumber};

use crate::database::{Database, shipped_calendar, shipped_policy};
use crate::observer::instant;
use crate::random::Random;
use crate::ticket_history::{ExpectedRung, Progress, Step, TicketHistory};

/// Groups that are written concurrently.
const WRITERS: usize = 6;
/// The most tickets in a group, if the number of groups is not given.
const GROUP_MAX: u32 = 20;
/// The fewest groups for each second of the run.
const GROUPS_PER_SECOND: u32 = 10;
/// The time for writing a ticket on an idle machine, and for the start of the servers after it.
const WRITING: TimeDelta = TimeDelta::microseconds(if cfg!(debug_assertions) { 1_500 } else { 800 });
const STARTING: TimeDelta = TimeDelta::milliseconds(1_000);

/// The number of tickets, and when their last rungs are due.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) tickets: u32,
    pub(crate) from: Instant,
    pub(crate) until: Instant,
    /// The number of groups, each with its own instant; `None` for a natural number.
    pub(crate) groups: Option<u32>,
    /// For this long after the middle nothing is due.
    pub(crate) lull: TimeDelta,
}

impl Plan {
    /// A backlog whose rungs are due as soon as it is written and servers run, on a machine that is this many times
    /// slower than an idle one.
    pub(crate) fn from(now: Instant, slowness: i32, tickets: u32, seconds: u32, groups: Option<u32>) -> Self {
        let writing = WRITING * i32::try_from(tickets).expect("a backlog that can be written");
        let from = now + (writing + STARTING) * slowness;
        let until = from + TimeDelta::seconds(i64::from(seconds));
        Self { tickets, from, until, groups, lull: TimeDelta::zero() }
    }

    /// The middle of the run.
    pub(crate) fn middle(&self) -> Instant {
        self.from + (self.until - self.from) / 2
    }
}

/// A ticket of the backlog.
#[derive(Debug, Clone)]
pub(crate) struct BacklogTicket {
    pub(crate) number: TicketNumber,
    pub(crate) history: TicketHistory,
    pub(crate) progress: Progress,
    /// The instant in the run at which its last rung is due.
    pub(crate) at: Instant,
}

impl BacklogTicket {
    /// The rungs that are expected in the run.
    pub(crate) fn expected_rungs(&self) -> Vec<ExpectedRung> {
        self.history.expected_rungs(self.at)
    }
}

/// Tickets with the same history and instants.
#[derive(Debug, Clone)]
struct Group {
    numbers: Vec<TicketNumber>,
    history: TicketHistory,
    progress: Progress,
    at: Instant,
}

/// Makes a random backlog and writes it; returns all its tickets, in the order of the instants.
pub(crate) async fn fill(database: &Database, plan: &Plan, random: &mut Random) -> Vec<BacklogTicket> {
    let groups = draw(plan, random);
    let tickets = groups.iter().flat_map(|group| {
        let Group { history, progress, at, .. } = *group;
        group.numbers.iter().map(move |number| BacklogTicket { number: *number, history, progress, at })
    });
    let mut tickets: Vec<BacklogTicket> = tickets.collect();
    tickets.sort_by_key(|ticket| (ticket.at, ticket.number));
    let writing = futures_util::stream::iter(groups).map(|group| write(database, group));
    writing.buffer_unordered(WRITERS).collect::<()>().await;
    tickets
}

fn draw(plan: &Plan, random: &mut Random) -> Vec<Group> {
    let seconds = u32::try_from((plan.until - plan.from).num_seconds()).expect("a run of seconds");
    let natural = (seconds * GROUPS_PER_SECOND).max(plan.tickets.div_ceil(GROUP_MAX));
    let count = plan.groups.unwrap_or(natural).clamp(1, plan.tickets);
    let (from, until) = (plan.from.timestamp_micros(), plan.until.timestamp_micros());
    let mut groups = Vec::new();
    let mut sequence = 0;
    for (place, turn) in (0..count).zip(TicketHistory::ALL.iter().cycle()) {
        // The first is due last, so that the run has its full length.
        let at = instant(if place == 0 { until } else { random.between(from, until) });
        let is_in_lull = (plan.middle()..plan.middle() + plan.lull).contains(&at);
        let at = if is_in_lull { plan.middle() + plan.lull } else { at };
        let stages = [Progress::Received, Progress::Dispatched, Progress::Handling];
        let progress = if turn.is_handled() { Progress::Handling } else { random.pick(&stages) };
        let share = plan.tickets / count + u32::from(place < plan.tickets % count);
        let day = turn.taken_in(at).with_timezone(&Shanghai).date_naive();
        let numbers = (sequence..sequence + share)
            .map(|sequence| TicketNumber::new(day, sequence).expect("a day has a million numbers"));
        groups.push(Group { numbers: numbers.collect(), history: *turn, progress, at });
        sequence += share;
    }
    groups
}

/// Writes a group, with a unit of work for each of its instants.
async fn write(database: &Database, group: Group) {
    let (ledger, calendar, policy) = (&database.ledger, shipped_calendar(), shipped_policy().version());
    let mut before: Option<Arc<Vec<Ticket>>> = None;
    for Step { at, actor, events } in group.history.steps(group.progress, group.at, &calendar, &policy) {
        let (ledger, numbers, stood) = (ledger.clone(), group.numbers.clone(), before.take());
        let clock = Clock::simulated(at);
        let written = database.store.work(&clock, move |work| {
            let entry = |(place, number): (usize, &TicketNumber)| Entry {
                number: *number,
                before: stood.as_ref().map(|stood| stood[place].clone().into()),
                actor: actor.clone(),
                events: events.clone(),
                identity: CallerIdentity::default(),
            };
            let entries = numbers.iter().enumerate().map(entry).collect();
            let ledger = ledger.clone();
            Box::pin(async move { ledger.write(work, entries).await })
        });
        let written = written.await.unwrap_or_else(|fault| panic!("{:?}: {}", group.history, fault.detail));
        before = Some(Arc::new(written));
    }
}
