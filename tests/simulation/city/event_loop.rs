//! The event loop of the year: scheduled jobs in order, and the record of each.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::rc::Rc;

use hotline_server::ticket::{Event, EventRecord, State, apply};

use super::backend::Backend;
use super::city_state::{Case, CityState};
use super::requests::PendingRequest;
use super::servers::{Claim, Servers};
use super::statistics::Statistics;
use super::timers::Timers;
use super::{YEAR, beginning, first_rules};
use crate::in_memory_product::{Product, WriteResult, at};
use crate::random::{Random, Trace};
use crate::reference::due::{DAY, HOUR, MINUTE};
use crate::reference::rules::Rules;
use crate::roster::People;
use crate::rule_versions::{CalendarPair, PolicyPair};

/// Days after which all tickets must be finished.
const AFTERMATH: i64 = 120;
/// The days on which another policy is approved.
const POLICY_DAYS: [i64; 4] = [50, 140, 230, 310];
/// The days on which the calendar changes: the expected days of the year, its late notice, and the notice for the next
/// year.
const CALENDAR_DAYS: [i64; 3] = [75, 105, 312];
/// The time from the approval to the effective time; longer than any clock is ahead.
const NOTICE_GIVEN: i64 = 8 * HOUR;
/// The days on which all servers are down, and for how long.
const BLACKOUT_DAYS: [i64; 3] = [40, 130, 270];
pub(super) const BLACKOUT: i64 = 70 * HOUR;
/// One ticket in this many keeps its events, so that its row can be compared with their fold.
pub(super) const SAMPLE: usize = 20;
/// A scheduled job.
#[derive(Debug)]
pub(super) enum Job {
    Arrive,
    /// Staff handle a ticket: answer, plan, dispatch, rule.
    Desk(usize),
    /// The lead unit works on it.
    Unit(usize),
    /// The dispatcher decides a carry-over.
    Decide(usize),
    /// The hotline calls the company.
    Call(usize),
    /// A supervisor handles it.
    Supervise(usize),
    Tick(usize),
    Commit(usize, Vec<Claim>),
    Recover(usize),
    /// A repeat of an earlier request.
    Retry(PendingRequest),
    ClockFalls(usize),
    PutRight(usize),
    /// All servers stop.
    Blackout,
    Policy,
    /// The calendar changes, the first, second or third time.
    Calendar(usize),
    /// A rule change that was postponed because no server was up.
    Rules(RuleDecision),
    /// Staff review the open tickets after a change of rules.
    Review,
}

/// A change of rules.
#[derive(Debug)]
pub(super) enum RuleDecision {
    Policy(Rules),
    Calendar(Rc<CalendarPair>),
}

/// A running simulation of the city.
pub(super) struct City<'w, H> {
    pub(super) backend: H,
    pub(super) state: CityState<'w>,
    /// The calendars that come into force, one after the other.
    pub(super) calendars: &'w [Rc<CalendarPair>],
    pub(super) random: Random,
    pub(super) jobs: BTreeMap<(i64, u64), Job>,
    pub(super) ordered: u64,
    /// Future calls.
    pub(super) to_come: u32,
    pub(super) pace: i64,
    /// Request ids so far.
    pub(super) requests: u64,
    pub(super) trace: Trace,
    pub(super) statistics: Statistics,
}

