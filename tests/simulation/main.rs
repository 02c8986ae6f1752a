//! The simulation: the pure core against a second writing of the rules, over millions of random steps and a year of a
//! city, and the same city on an SQLite file, from one seed. It runs without a server process, a real clock or a sleep.
//!
//! | test | what it shows |
//! |---|---|
//! | `deadlines` | every deadline is what a count by single days says |
//! | `walk` | every command in every state does what the model says |
//! | `city` | named truths hold through a year with crashes, skewed clocks and changes of policy and calendar |
//! | `sqlite` | the same in the product's own transactions, with servers that die in the middle of them |
//! | `plants` | bugs that are planted on purpose are found |
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
#[path = "../support/temp_dir.rs"]
mod temp_dir;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::time::Instant;

use injected_bugs::Plant;
use options::Options;

/// A test: its name, and what it answers, a line of figures or what is wrong.
type Test = (&'static str, fn(&Options) -> Result<String, String>);

const TESTS: [Test; 5] = [
    ("deadlines", |options| deadlines::check(options.seed, options.cases, options.plant)),
    ("walk", |options| random_commands::check(options.seed, options.steps, options.plant)),
    ("city", |options| city::check(options.seed, options.tickets, options.plant)),
    ("sqlite", |options| city::check_stored(options.seed, options.stored_tickets, options.plant)),
    ("plants", |options| plants(options.seed)),
];

/// Runs a test; a panic is a failure like any other.
fn run((_, test): &Test, options: &Options) -> Result<String, String> {
    catch_unwind(AssertUnwindSafe(|| test(options))).unwrap_or_else(|_| Err("panicked".to_owned()))
}

/// Which test must find a planted bug, and a word of what it must say: found for what it is, not by accident.
const FINDERS: [(Plant, &str, &str); 21] = [
    (Plant::EarlyRung, "walk", "differs in timer"),
    (Plant::EarlyRung, "city", "before its time"),
    (Plant::DoubleRung, "walk", "the runner told"),
    (Plant::DoubleRung, "city", "told twice"),
    (Plant::ForgetFeedback, "walk", "Feedback"),
    (Plant::ForgetFeedback, "city", "both feedbacks"),
    (Plant::WrongHoliday, "deadlines", "should be"),
    (Plant::WrongHoliday, "walk", "differs in"),
    (Plant::AccusedHas, "walk", "ConflictOfInterest"),
    (Plant::AccusedHas, "city", "no accused unit"),
    (Plant::SendsHeld, "walk", "TextHeld"),
    (Plant::LostUpdate, "city", "no gap"),
    (Plant::MovedPolicy, "walk", "model"),
    (Plant::MovedPolicy, "city", "own policy"),
    (Plant::MovedCalendar, "walk", "differs in"),
    (Plant::MovedCalendar, "city", "own calendar"),
    (Plant::DoubleRung, "sqlite", "told twice"),
    (Plant::LostUpdate, "sqlite", "not the fold"),
    (Plant::MovedPolicy, "sqlite", "policy"),
    (Plant::MovedCalendar, "sqlite", "own calendar"),
    (Plant::LostCommit, "sqlite", "acknowledged"),
];

fn plants(seed: u64) -> Result<String, String> {
    for (plant, finder, word) in FINDERS {
        let outcome = match finder {
            "deadlines" => deadlines::check(seed, 20_000, Some(plant)),
            "walk" => random_commands::check(seed, 80_000, Some(plant)),
            "sqlite" => city::check_stored(seed, 300, Some(plant)),
            _ => city::check(seed, 3_000, Some(plant)),
        };
        match outcome {
            Ok(figures) => return Err(format!("{finder} does not find {}: {figures}", plant.name())),
            Err(what) if !what.contains(word) => {
                return Err(format!("{finder} finds {} as something else: {what}", plant.name()));
            }
            Err(_) => {}
        }
    }
    if let Some(plant) = Plant::ALL.iter().find(|plant| FINDERS.iter().all(|(found, ..)| found != *plant)) {
        return Err(format!("nothing looks for {}", plant.name()));
    }
    Ok(format!("{} planted bugs, found {} times", Plant::ALL.len(), FINDERS.len()))
}

fn main() -> ExitCode {
    let options = match Options::read(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(what) => {
            println!("{what}");
            return ExitCode::FAILURE;
        }
    };
    let wanted: Vec<&Test> = TESTS.iter().filter(|(name, _)| options.wants(name)).collect();
    if options.is_list {
        for (name, _) in wanted {
            println!("{name}: test");
        }
        return ExitCode::SUCCESS;
    }
    println!("seed {}", options.seed);
    let (mut passed, mut failed) = (0, 0);
    for test in wanted {
        let begun = Instant::now();
        let outcome = run(test, &options);
        let seconds = begun.elapsed().as_secs_f64();
        match outcome {
            Ok(figures) => {
                passed += 1;
                println!("test {} ... ok ({seconds:.1} s): {figures}", test.0);
            }
            Err(what) => {
                failed += 1;
                println!("test {} ... FAILED ({seconds:.1} s): {what}", test.0);
                println!("  seed {}; to repeat: {}", options.seed, options.repeat(test.0));
            }
        }
    }
    println!("{passed} passed, {failed} failed");
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
