//! The options of the suite.

use clap::Parser;

use crate::support::suite::{Selection, at_least_1, profile};

/// Loses the primary of a database again and again, and checks what a server acknowledged.
#[derive(Debug, Clone, Parser)]
pub(crate) struct Options {
    #[command(flatten)]
    pub(crate) tests: Selection,
    /// How often the primary is lost: killed, frozen and shut down in turn.
    #[arg(long, default_value_t = 2, value_parser = at_least_1)]
    pub(crate) failovers: u32,
}

impl Options {
    /// The command that repeats a test.
    pub(crate) fn repeat(&self, test: &str) -> String {
        let (profile, failovers) = (profile(), self.failovers);
        format!("cargo test{profile} -p hotline-server --test failover -- {test} --failovers {failovers}")
    }
}
