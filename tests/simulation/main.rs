//! The simulation: the pure core against a second implementation of the rules, over millions of random steps and a year
//! of a city. The same city also runs on an SQLite file. All of it comes from one seed. It runs without a server
//! process, a real clock or a sleep.
//!
//! | test | what it shows |
//! |---|---|
//! | `deadlines` | every deadline is what a count by single days says |
//! | `random_commands` | every command in every state does what the model says |
//! | `city_in_memory` | named invariants hold through a year with crashes, skewed clocks and changes of policy and calendar |
//! | `city_on_sqlite` | the same in the product's own transactions, with servers that die in the middle of them |
//! | `injected_bugs` | bugs that are injected on purpose are found |
//!
//! `docs/simulation.md` has the commands and the figures.

mod city;
mod command_spec;
mod deadlines;
mod in_memory_product;
mod injected_bugs;
mod options;
mod product_verbs;
mod random;
mod random_calendars;
mod random_commands;
mod reference;
mod roster;
mod rule_versions;
#[expect(dead_code, reason = "the suites with servers use what this one does not")]
#[path = "../support/suite.rs"]
mod suite;
#[path = "../support/temp_dir.rs"]
mod temp_dir;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser as _;

use injected_bugs::InjectedBug;
use options::Options;
use suite::{Tally, TestResult};

/// A test: its name, and a function that returns a line of figures or the fault.
type Test = (&'static str, fn(&Options) -> TestResult);

const TESTS: [Test; 5] = [
    ("deadlines", |options| deadlines::check(options.seed, options.cases, options.inject_bug)),
    ("random_commands", |options| random_commands::check(options.seed, options.steps, options.inject_bug)),
    ("city_in_memory", |options| city::check(options.seed, options.tickets(), options.inject_bug)),
    ("city_on_sqlite", |options| {
        city::check_stored(options.seed, options.stored_tickets(), options.inject_bug)
    }),
    ("injected_bugs", |options| injected_bugs_are_found(options.seed)),
];

/// Runs a test; a panic is a failure.
fn run((_, test): &Test, options: &Options) -> TestResult {
    catch_unwind(AssertUnwindSafe(|| test(options))).unwrap_or_else(|_| Err("panicked".to_owned()))
}

/// The test that must find an injected bug, and a word of its message, so that it is not found by accident.
const FINDERS: [(InjectedBug, &str, &str); 26] = [
    (InjectedBug::EarlyRung, "random_commands", "differs in timer"),
    (InjectedBug::EarlyRung, "city_in_memory", "before its time"),
    (InjectedBug::DoubleRung, "random_commands", "the runner fired"),
    (InjectedBug::DoubleRung, "city_in_memory", "fired twice"),
    (InjectedBug::ForgetFeedback, "random_commands", "Feedback"),
    (InjectedBug::ForgetFeedback, "city_in_memory", "both feedbacks"),
    (InjectedBug::WrongHoliday, "deadlines", "should be"),
    (InjectedBug::WrongHoliday, "random_commands", "differs in"),
    (InjectedBug::AccusedHas, "random_commands", "ConflictOfInterest"),
    (InjectedBug::AccusedHas, "city_in_memory", "no accused unit"),
    (InjectedBug::SendsHeld, "random_commands", "TextHeld"),
    (InjectedBug::LosesAssist, "random_commands", "differs in units"),
    (InjectedBug::BetterLimit, "random_commands", "differs in"),
    (InjectedBug::BetterLimit, "city_in_memory", "never becomes later"),
    (InjectedBug::GivesBack, "random_commands", "differs in"),
    (InjectedBug::HandsRungOn, "random_commands", "differs in"),
    (InjectedBug::LostUpdate, "city_in_memory", "no gap"),
    (InjectedBug::MovedPolicy, "random_commands", "model"),
    (InjectedBug::MovedPolicy, "city_in_memory", "own policy"),
    (InjectedBug::MovedCalendar, "random_commands", "differs in"),
    (InjectedBug::MovedCalendar, "city_in_memory", "own calendar"),
    (InjectedBug::DoubleRung, "city_on_sqlite", "fired twice"),
    (InjectedBug::LostUpdate, "city_on_sqlite", "not the fold"),
    (InjectedBug::MovedPolicy, "city_on_sqlite", "policy"),
    (InjectedBug::MovedCalendar, "city_on_sqlite", "own calendar"),
    (InjectedBug::LostCommit, "city_on_sqlite", "acknowledged"),
];

fn injected_bugs_are_found(seed: u64) -> TestResult {
    for (bug, finder, word) in FINDERS {
        let outcome = match finder {
            "deadlines" => deadlines::check(seed, 20_000, Some(bug)),
            "random_commands" => random_commands::check(seed, 80_000, Some(bug)),
            "city_on_sqlite" => city::check_stored(seed, 300, Some(bug)),
            _ => city::check(seed, 3_000, Some(bug)),
        };
        match outcome {
            Ok(figures) => return Err(format!("{finder} does not find {}: {figures}", bug.name())),
            Err(what) if !what.contains(word) => {
                return Err(format!("{finder} finds {} as something else: {what}", bug.name()));
            }
            Err(_) => {}
        }
    }
    if let Some(bug) = InjectedBug::ALL.iter().find(|bug| FINDERS.iter().all(|(found, ..)| found != *bug)) {
        return Err(format!("nothing looks for {}", bug.name()));
    }
    Ok(format!("{} injected bugs, found {} times", InjectedBug::ALL.len(), FINDERS.len()))
}

fn main() -> ExitCode {
    let options = Options::parse();
    let wanted = TESTS.iter().filter(|(name, _)| options.tests.wants(name));
    if options.tests.list {
        return suite::list(wanted.map(|(name, _)| *name));
    }
    println!("seed {}", options.seed);
    let mut tally = Tally::default();
    for test in wanted {
        let begun = Instant::now();
        if !tally.add(test.0, &run(test, &options), begun) {
            println!("  seed {}; to repeat: {}", options.seed, options.repeat(test.0));
        }
    }
    tally.end()
}
