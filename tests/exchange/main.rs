//! A real exchange: `SIPp` places calls, Kamailio connects them with seats and reports them by HTTP, and the example
//! `telephony` of the SDK passes them on, while it and the server are killed. In the end each call is there once, and
//! each has one ticket.
//!
//! | test | what it shows |
//! |---|---|
//! | `each_call_once` | each call and each ticket once, with their counts; one ticket is carried to its end |
//!
//! It needs Debian's `kamailio`, `kamailio-utils-modules` and `sip-tester`. `docs/calls.md` has the long command.

mod gateway;
mod options;
mod outcome;
mod scenario;
#[path = ".."]
mod shared {
    #[expect(dead_code, reason = "the stories use what this suite does not")]
    pub(crate) mod support;
}

use std::process::ExitCode;
use std::time::Instant;

use clap::Parser as _;

use options::Options;
use shared::support;
use shared::support::suite::{self, Tally};

const TEST: &str = "each_call_once";

fn main() -> ExitCode {
    let options = Options::parse();
    let is_wanted = options.tests.wants(TEST);
    if options.tests.list {
        return suite::list(is_wanted.then_some(TEST));
    }
    let mut tally = Tally::default();
    if !is_wanted {
        return tally.end();
    }
    let missing = gateway::missing();
    if !missing.is_empty() && std::env::var_os("CI").is_none() {
        println!("test {TEST} ... NOT RUN: there is no {}", missing.join(", no "));
        return tally.end();
    }
    let begun = Instant::now();
    let verdict = if missing.is_empty() {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        runtime.expect("a runtime can be made").block_on(scenario::run(options.clone()))
    } else {
        Err(format!("there is no {}", missing.join(", no ")))
    };
    if !tally.add(TEST, &verdict, begun) {
        println!("  to repeat: {}", options.repeat());
    }
    tally.end()
}
