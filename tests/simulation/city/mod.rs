//! A year of a city: companies call, units behave as units do, three servers with clocks that go wrong fire timers from
//! one table and crash on the way, and the policy changes while tickets are open.
//!
//! Nothing here predicts single outcomes, that is the walk's part; after each step named truths must hold (`truths`).
//! One seed gives one stream of events, byte for byte.

mod behaviour;
mod core;
mod figures;
mod house;
mod servers;
mod timers;
mod town;
mod truths;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::rc::Rc;

use hotline_proto::v1::ErrorReason;
use hotline_server::ticket::{Event, Recorded, State, apply};

use self::core::Core;
use crate::asks::{Ask, UnitId};
use crate::plant::Plant;
use crate::product::{Product, Written, at};
use crate::random::{Random, Trace};
use crate::reference::calendar::{self, day_number};
use crate::reference::count::{self, DAY, HOUR, MINUTE};
use crate::reference::rules::Rules;
use crate::roster::{People, Roster};
use crate::world::{Book, Days, Notice, calendar_with};
use figures::Figures;
use house::{House, Request, Told};
use servers::{Claim, Servers};
use timers::Timers;
use town::{Case, Town};

/// Units of the city: sixteen districts, their towns, and departments on their own.
const UNITS: UnitId = 500;
const DISTRICTS: UnitId = 16;
const TOWNS_END: UnitId = 359;
/// The year, of which the notice comes late.
const YEAR_NUMBER: i64 = 2025;
/// Days in which companies call.
const YEAR: i64 = 365;
/// Days after which everything has to be over.
const AFTERMATH: i64 = 120;
/// The days on which another policy is decided on.
const POLICY_DAYS: [i64; 4] = [50, 140, 230, 310];
/// The days on which more is known of the calendar: what is expected of the year, its late notice, and the notice for
/// the next year.
const CALENDAR_DAYS: [i64; 3] = [75, 105, 312];
/// From the decision to the coming into force; longer than any clock is ahead.
const NOTICE_GIVEN: i64 = 8 * HOUR;
/// The days on which no server is up, and for how long.
const BLACKOUT_DAYS: [i64; 3] = [40, 130, 270];
const BLACKOUT: i64 = 70 * HOUR;
/// One ticket in so many keeps its events, so that its row can be compared with their fold.
const SAMPLE: usize = 20;
/// A city of at most so many tickets is lived through twice.
const TWICE_MAX: u32 = 5_000;

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
    ClockFalls(usize),
    PutRight(usize),
    /// The whole house goes dark.
    Blackout,
    Policy,
    /// More is known of the calendar, the first, second or third time.
    Calendar(usize),
}

struct City<'w, H> {
    house: H,
    town: Town<'w>,
    /// The calendars that come into force, one after the other.
    calendars: Vec<Rc<Days>>,
    random: Random,
    jobs: BTreeMap<(i64, u64), Job>,
    ordered: u64,
    /// Calls still to come.
    to_come: u32,
    pace: i64,
    trace: Trace,
    figures: Figures,
}

fn roster() -> Roster {
    let parents = (0..UNITS).map(|unit| (DISTRICTS..TOWNS_END).contains(&unit).then_some(unit % DISTRICTS));
    Roster::new(parents.collect(), &[])
}

/// The calendars of the year: without its notice, with what is expected of it, with its notice, and with that of the
/// next year.
fn calendars(plant: Option<Plant>) -> Result<Vec<Rc<Days>>, String> {
    let known_of = |this_year, next_year| {
        move |year| match year {
            YEAR_NUMBER => this_year,
            _ if year > YEAR_NUMBER => next_year,
            _ => Notice::Known,
        }
    };
    let texts = [
        calendar_with("city-1", known_of(Notice::Missing, Notice::Missing)),
        calendar_with("city-2", known_of(Notice::Expected, Notice::Missing)),
        calendar_with("city-3", known_of(Notice::Known, Notice::Missing)),
        calendar::SHIPPED.to_owned(),
    ];
    texts.iter().map(|text| Days::read(text, plant)).collect()
}

/// Lives through a year with so many tickets; a small one twice, and both must leave the same events.
pub(crate) fn check(seed: u64, tickets: u32, plant: Option<Plant>) -> Result<String, String> {
    let roster = roster();
    let people = People::new(&roster);
    let product = Product { roster: &roster, plant };
    let live = || City::new(Core::default(), seed, tickets, (&product, &people))?.run();
    let (figures, trace) = live()?;
    if tickets <= TWICE_MAX {
        let (_, again) = live()?;
        if again != trace {
            return Err(format!("the same seed left two traces, {:016x} and {:016x}", trace.0, again.0));
        }
    }
    Ok(format!("{figures}, trace {:016x}", trace.0))
}

