//! Linearizability: concurrent clients work on tickets through real servers, while servers are killed, connections are
//! cut and calls time out. Each ticket's history must be possible for a single ticket.
//!
//! | test | what it shows |
//! |---|---|
//! | `checker` | the checker judges known histories rightly, shrinks a violation, and gives up what is too hard |
//! | `sqlite` | one server on SQLite, killed and started again |
//! | `postgres` | two servers on one PostgreSQL, killed and started again |
//! | `injected_bugs` | stale reads, lost updates and repeated effects are found |
//!
//! `docs/linearizability.md` has the commands and the figures.

mod checker;
mod checker_cases;
mod clients;
mod cluster;
#[expect(dead_code, reason = "this suite kills servers in its own way")]
#[path = "../replicas/fleet.rs"]
mod fleet;
mod injected_bugs;
mod options;
#[path = "../simulation/random.rs"]
mod random;
mod recorder;
mod report;
mod run;
mod tcp_proxy;
#[path = ".."]
mod shared {
    #[expect(dead_code, reason = "the stories use what this suite does not")]
    pub(crate) mod support;
}
mod rpc_attempt;
mod ticket_model;

use std::process::ExitCode;

use clap::Parser as _;
use futures_util::future::join_all;
use tokio::task::spawn_blocking;

use injected_bugs::InjectedBug;
use options::Options;
use run::{Database, Run};
use shared::support;
use shared::support::postgres;
use shared::support::suite::{self, Running, Tally, TestResult};

/// A test: its name, and how it runs.
type Test = (&'static str, fn(Options) -> Running);

/// Histories in which an injected bug must be found.
const INJECTED_HISTORIES: usize = 10;

const TESTS: [Test; 4] = [
    ("checker", |_| Box::pin(async { checker_cases::run() })),
    ("sqlite", |options| Box::pin(histories(options, Database::Sqlite))),
    ("postgres", |options| Box::pin(histories(options, Database::Postgres))),
    ("injected_bugs", |options| Box::pin(injected_bugs(options.seed))),
];

/// The histories of a database, with faults, and with the selected bug.
async fn histories(options: Options, database: Database) -> TestResult {
    if options.inject_bug == Some(InjectedBug::RevertedRow) && database == Database::Sqlite {
        return Ok("not for SQLite: the bug is a trigger of PostgreSQL".to_owned());
    }
    let Options { seed, histories, inject_bug: inject, .. } = options;
    let findings = Run { database, seed, histories, has_faults: true, inject }.run().await;
    findings.verdict().map_err(|what| format!("{what}\n  to repeat: {}", options.repeat(database)))
}

/// Each injected bug must make a run fail; the run without one must pass.
async fn injected_bugs(seed: u64) -> TestResult {
    let has_postgres = has_postgres().await;
    let bugs = [None].into_iter().chain(InjectedBug::ALL.map(Some));
    let found = join_all(bugs.map(|bug| injected(bug, seed, has_postgres))).await;
    Ok(format!("found: {}", found.into_iter().collect::<Result<Vec<_>, _>>()?.join(", ")))
}

/// Checks that a bug is found, and that nothing is found without one.
async fn injected(bug: Option<InjectedBug>, seed: u64, has_postgres: bool) -> TestResult {
    let database = match bug {
        Some(InjectedBug::RevertedRow) if !has_postgres => {
            return Ok("reverted-row NOT RUN: there is no PostgreSQL".to_owned());
        }
        Some(InjectedBug::RevertedRow) => Database::Postgres,
        _ => Database::Sqlite,
    };
    let run = Run { database, seed, histories: INJECTED_HISTORIES, has_faults: false, inject: bug };
    let findings = run.run().await;
    let name = bug.map_or("none", InjectedBug::name);
    match (bug, findings.violations.len()) {
        (None, 0) => Ok("nothing without a bug".to_owned()),
        (None, _) => findings.verdict(),
        (Some(_), 0) => Err(format!("{name} was not found: {findings}")),
        (Some(_), count) => Ok(format!("{name} in {count} of {INJECTED_HISTORIES}")),
    }
}

/// Whether PostgreSQL is available. The first call starts it, and reports if it is missing.
async fn has_postgres() -> bool {
    spawn_blocking(|| postgres::shared().is_some()).await.expect("PostgreSQL starts")
}

/// Runs the tests whose requirements are met.
async fn run_all(wanted: Vec<&'static Test>, options: &Options) -> Tally {
    let mut tests = Vec::new();
    for (name, test) in wanted {
        if *name == Database::Postgres.name() && !has_postgres().await {
            println!("test {name} ... NOT RUN: there is no PostgreSQL");
        } else {
            tests.push((*name, test(options.clone())));
        }
    }
    suite::run_side_by_side(tests, |_| None).await
}

fn main() -> ExitCode {
    let options = Options::parse();
    let wanted: Vec<&Test> = TESTS.iter().filter(|(name, _)| options.wants(name)).collect();
    if options.tests.list {
        return suite::list(wanted.into_iter().map(|(name, _)| *name));
    }
    println!("seed {}", options.seed);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.expect("a runtime can be made").block_on(run_all(wanted, &options)).end()
}
