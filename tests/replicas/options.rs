//! The options of the suite.

use clap::Parser;

use crate::injected_bugs::InjectedBug;
use crate::support::suite::{SEED, Selection, at_least_1, number, one_of, profile};

/// Timers and seconds: short in a debug build, full in a release build.
const SIZES: (u32, u32) = if cfg!(debug_assertions) { (1_500, 12) } else { (10_000, 60) };

/// Several real servers on one PostgreSQL, whose rungs fire exactly once even if servers are killed.
#[derive(Debug, Clone, Parser)]
pub(crate) struct Options {
    #[command(flatten)]
    pub(crate) tests: Selection,
    /// Decides what is killed, and when.
    #[arg(long, default_value_t = SEED, value_parser = number)]
    pub(crate) seed: u64,
    /// Tickets of the backlog.
    #[arg(long, default_value_t = SIZES.0, value_parser = at_least_1)]
    pub(crate) timers: u32,
    /// Seconds in which their rungs are due.
    #[arg(long, default_value_t = SIZES.1, value_parser = at_least_1)]
    pub(crate) seconds: u32,
    /// A bug that the run must find.
    #[arg(long, value_parser = |name: &str| one_of(name, &InjectedBug::ALL, InjectedBug::name))]
    pub(crate) inject_bug: Option<InjectedBug>,
}

impl Options {
    /// The command that repeats a test.
    pub(crate) fn repeat(&self, test: &str) -> String {
        let bug = self.inject_bug.map(|bug| format!(" --inject-bug {}", bug.name())).unwrap_or_default();
        format!(
            "cargo test{} -p hotline-server --test replicas -- {test} --seed {} --timers {} --seconds {}{bug}",
            profile(),
            self.seed,
            self.timers,
            self.seconds
        )
    }
}
