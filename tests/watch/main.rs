//! Streams of tickets under faults: two real servers on one PostgreSQL, concurrent writers, and readers whose
//! connections are cut and whose servers are killed. A validator finds nothing missed, repeated or out of order.
//!
//! | test | what it shows |
//! |---|---|
//! | `nothing_missed` | readers get every event once and in order, whatever is cut and killed, and a restore is a gap |
//! | `injected_bug` | positions that are taken before the commit are found |
//! | `unit_worker` | the worker of the README handles each ticket once, while it, servers and the network are killed |
//! | `other_server` | how long a commit takes to reach a reader of another server, with and without hints; as below |
//! | `many_readers` | how long a commit takes to reach 1,000 readers of one server; only in a release build, or by name |
//!
//! `docs/feed.md` has the commands and the figures.

#[expect(dead_code, reason = "the replicas use what this suite does not")]
#[path = "../replicas/fleet.rs"]
mod fleet;
mod many_readers;
mod options;
mod other_server;
#[expect(dead_code, reason = "the simulation uses what this suite does not")]
#[path = "../simulation/random.rs"]
mod random;
mod readers;
mod scenario;
mod switch;
mod validator;
mod worker;
mod writers;
#[path = ".."]
mod shared {
    #[expect(dead_code, reason = "the stories use what this suite does not")]
    pub(crate) mod support;
}

use std::pin::Pin;
use std::process::ExitCode;

use clap::Parser as _;

use options::Options;
use scenario::Scenario;
use shared::support;
use shared::support::postgres;
use shared::support::suite::{self, Tally, TestResult};

/// A running test, which stays on the main thread.
type Running = Pin<Box<dyn Future<Output = TestResult>>>;
/// A test: its name, whether it needs a release build, and how it runs.
type Test = (&'static str, bool, fn(Options) -> Running);

const TESTS: [Test; 5] = [
    ("nothing_missed", false, |options| Box::pin(nothing_missed(options))),
    ("injected_bug", false, |options| Box::pin(injected_bug(options))),
    ("unit_worker", false, |options| Box::pin(worker::run(options))),
    ("other_server", true, |options| Box::pin(other_server::run(options))),
    ("many_readers", true, |options| Box::pin(many_readers::run(options))),
];
/// Runs in which the injected bug has to be found.
const BUG_RUNS_MAX: u64 = 4;

async fn nothing_missed(options: Options) -> TestResult {
    Scenario::full(&options).run().await
}

async fn injected_bug(options: Options) -> TestResult {
    for run in 0..BUG_RUNS_MAX {
        let found = Scenario::with_bug(options.seed + run).run().await;
        if let Err(found) = found {
            let line = found.lines().next().unwrap_or_default().to_owned();
            return Ok(format!("found in run {}: {line}", run + 1));
        }
    }
    Err(format!("positions by id lost nothing in {BUG_RUNS_MAX} runs from seed {}", options.seed))
}

async fn run_all(wanted: Vec<&'static Test>, options: &Options) -> Tally {
    let has_postgres = scenario::blocking(|| postgres::shared().is_some()).await;
    let mut tally = Tally::default();
    for (name, _, test) in wanted {
        if !has_postgres {
            println!("test {name} ... NOT RUN: there is no PostgreSQL");
            continue;
        }
        // One after another: each has two servers, and its figures count.
        let begun = std::time::Instant::now();
        let verdict = test(options.clone()).await;
        if !tally.add(name, &verdict, begun) {
            println!("  to repeat: {}", options.repeat(name));
        }
    }
    tally
}

fn main() -> ExitCode {
    let options = Options::parse();
    let is_wanted = |(name, is_long, _): &&Test| {
        let is_left_out = *is_long && cfg!(debug_assertions) && options.tests.filters.is_empty();
        options.tests.wants(name) && !is_left_out
    };
    let wanted: Vec<&Test> = TESTS.iter().filter(is_wanted).collect();
    if options.tests.list {
        return suite::list(wanted.into_iter().map(|(name, ..)| *name));
    }
    println!("seed {}", options.seed);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.expect("a runtime can be made").block_on(run_all(wanted, &options)).end()
}
