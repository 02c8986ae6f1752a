//! A year of a city: companies call, units behave as units do, three servers with clocks that go wrong fire timers from
//! one table and crash on the way, and the policy changes while tickets are open.
//!
//! Nothing here predicts single outcomes, that is the walk's part; after each step named truths must hold (`truths`).
//! One seed gives one stream of events, byte for byte.

mod behaviour;
mod figures;
mod servers;
mod truths;

use std::collections::{BTreeMap, HashMap};
use std::io::Write as _;

use hotline_proto::v1::{ErrorReason, Role};
use hotline_server::deadline::Calendar;
use hotline_server::ticket::{Event, Recorded, State, Ticket, TicketNumber, apply};

use crate::asks::{Ask, UnitId};
use crate::plant::Plant;
use crate::product::{Call, Product, Written, at};
use crate::random::{Random, Trace};
use crate::reference::calendar::{self, day_number};
use crate::reference::count::{self, DAY, HOUR, MINUTE};
use crate::reference::rules::Rules;
use crate::roster::{People, Roster};
use crate::world::{Book, calendar_text};
use figures::Figures;
use servers::{Claim, Servers, Timers};

/// Units of the city: sixteen districts, their towns, and departments on their own.
const UNITS: UnitId = 500;
const DISTRICTS: UnitId = 16;
const TOWNS_END: UnitId = 359;
/// Days in which companies call.
const YEAR: i64 = 365;
/// Days after which everything has to be over.
const AFTERMATH: i64 = 120;
/// The days on which another policy comes into force.
const POLICY_DAYS: [i64; 4] = [50, 140, 230, 310];
/// The days on which no server is up, and for how long.
const BLACKOUT_DAYS: [i64; 3] = [40, 130, 270];
const BLACKOUT: i64 = 70 * HOUR;
/// One ticket in so many keeps its events, so that its row can be compared with their fold.
const SAMPLE: usize = 20;
/// A city of at most so many tickets is lived through twice.
const TWICE_MAX: u32 = 5_000;

/// A ticket and what the city remembers of it.
#[derive(Debug)]
struct Case {
    ticket: Ticket,
    policy: usize,
    /// Every event, for one case in [`SAMPLE`].
    events: Vec<Recorded>,
}

/// Something that will happen.
#[derive(Debug)]
enum Job {
    Arrive,
    /// The desk looks at a ticket: answers, plans, dispatches, rules.
    Desk(usize),
    /// The lead unit looks at it.
    Unit(usize),
    /// The dispatcher decides a carry-over.
    Decide(usize),
    /// The hotline calls the company.
    Call(usize),
    /// A supervisor takes it up.
    Supervise(usize),
    Tick(usize),
    Commit(usize, Vec<Claim>),
    Recover(usize),
    /// The whole house goes dark.
    Blackout,
    Policy,
}

struct City<'w> {
    product: &'w Product<'w>,
    people: &'w People,
    calendar: &'w calendar::Calendar,
    random: Random,
    book: Book,
    jobs: BTreeMap<(i64, u64), Job>,
    ordered: u64,
    /// True time; each server has its own idea of it.
    now: i64,
    cases: Vec<Case>,
    /// Calls still to come.
    to_come: u32,
    pace: i64,
    numbers: HashMap<i64, u32>,
    timers: Timers,
    servers: Servers,
    trace: Trace,
    figures: Figures,
}

fn roster() -> Roster {
    let parents = (0..UNITS).map(|unit| (DISTRICTS..TOWNS_END).contains(&unit).then_some(unit % DISTRICTS));
    Roster::new(parents.collect(), &[])
}

/// Lives through a year with so many tickets; a small one twice, and both must leave the same events.
pub(crate) fn check(seed: u64, tickets: u32, plant: Option<Plant>) -> Result<String, String> {
    let roster = roster();
    let people = People::new(&roster);
    let reference = calendar::Calendar::read(calendar::SHIPPED);
    let calendar = Calendar::parse(&calendar_text(plant)).map_err(|fault| fault.to_string())?;
    let product = Product { roster: &roster, calendar, plant };
    let live = || City::new(seed, tickets, &product, &people, &reference)?.run();
    let (figures, trace) = live()?;
    if tickets <= TWICE_MAX {
        let (_, again) = live()?;
        if again != trace {
            return Err(format!("the same seed left two traces, {:016x} and {:016x}", trace.0, again.0));
        }
    }
    Ok(format!("{figures}, trace {:016x}", trace.0))
}

impl<'w> City<'w> {
    fn new(
        seed: u64,
        tickets: u32,
        product: &'w Product<'w>,
        people: &'w People,
        calendar: &'w calendar::Calendar,
    ) -> Result<Self, String> {
        let mut book = Book::default();
        book.put(Rules::published())?;
        let start = count::instant(day_number(2025, 1, 1), 0);
        let mut city = Self {
            product,
            people,
            calendar,
            random: Random::part(seed, 2),
            book,
            jobs: BTreeMap::new(),
            ordered: 0,
            now: start,
            cases: Vec::new(),
            to_come: tickets,
            pace: YEAR * DAY / i64::from(tickets.max(1)),
            numbers: HashMap::new(),
            timers: Timers::default(),
            servers: Servers::default(),
            trace: Trace::default(),
            figures: Figures::default(),
        };
        city.later(0, Job::Arrive);
        for day in BLACKOUT_DAYS {
            city.later(day * DAY, Job::Blackout);
        }
        for day in POLICY_DAYS {
            city.later(day * DAY, Job::Policy);
        }
        (0..Servers::COUNT).for_each(|server| city.later(MINUTE, Job::Tick(server)));
        Ok(city)
    }

