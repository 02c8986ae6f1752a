//! The replicas: several real server processes on one PostgreSQL, whose rungs fire exactly once even if servers are
//! killed.
//!
//! | test | what it shows |
//! |---|---|
//! | `exactly_once` | each rung that is due fires once, while servers are killed and commands meet claims |
//! | `skewed_clocks`, `clocks_put_back`, `clock_put_forward` | no wall clock of a server matters on PostgreSQL |
//! | `clock_put_back_on_sqlite` | a wall clock that is put back fires nothing twice |
//! | `seats` | calls that wait are answered in order, each at one seat, while a server is killed |
//! | `checks_can_fail` | each check can fail |
//! | `injected_bugs` | bugs that are injected from outside are found |
//! | `defence_in_depth` | which single protection is enough when the others are gone |
//!
//! `docs/replicas.md` has the commands and the figures.

mod backlog;
mod database;
mod defence_in_depth;
mod deleted_timers;
mod final_state;
mod fleet;
mod injected_bugs;
mod invariants;
mod load;
mod load_tasks;
mod options;
#[expect(dead_code, reason = "the simulation uses what this suite does not")]
#[path = "../simulation/random.rs"]
mod random;
mod sql_proxy;
mod sql_rewrites;
mod statistics;
mod ticket_history;
mod wrong_clocks;
#[path = ".."]
mod shared {
    #[expect(dead_code, reason = "the stories use what this suite does not")]
    pub(crate) mod support;
}
mod checks_can_fail;
mod fake_clock;
mod observer;
mod scenario;
mod seats;

use std::process::ExitCode;

use clap::Parser as _;
use futures_util::future::join_all;

use injected_bugs::InjectedBug;
use options::Options;
use scenario::{Scenario, blocking};
use shared::support;
use shared::support::postgres;
use shared::support::suite::{self, Running, Tally, TestResult};

/// A requirement of a test.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Need {
    /// The programs of PostgreSQL.
    Postgres,
    /// A library that shows a program another time.
    WrongClocks,
    /// Time: in a debug build it runs only if it is named.
    Patience,
}

/// A test: its name, its requirements, and how it runs.
type Test = (&'static str, &'static [Need], fn(Options) -> Running);

const TESTS: [Test; 9] = [
    ("exactly_once", &[Need::Postgres], |options| Box::pin(exactly_once(options))),
    ("skewed_clocks", &[Need::Postgres, Need::WrongClocks], |options| {
        Box::pin(wrong_clocks::skewed(options.seed))
    }),
    ("clocks_put_back", &[Need::Postgres, Need::WrongClocks], |options| {
        Box::pin(wrong_clocks::put_back(options.seed))
    }),
    ("clock_put_forward", &[Need::Postgres, Need::WrongClocks], |options| {
        Box::pin(wrong_clocks::put_forward(options.seed))
    }),
    ("clock_put_back_on_sqlite", &[Need::WrongClocks], |options| {
        Box::pin(wrong_clocks::put_back_on_sqlite(options.seed))
    }),
    ("seats", &[Need::Postgres], |_| Box::pin(seats::drain_in_order())),
    ("checks_can_fail", &[Need::Postgres], |options| Box::pin(checks_can_fail(options.seed))),
    ("injected_bugs", &[Need::Postgres], |options| Box::pin(injected_bugs_are_found(options.seed))),
    ("defence_in_depth", &[Need::Postgres, Need::Patience], |options| {
        Box::pin(defence_in_depth(options.seed))
    }),
];

/// The full run: kills, load, and the selected bug.
async fn exactly_once(options: Options) -> TestResult {
    let whole =
        Scenario { has_kills: true, ..Scenario::small(options.seed, options.timers, options.seconds) };
    let outcome = match options.inject_bug {
        Some(bug) => bug.with_bug(whole).run().await?,
        // It runs alone, so that neither figures nor retries depend on other tests.
        None => whole.run_alone().await?,
    };
    outcome.verdict()
}

async fn checks_can_fail(seed: u64) -> TestResult {
    let outcome = Scenario::small(seed, 90, 2).run().await?;
    outcome.verdict()?;
    checks_can_fail::check(&outcome.final_state)
}

async fn injected_bugs_are_found(seed: u64) -> TestResult {
    all_of(join_all(InjectedBug::ALL.map(|bug| check_bug(bug, seed))).await, ", ")
}

/// Checks that a bug is found.
async fn check_bug(bug: InjectedBug, seed: u64) -> TestResult {
    let groups = (bug == InjectedBug::UnlockedClaim).then_some(18);
    // Some timers must be left to delete when the servers run.
    let seconds = if bug.deletes_timers() { 5 } else { 2 };
    for run in 1.. {
        let scenario = bug.with_bug(Scenario { groups, ..Scenario::small(seed + run, 200, seconds) });
        let outcome = scenario.run().await.map_err(|what| format!("{}: {what}", bug.name()))?;
        match bug.judge(&outcome) {
            Err(_) if run < bug.runs_max() => {}
            verdict => return verdict,
        }
    }
    unreachable!("the last run is judged")
}

async fn defence_in_depth(seed: u64) -> TestResult {
    all_of(
        join_all((0..defence_in_depth::rows()).map(|row| defence_in_depth::check(row, seed))).await,
        "\n  ",
    )
}

/// All results as one.
fn all_of(verdicts: Vec<TestResult>, between: &str) -> TestResult {
    let (good, bad): (Vec<_>, Vec<_>) = verdicts.into_iter().partition(Result::is_ok);
    let texts = |verdicts: Vec<TestResult>| {
        verdicts.into_iter().map(|verdict| verdict.unwrap_or_else(|what| what)).collect::<Vec<_>>()
    };
    if bad.is_empty() { Ok(texts(good).join(between)) } else { Err(texts(bad).join("\n")) }
}

/// Runs the tests whose requirements are met.
async fn run_all(wanted: Vec<&'static Test>, options: &Options) -> Tally {
    let mut tests = Vec::new();
    // The first use starts PostgreSQL, and reports if it is missing.
    let has_postgres = blocking(|| postgres::shared().is_some()).await;
    for (name, needs, test) in wanted {
        if needs.contains(&Need::Postgres) && !has_postgres {
            println!("test {name} ... NOT RUN: there is no PostgreSQL");
        } else if needs.contains(&Need::WrongClocks) && fake_clock::library().is_none() {
            println!("test {name} ... NOT RUN: there is no faketime");
        } else {
            tests.push((*name, test(options.clone())));
        }
    }
    suite::run_side_by_side(tests, |name| Some(options.repeat(name))).await
}

fn main() -> ExitCode {
    let options = Options::parse();
    let is_wanted = |(name, needs, _): &&Test| {
        let is_left_out = needs.contains(&Need::Patience) && cfg!(debug_assertions);
        options.tests.wants(name) && !(is_left_out && options.tests.filters.is_empty())
    };
    let wanted: Vec<&Test> = TESTS.iter().filter(is_wanted).collect();
    if options.tests.list {
        return suite::list(wanted.into_iter().map(|(name, ..)| *name));
    }
    println!("seed {}", options.seed);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.expect("a runtime can be made").block_on(run_all(wanted, &options)).end()
}
