//! A year of a city: companies call, units handle tickets, and three servers with wrong clocks fire timers from one
//! table and crash meanwhile. Policies and calendars change while tickets are open.
//!
//! The year (`event_loop`, `behaviour`) is the same with both backends (`backend`): the pure core, or three servers on
//! an SQLite file. Nothing here predicts single outcomes, which the random commands do. After each step named
//! invariants must hold (`invariants`). One seed gives one sequence of events, byte for byte.

mod backend;
mod behaviour;
mod city_state;
mod event_loop;
mod in_memory;
mod invariants;
mod requests;
mod second_thoughts;
mod servers;
mod sqlite;
mod statistics;
mod timers;

use std::rc::Rc;

use self::in_memory::InMemoryBackend;
use crate::command_spec::UnitId;
use crate::in_memory_product::Product;
use crate::injected_bugs::InjectedBug;
use crate::random::Trace;
use crate::reference::calendar::{self, day_number};
use crate::reference::due;
use crate::reference::rules::Rules;
use crate::roster::{People, Roster};
use crate::rule_versions::{CalendarPair, PolicyPair, RuleVersions, YearKnowledge, calendar_with};
use event_loop::City;
use sqlite::{InitialDatabase, SqliteBackend};
use statistics::Statistics;

/// Units of the city: sixteen districts, their townships, and departments on their own.
const UNITS: UnitId = 500;
const DISTRICTS: UnitId = 16;
const TOWNSHIPS_END: UnitId = 359;
/// The year, whose notice is late.
const YEAR_NUMBER: i64 = 2025;
/// Days in which companies call.
const YEAR: i64 = 365;
/// A city with at most this many tickets is run twice.
const TWICE_MAX: u32 = 5_000;
/// The same on a file.
const TWICE_STORED_MAX: u32 = 1_000;

fn roster() -> Roster {
    let parents =
        (0..UNITS).map(|unit| (DISTRICTS..TOWNSHIPS_END).contains(&unit).then_some(unit % DISTRICTS));
    Roster::new(parents.collect(), &[])
}

/// The calendars of the year: without its notice, with its expected days, with its notice, and with that of the next
/// year.
fn calendars(bug: Option<InjectedBug>) -> Result<Vec<Rc<CalendarPair>>, String> {
    let known_of = |this_year, next_year| {
        move |year| match year {
            YEAR_NUMBER => this_year,
            _ if year > YEAR_NUMBER => next_year,
            _ => YearKnowledge::Known,
        }
    };
    let mut all = vec![CalendarPair::read(
        &calendar_with("city", known_of(YearKnowledge::Missing, YearKnowledge::Missing)),
        bug,
    )?];
    for text in [
        calendar_with("expected", known_of(YearKnowledge::Expected, YearKnowledge::Missing)),
        calendar_with("late", known_of(YearKnowledge::Known, YearKnowledge::Missing)),
        calendar::SHIPPED.to_owned(),
    ] {
        all.push(all[all.len() - 1].next(&text, bug)?);
    }
    Ok(all)
}

/// When the year begins.
fn beginning() -> i64 {
    due::instant(day_number(YEAR_NUMBER, 1, 1), 0)
}

/// The first rules of the year.
fn first_rules(calendars: &[Rc<CalendarPair>]) -> Result<RuleVersions, String> {
    let mut rule_versions = RuleVersions::default();
    rule_versions.put(PolicyPair::new(Rules::published())?, 0);
    rule_versions.put_calendar(Rc::clone(&calendars[0]), 0);
    Ok(rule_versions)
}

/// Simulates a year with this many tickets in the pure core.
pub(crate) fn check(seed: u64, tickets: u32, bug: Option<InjectedBug>) -> Result<String, String> {
    let (roster, calendars) = (roster(), calendars(bug)?);
    let people = People::new(&roster);
    let product = Product { roster: &roster, bug };
    let live =
        || City::new(InMemoryBackend::default(), seed, tickets, (&product, &people, &calendars))?.run();
    twice(tickets <= TWICE_MAX, live)
}

/// Simulates a year with this many tickets on an SQLite file.
pub(crate) fn check_stored(seed: u64, tickets: u32, bug: Option<InjectedBug>) -> Result<String, String> {
    let (roster, calendars) = (roster(), calendars(None)?);
    let people = People::new(&roster);
    let product = Product { roster: &roster, bug: None };
    let initial_database = InitialDatabase::new(&roster, &first_rules(&calendars)?, beginning(), bug)?;
    let live = || {
        let backend = SqliteBackend::new(&initial_database, seed)?;
        City::new(backend, seed, tickets, (&product, &people, &calendars))?.run()
    };
    twice(tickets <= TWICE_STORED_MAX, live)
}

/// Runs a simulation, and a small one twice; both must give the same events.
fn twice(is_small: bool, live: impl Fn() -> Result<(Statistics, Trace), String>) -> Result<String, String> {
    let (statistics, trace) = live()?;
    if is_small {
        let (figures_again, again) = live()?;
        if again != trace || figures_again.backend != statistics.backend {
            return Err(format!("the same seed left two traces, {:016x} and {:016x}", trace.0, again.0));
        }
    }
    Ok(format!("{statistics}, trace {:016x}", trace.0))
}