    /// Puts a job on the list.
    fn later(&mut self, after: i64, job: Job) {
        self.ordered += 1;
        self.jobs.insert((self.now + after, self.ordered), job);
    }

    fn run(mut self) -> Result<(Figures, Trace), String> {
        let end = self.now + (YEAR + AFTERMATH) * DAY;
        while let Some(((due, _), job)) = self.jobs.pop_first() {
            if due > end {
                break;
            }
            self.now = due;
            self.figures.steps += 1;
            self.work(job).map_err(|what| format!("at {}: {what}", at(self.now)))?;
        }
        self.close()?;
        Ok((self.figures, self.trace))
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
            Job::Recover(server) => {
                self.servers.recover(server, &mut self.random);
                Ok(())
            }
            Job::Blackout => {
                self.servers.go_dark();
                (0..Servers::COUNT).for_each(|server| self.later(BLACKOUT, Job::Recover(server)));
                Ok(())
            }
            Job::Policy => {
                let rules = Rules::random(&mut self.random);
                self.book.put(rules)
            }
        }
    }

    /// Somebody asks; a refusal is an answer, a fault of the product's is not.
    fn ask(&mut self, case: usize, ask: &Ask, who: usize) -> Result<Result<(), ErrorReason>, String> {
        let Some(now) = self.servers.serve(self.now, &mut self.random) else {
            return Ok(Err(ErrorReason::Unavailable));
        };
        let permit = self.people.permit(ask.command(), who).map_err(|reason| format!("{reason:?}"))?;
        let rated = self.book.found(self.cases[case].policy, self.product.plant);
        let call = Call { permit, rated, now };
        let outcome = self.product.change(&self.cases[case].ticket, ask, &call);
        self.settle(case, ask, outcome.map(|written| vec![(case, written)]))
    }

    fn merge(&mut self, case: usize, into: usize) -> Result<Result<(), ErrorReason>, String> {
        let Some(now) = self.servers.serve(self.now, &mut self.random) else {
            return Ok(Err(ErrorReason::Unavailable));
        };
        let ask = Ask::Merge { into };
        let who = self.people.with(Role::Agent);
        let permit = self.people.permit(ask.command(), who).map_err(|reason| format!("{reason:?}"))?;
        let call = Call { permit, rated: &self.book.0[self.cases[case].policy], now };
        let outcome = self.product.merge(&self.cases[case].ticket, &self.cases[into].ticket, &call);
        self.settle(case, &ask, outcome.map(|[repeat, open]| vec![(case, repeat), (into, open)]))
    }

    fn settle(
        &mut self,
        case: usize,
        ask: &Ask,
        outcome: Result<Vec<(usize, Written)>, hotline_server::platform::Fault>,
    ) -> Result<Result<(), ErrorReason>, String> {
        match outcome {
            Ok(written) => {
                for (case, written) in written {
                    self.commit(case, written)?;
                }
                Ok(Ok(()))
            }
            Err(fault) if fault.reason == ErrorReason::Internal => {
                Err(format!("{ask:?} on {}: {}", self.cases[case].ticket.number, fault.ours))
            }
            Err(fault) => {
                self.figures.refused += 1;
                Ok(Err(fault.reason))
            }
        }
    }

    /// Writes what happened to a ticket, and holds the truths against it.
    fn commit(&mut self, case: usize, written: Written) -> Result<(), String> {
        let rated = &self.book.0[self.cases[case].policy];
        let timer = self.product.timer(&written.after, rated);
        self.timers.set(case, timer.map(|(_, due)| due.timestamp_micros()));
        self.hold(case, &written)?;
        for recorded in &written.recorded {
            self.figures.note(&recorded.event);
            write_trace(&mut self.trace, recorded).map_err(|error| error.to_string())?;
            if let Event::RungFired { rung: hotline_server::ticket::Rung::Manual, .. } = recorded.event {
                let after = self.random.between(HOUR, DAY);
                self.later(after, Job::Supervise(case));
            }
        }
        let here = &mut self.cases[case];
        here.ticket = written.after;
        if case.is_multiple_of(SAMPLE) {
            here.events.extend(written.recorded);
        }
        Ok(())
    }

    /// The next number of the day, in Beijing.
    fn number(&mut self, now: i64) -> Result<TicketNumber, String> {
        let (day, _) = count::wall(now);
        let sequence = self.numbers.entry(day).or_default();
        *sequence += 1;
        let date = chrono::NaiveDate::default() + chrono::TimeDelta::days(day);
        TicketNumber::new(date, *sequence).map_err(|fault| fault.to_string())
    }

    /// What must hold when the year is over.
    fn close(&mut self) -> Result<(), String> {
        for (place, case) in self.cases.iter().enumerate() {
            let is_open = case.ticket.state.is_open();
            self.figures.still_open += u64::from(is_open);
            if is_open && self.figures.left_lying.is_none() {
                self.figures.left_lying = Some(format!("{:?}", case.ticket));
            }
            self.figures.closed += u64::from(case.ticket.state == State::Closed);
            if place.is_multiple_of(SAMPLE) {
                let folded = apply::fold(&case.events).map_err(|broken| broken.what)?;
                if folded != case.ticket {
                    return Err(format!("{} is not the fold of its events", case.ticket.number));
                }
                self.figures.folded += 1;
            }
        }
        self.figures.tickets = self.cases.len() as u64;
        self.figures.verdict()
    }
}

/// One event as bytes: where it stands, when, by whom and what.
fn write_trace(trace: &mut Trace, recorded: &Recorded) -> std::io::Result<()> {
    let at = recorded.at.timestamp_micros();
    write!(trace, "{} {} {at} {} ", recorded.ticket, recorded.sequence, recorded.actor.principal)?;
    serde_json::to_writer(&mut *trace, &recorded.event)?;
    writeln!(trace)
}
