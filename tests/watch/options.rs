//! The options of the suite.

use clap::Parser;

use crate::support::suite::{SEED, Selection, at_least_1, number, profile};

/// Readers of streams, writers and servers under faults.
#[derive(Debug, Clone, Parser)]
pub(crate) struct Options {
    #[command(flatten)]
    pub(crate) tests: Selection,
    /// Decides what is killed and cut, and when.
    #[arg(long, default_value_t = SEED, value_parser = number)]
    pub(crate) seed: u64,
    /// Tickets that are written; each has about five events.
    #[arg(long, default_value_t = 40, value_parser = at_least_1)]
    pub(crate) tickets: u32,
    /// Connections of readers that are cut at least before the faults end.
    #[arg(long, default_value_t = 20, value_parser = at_least_1)]
    pub(crate) disconnects: u32,
    /// Servers that are killed at least before the faults end.
    #[arg(long, default_value_t = 2, value_parser = at_least_1)]
    pub(crate) kills: u32,
    /// How long a server or a worker lives before it is killed, in seconds on average.
    #[arg(long, default_value_t = 4, value_parser = at_least_1)]
    pub(crate) life: u32,
    /// Tickets that are written at a time.
    #[arg(long, default_value_t = 8, value_parser = at_least_1)]
    pub(crate) writers: u32,
    /// Readers of `many_readers`.
    #[arg(long, default_value_t = 1_000, value_parser = at_least_1)]
    pub(crate) readers: u32,
}

impl Options {
    /// The shortest and the longest lifetime of a server or a worker, in milliseconds.
    pub(crate) fn life_ms(&self) -> (i64, i64) {
        let life = i64::from(self.life) * 1_000;
        (life / 3, life * 5 / 3)
    }

    /// The command that repeats a test.
    pub(crate) fn repeat(&self, test: &str) -> String {
        format!(
            "cargo test{} -p hotline-server --test watch -- {test} --seed {} --tickets {} --disconnects {} --kills {} \
             --life {} --writers {}",
            profile(),
            self.seed,
            self.tickets,
            self.disconnects,
            self.kills,
            self.life,
            self.writers
        )
    }
}