impl<'w, H: Backend> City<'w, H> {
    pub(super) fn new(
        backend: H,
        seed: u64,
        tickets: u32,
        (product, people, calendars): (&'w Product<'w>, &'w People, &'w [Rc<CalendarPair>]),
    ) -> Result<Self, String> {
        let city_state = CityState {
            product,
            people,
            rule_versions: first_rules(calendars)?,
            servers: Servers::default(),
            timers: Timers::default(),
            now: beginning(),
            cases: Vec::new(),
        };
        let mut city = Self {
            backend,
            state: city_state,
            calendars,
            random: Random::part(seed, 2),
            jobs: BTreeMap::new(),
            ordered: 0,
            to_come: tickets,
            pace: YEAR * DAY / i64::from(tickets.max(1)),
            requests: 0,
            trace: Trace::default(),
            statistics: Statistics::default(),
        };
        city.later(0, Job::Arrive);
        for day in BLACKOUT_DAYS {
            city.later(day * DAY, Job::Blackout);
        }
        for day in POLICY_DAYS {
            city.later(day * DAY, Job::Policy);
        }
        for (turn, day) in CALENDAR_DAYS.into_iter().enumerate() {
            city.later(day * DAY, Job::Calendar(turn));
        }
        for server in 0..Servers::COUNT {
            city.later(MINUTE, Job::Tick(server));
            let falls = city.random.between(DAY, 30 * DAY);
            city.later(falls, Job::ClockFalls(server));
            city.backend.start(&city.state, server)?;
        }
        Ok(city)
    }

    /// Schedules a job.
    pub(super) fn later(&mut self, after: i64, job: Job) {
        self.ordered += 1;
        self.jobs.insert((self.state.now + after, self.ordered), job);
    }

    pub(super) fn run(mut self) -> Result<(Statistics, Trace), String> {
        let end = self.state.now + (YEAR + AFTERMATH) * DAY;
        while let Some(((due, _), job)) = self.jobs.pop_first() {
            if due > end {
                break;
            }
            self.state.now = due;
            self.statistics.steps += 1;
            self.work(job).map_err(|what| format!("at {}: {what}", at(self.state.now)))?;
        }
        self.close()?;
        Ok((self.statistics, self.trace))
    }

    fn work(&mut self, job: Job) -> Result<(), String> {
        match job {
            Job::Arrive => self.arrive(),
            Job::Desk(case) => self.desk(case),
            Job::Unit(case) => self.unit_looks(case),
            Job::Decide(case) => self.decide(case),
            Job::Call(case) => self.call_back(case),
            Job::Supervise(case) => self.supervise(case),
            Job::Tick(server) => self.tick(server),
            Job::Commit(server, claims) => self.commit_claims(server, claims),
            Job::Recover(server) => self.recover(server),
            Job::Retry(pending) => self.retry(pending),
            Job::Blackout => self.stop_all(),
            Job::ClockFalls(server) => {
                self.clock_falls(server);
                Ok(())
            }
            Job::PutRight(server) => {
                self.state.servers.put_right(server, &mut self.random);
                Ok(())
            }
            Job::Policy => {
                let rules = Rules::random_in_order(&mut self.random);
                self.decide_rules(RuleDecision::Policy(rules))
            }
            Job::Calendar(turn) => {
                self.decide_rules(RuleDecision::Calendar(Rc::clone(&self.calendars[turn + 1])))
            }
            Job::Rules(decided) => self.decide_rules(decided),
            Job::Review => self.review(),
        }
    }

    /// A policy or calendar is approved and takes effect after a while, as soon as any server is up.
    fn decide_rules(&mut self, decided: RuleDecision) -> Result<(), String> {
        let Some(server) = self.state.servers.any() else {
            self.later(HOUR, Job::Rules(decided));
            return Ok(());
        };
        let from = self.state.now + NOTICE_GIVEN;
        match decided {
            RuleDecision::Policy(rules) => {
                let policy_pair = PolicyPair::new(rules)?;
                self.backend.put_policy(&self.state, server, &policy_pair, from)?;
                self.state.rule_versions.put(policy_pair, from);
            }
            RuleDecision::Calendar(days) => {
                self.backend.put_calendar(&self.state, server, &days, from)?;
                self.state.rule_versions.put_calendar(days, from);
            }
        }
        let wait = self.random.between(NOTICE_GIVEN, 3 * DAY);
        self.later(wait, Job::Review);
        Ok(())
    }

