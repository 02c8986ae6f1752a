//! Storage faults: a real server with a fault at a named place, on both databases. Whatever happens there, acknowledged
//! changes are readable after a restart, and no change is applied partly or twice.
//!
//! | test | what it shows |
//! |---|---|
//! | `every_failpoint` | one cell for each failpoint; with `--matrix` every failpoint, kind and database |
//! | `full_disk` | a file system that is really full, on SQLite |
//! | `io_errors` | reads, writes and syncs that really fail under SQLite |
//! | `injected_bugs` | a depth that stays at 1 and an early acknowledgement are found |
//!
//! `docs/failpoints.md` has the commands and the recorded results.

mod disk_faults;
mod faulty_server;
mod injected_bugs;
mod invariants;
mod matrix;
mod options;
#[path = ".."]
mod shared {
    #[expect(dead_code, reason = "the stories use what this suite does not")]
    pub(crate) mod support;
}
mod workload;

use std::process::ExitCode;
use std::time::Instant;

use clap::Parser as _;
use futures_util::future::BoxFuture;

use options::Options;
use shared::support;
use shared::support::suite::{self, Tally, TestResult};

/// A test: its name, and how it runs.
type Test = (&'static str, fn(Options) -> BoxFuture<'static, TestResult>);

const TESTS: [Test; 4] = [
    ("every_failpoint", |options| Box::pin(matrix::run_all(options))),
    ("full_disk", |options| Box::pin(disk_faults::full(options))),
    ("io_errors", |options| Box::pin(disk_faults::io_errors(options))),
    ("injected_bugs", |options| Box::pin(injected_bugs::are_found(options))),
];

fn main() -> ExitCode {
    let options = Options::parse();
    let wanted = TESTS.iter().filter(|(name, _)| options.tests.wants(name));
    if options.tests.list {
        return suite::list(wanted.map(|(name, _)| *name));
    }
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime can be made");
    let mut tally = Tally::default();
    for (name, test) in wanted {
        let begun = Instant::now();
        let run = runtime.spawn(test(options.clone()));
        let verdict = runtime.block_on(run).unwrap_or_else(|_| Err("panicked".to_owned()));
        tally.add(name, &verdict, begun);
    }
    tally.end()
}
