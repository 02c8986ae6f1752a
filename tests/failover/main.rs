//! Failover: a real server with the SDK in front of it, and a primary with a synchronous standby behind it. The primary
//! is lost and the standby promoted, again and again.
//!
//! | test | what it shows |
//! |---|---|
//! | `failovers` | no acknowledged change is lost or done twice, and callers see delays alone |
//! | `injected_bugs` | a server whose connections stay on the old host is found, and so are lost tickets |
//!
//! `docs/failover.md` has the commands and the recorded results.

mod load;
mod options;
mod pair;
mod run;
#[path = ".."]
mod shared {
    #[expect(dead_code, reason = "the stories use what this suite does not")]
    pub(crate) mod support;
}

use std::process::ExitCode;

use clap::Parser as _;

use options::Options;
use run::Run;
use shared::support;
use shared::support::postgres;
use shared::support::suite::{self, Running, Tally, TestResult};

/// A test: its name, and how it runs.
type Test = (&'static str, fn(Options) -> Running);

const TESTS: [Test; 2] =
    [("failovers", |options| Box::pin(failovers(options))), ("injected_bugs", |_| Box::pin(injected_bugs()))];

async fn failovers(options: Options) -> TestResult {
    Run::sound(options.failovers).run().await
}

/// A server that does not move must be found, by calls that are never answered. Acknowledged tickets that the new
/// primary does not have must be found missing.
async fn injected_bugs() -> TestResult {
    let mut found = Vec::new();
    for (bug, run, words) in [
        ("stays-on-old-host", Run::with_bug("bug.stays_on_old_host=return"), load::UNANSWERED),
        ("no-synchronous-standby", Run::without_synchronous_standby(), load::LOST),
    ] {
        match run.run().await {
            Ok(figures) => return Err(format!("{bug} is not found: {figures}")),
            Err(why) if why.contains(words) => found.push(format!("{bug}: found")),
            Err(other) => return Err(format!("{bug} is found as something else: {other}")),
        }
    }
    Ok(found.join(", "))
}

/// Runs the tests; the first use looks for the programs of PostgreSQL.
async fn run_all(wanted: Vec<&'static Test>, options: &Options) -> Tally {
    let has_postgres = postgres::programs().is_some();
    assert!(has_postgres || std::env::var_os("CI").is_none(), "PostgreSQL is not installed");
    let mut tests = Vec::new();
    for (name, test) in wanted {
        if has_postgres {
            tests.push((*name, test(options.clone())));
        } else {
            println!("test {name} ... NOT RUN: there is no PostgreSQL");
        }
    }
    suite::run_side_by_side(tests, |name| Some(options.repeat(name))).await
}

fn main() -> ExitCode {
    let options = Options::parse();
    let wanted: Vec<&Test> = TESTS.iter().filter(|(name, _)| options.tests.wants(name)).collect();
    if options.tests.list {
        return suite::list(wanted.into_iter().map(|(name, _)| *name));
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.expect("a runtime can be made").block_on(run_all(wanted, &options)).end()
}