    /// Records the writes of a ticket, and checks the invariants.
    pub(super) fn commit(&mut self, case: usize, written: WriteResult, clock: i64) -> Result<(), String> {
        let is_new = case == self.state.cases.len();
        if is_new {
            let (ticket, began) = (written.after.clone(), written.after.cycle.began_at.timestamp_micros());
            let (policy, calendar) =
                (self.state.rule_versions.policy_at(began), self.state.rule_versions.calendar_at(began));
            self.state.cases.push(Case { ticket, policy, calendar, events: Vec::new() });
        }
        self.note_calendar(case, &written);
        let policy_pair = self.state.rule_versions.policy(self.state.cases[case].policy);
        let timer = self.state.product.timer(&written.after, policy_pair);
        self.state.timers.set(case, timer.map(|(_, due)| due.timestamp_micros()));
        self.check_invariants(case, &written, clock)?;
        for recorded in &written.recorded {
            self.statistics.note(&recorded.event);
            write_trace(&mut self.trace, recorded).map_err(|error| error.to_string())?;
            if let Event::RungFired { rung: hotline_server::ticket::Rung::Manual, .. } = recorded.event {
                let after = self.random.between(HOUR, DAY);
                self.later(after, Job::Supervise(case));
            }
        }
        let here = &mut self.state.cases[case];
        here.ticket = written.after;
        if case.is_multiple_of(SAMPLE) {
            here.events.extend(written.recorded);
        }
        if is_new {
            let wait = self.random.between(2 * MINUTE, 3 * HOUR);
            self.later(wait, Job::Desk(case));
        }
        Ok(())
    }

    /// A rework begins a cycle with the calendar in force, and a recount counts by it. No other event gives a ticket
    /// another calendar.
    fn note_calendar(&mut self, case: usize, written: &WriteResult) {
        let case = &mut self.state.cases[case];
        for recorded in &written.recorded {
            let in_force = self.state.rule_versions.calendar_at(recorded.at.timestamp_micros());
            let is_provisional = match &recorded.event {
                Event::TicketReworked { deadline, .. } => {
                    case.calendar = in_force;
                    deadline.is_provisional
                }
                Event::TicketClassified(classified) => {
                    self.statistics.by_old_calendar += u64::from(case.calendar != in_force);
                    classified.deadline.is_provisional
                }
                Event::TicketCreated(created) => created.deadline.is_provisional,
                Event::DeadlineRecounted { deadline, .. } => {
                    let found = self.state.rule_versions.calendar_of(&deadline.calendar_version);
                    case.calendar = found.unwrap_or(case.calendar);
                    false
                }
                _ => false,
            };
            self.statistics.provisional += u64::from(is_provisional);
        }
    }

    /// Checks the end of the year.
    fn close(&mut self) -> Result<(), String> {
        for (place, case) in self.state.cases.iter().enumerate() {
            let is_open = case.ticket.state.is_open();
            self.statistics.still_open += u64::from(is_open);
            if is_open && self.statistics.left_lying.is_none() {
                self.statistics.left_lying = Some(format!("{:?}", case.ticket));
            }
            self.statistics.closed += u64::from(case.ticket.state == State::Closed);
            if place.is_multiple_of(SAMPLE) {
                let folded = apply::fold(&case.events).map_err(|broken| broken.what)?;
                if folded != case.ticket {
                    return Err(format!("{} is not the fold of its events", case.ticket.number));
                }
                self.statistics.folded += 1;
            }
        }
        self.statistics.tickets = self.state.cases.len() as u64;
        self.statistics.overtaken += self.backend.overtaken();
        self.statistics.backend = self.backend.close(&self.state)?;
        self.statistics.verdict()
    }
}

/// An event as bytes: its position, instant, actor and content.
fn write_trace(trace: &mut Trace, recorded: &EventRecord) -> std::io::Result<()> {
    let at = recorded.at.timestamp_micros();
    write!(trace, "{} {} {at} {} ", recorded.ticket, recorded.sequence, recorded.actor.principal)?;
    serde_json::to_writer(&mut *trace, &recorded.event)?;
    writeln!(trace)
}