impl<'w, H: House> City<'w, H> {
    fn new(
        house: H,
        seed: u64,
        tickets: u32,
        (product, people): (&'w Product<'w>, &'w People),
    ) -> Result<Self, String> {
        let now = count::instant(day_number(YEAR_NUMBER, 1, 1), 0);
        let calendars = calendars(product.plant)?;
        let mut book = Book::default();
        book.put(Rules::published(), now - DAY)?;
        book.put_calendar(Rc::clone(&calendars[0]), now - DAY);
        let town = Town {
            product,
            people,
            book,
            servers: Servers::default(),
            timers: Timers::default(),
            now,
            cases: Vec::new(),
        };
        let mut city = Self {
            house,
            town,
            calendars,
            random: Random::part(seed, 2),
            jobs: BTreeMap::new(),
            ordered: 0,
            to_come: tickets,
            pace: YEAR * DAY / i64::from(tickets.max(1)),
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
        for (turn, day) in CALENDAR_DAYS.into_iter().enumerate() {
            city.later(day * DAY, Job::Calendar(turn));
        }
        for server in 0..Servers::COUNT {
            city.later(MINUTE, Job::Tick(server));
            let falls = city.random.between(DAY, 30 * DAY);
            city.later(falls, Job::ClockFalls(server));
        }
        Ok(city)
    }

    /// Puts a job on the list.
    fn later(&mut self, after: i64, job: Job) {
        self.ordered += 1;
        self.jobs.insert((self.town.now + after, self.ordered), job);
    }

    fn run(mut self) -> Result<(Figures, Trace), String> {
        let end = self.town.now + (YEAR + AFTERMATH) * DAY;
        while let Some(((due, _), job)) = self.jobs.pop_first() {
            if due > end {
                break;
            }
            self.town.now = due;
            self.figures.steps += 1;
            self.work(job).map_err(|what| format!("at {}: {what}", at(self.town.now)))?;
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
                self.town.servers.recover(server, &mut self.random);
                Ok(())
            }
            Job::Blackout => {
                self.town.servers.go_dark();
                (0..Servers::COUNT).for_each(|server| self.later(BLACKOUT, Job::Recover(server)));
                Ok(())
            }
            Job::ClockFalls(server) => {
                self.clock_falls(server);
                Ok(())
            }
            Job::PutRight(server) => {
                self.town.servers.put_right(server, &mut self.random);
                Ok(())
            }
            Job::Policy => {
                let rules = Rules::random(&mut self.random);
                self.town.book.put(rules, self.town.now + NOTICE_GIVEN)
            }
            Job::Calendar(turn) => {
                let days = Rc::clone(&self.calendars[turn + 1]);
                self.town.book.put_calendar(days, self.town.now + NOTICE_GIVEN);
                Ok(())
            }
        }
    }

    /// Somebody asks; a refusal is an answer.
    fn ask(&mut self, case: usize, ask: &Ask, who: usize) -> Result<Result<(), ErrorReason>, String> {
        let Some(server) = self.town.servers.serve(&mut self.random) else {
            return Ok(Err(ErrorReason::Unavailable));
        };
        let told = self.house.change(&self.town, Request { who, server }, case, ask)?;
        self.hear(told)
    }

    /// Takes note of what a call was told.
    fn hear(&mut self, told: Told) -> Result<Result<(), ErrorReason>, String> {
        for (case, written) in told.written {
            self.commit(case, written)?;
        }
        self.figures.refused += u64::from(told.answer.is_err());
        Ok(told.answer)
    }

    /// Writes what happened to a ticket, and holds the truths against it.
    fn commit(&mut self, case: usize, written: Written) -> Result<(), String> {
        let is_new = case == self.town.cases.len();
        if is_new {
            let (ticket, began) = (written.after.clone(), written.after.cycle.began_at.timestamp_micros());
            let (policy, calendar) = (self.town.book.policy_at(began), self.town.book.calendar_at(began));
            self.town.cases.push(Case { ticket, policy, calendar, events: Vec::new() });
        }
        self.note_calendar(case, &written);
        let rated = self.town.book.policy(self.town.cases[case].policy);
        let timer = self.town.product.timer(&written.after, rated);
        self.town.timers.set(case, timer.map(|(_, due)| due.timestamp_micros()));
        self.hold(case, &written)?;
        for recorded in &written.recorded {
            self.figures.note(&recorded.event);
            write_trace(&mut self.trace, recorded).map_err(|error| error.to_string())?;
            if let Event::RungFired { rung: hotline_server::ticket::Rung::Manual, .. } = recorded.event {
                let after = self.random.between(HOUR, DAY);
                self.later(after, Job::Supervise(case));
            }
        }
        let here = &mut self.town.cases[case];
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

    /// A rework begins a cycle, and with it goes the calendar in force; nothing else moves a ticket to another one.
    fn note_calendar(&mut self, case: usize, written: &Written) {
        let case = &mut self.town.cases[case];
        for recorded in &written.recorded {
            let in_force = self.town.book.calendar_at(recorded.at.timestamp_micros());
            let is_provisional = match &recorded.event {
                Event::TicketReworked { deadline, .. } => {
                    case.calendar = in_force;
                    deadline.is_provisional
                }
                Event::TicketClassified(classified) => {
                    self.figures.by_old_calendar += u64::from(case.calendar != in_force);
                    classified.deadline.is_provisional
                }
                Event::TicketCreated(created) => created.deadline.is_provisional,
                _ => false,
            };
            self.figures.provisional += u64::from(is_provisional);
        }
    }

    /// What must hold when the year is over.
    fn close(&mut self) -> Result<(), String> {
        for (place, case) in self.town.cases.iter().enumerate() {
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
        self.figures.tickets = self.town.cases.len() as u64;
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
