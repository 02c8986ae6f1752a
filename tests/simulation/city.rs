//! A year of a city: companies call, units behave as units do, three servers with clocks that go wrong fire timers from
//! one table and crash on the way, and policies and calendars change while tickets are open.
//!
//! The year (`year`, `behaviour`) is the same whichever house keeps the tickets (`house`): the pure core, or three
//! servers on an SQLite file. Nothing here predicts single outcomes, that is the walk's part; after each step named
//! truths must hold (`truths`). One seed gives one stream of events, byte for byte.

mod backend;
mod behaviour;
mod city_state;
mod event_loop;
mod in_memory;
mod invariants;
mod requests;
mod servers;
mod sqlite;
mod statistics;
mod timers;

use std::rc::Rc;

use self::in_memory::Core;
use crate::command_spec::UnitId;
use crate::in_memory_product::Product;
use crate::injected_bugs::Plant;
use crate::random::Trace;
use crate::reference::calendar::{self, day_number};
use crate::reference::due;
use crate::reference::rules::Rules;
use crate::roster::{People, Roster};
use crate::rule_versions::{Book, Days, Notice, Rated, calendar_with};
use event_loop::City;
use sqlite::{Founding, Stored};
use statistics::Figures;

/// Units of the city: sixteen districts, their towns, and departments on their own.
const UNITS: UnitId = 500;
const DISTRICTS: UnitId = 16;
const TOWNS_END: UnitId = 359;
/// The year, of which the notice comes late.
const YEAR_NUMBER: i64 = 2025;
/// Days in which companies call.
const YEAR: i64 = 365;
/// A city of at most so many tickets is lived through twice.
const TWICE_MAX: u32 = 5_000;
/// And on a file.
const TWICE_STORED_MAX: u32 = 1_000;

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
    let mut all =
        vec![Days::read(&calendar_with("city", known_of(Notice::Missing, Notice::Missing)), plant)?];
    for text in [
        calendar_with("expected", known_of(Notice::Expected, Notice::Missing)),
        calendar_with("late", known_of(Notice::Known, Notice::Missing)),
        calendar::SHIPPED.to_owned(),
    ] {
        all.push(all[all.len() - 1].next(&text, plant)?);
    }
    Ok(all)
}

/// When the year begins.
fn beginning() -> i64 {
    due::instant(day_number(YEAR_NUMBER, 1, 1), 0)
}

/// The rules that the year begins with.
fn first_rules(calendars: &[Rc<Days>]) -> Result<Book, String> {
    let mut book = Book::default();
    book.put(Rated::new(Rules::published())?, 0);
    book.put_calendar(Rc::clone(&calendars[0]), 0);
    Ok(book)
}

/// Lives through a year with so many tickets in the pure core.
pub(crate) fn check(seed: u64, tickets: u32, plant: Option<Plant>) -> Result<String, String> {
    let (roster, calendars) = (roster(), calendars(plant)?);
    let people = People::new(&roster);
    let product = Product { roster: &roster, plant };
    let live = || City::new(Core::default(), seed, tickets, (&product, &people, &calendars))?.run();
    twice(tickets <= TWICE_MAX, live)
}

/// Lives through a year with so many tickets on an SQLite file.
pub(crate) fn check_stored(seed: u64, tickets: u32, plant: Option<Plant>) -> Result<String, String> {
    let (roster, calendars) = (roster(), calendars(None)?);
    let people = People::new(&roster);
    let product = Product { roster: &roster, plant: None };
    let founding = Founding::new(&roster, &first_rules(&calendars)?, beginning(), plant)?;
    let live = || {
        let house = Stored::new(&founding, seed)?;
        City::new(house, seed, tickets, (&product, &people, &calendars))?.run()
    };
    twice(tickets <= TWICE_STORED_MAX, live)
}

/// Lives a life, and if it is a small one, once more; both must leave the same events.
fn twice(is_small: bool, live: impl Fn() -> Result<(Figures, Trace), String>) -> Result<String, String> {
    let (figures, trace) = live()?;
    if is_small {
        let (figures_again, again) = live()?;
        if again != trace || figures_again.house != figures.house {
            return Err(format!("the same seed left two traces, {:016x} and {:016x}", trace.0, again.0));
        }
    }
    Ok(format!("{figures}, trace {:016x}", trace.0))
}
