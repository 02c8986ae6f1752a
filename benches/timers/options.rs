//! The options of the benchmark.

use clap::Parser;

use super::support::server::{self, Store};
use super::support::suite::at_least_1;

/// Many limits at one instant: how soon all their rungs have fired, and how much slower intake is meanwhile.
#[derive(Debug, Clone, Parser)]
pub(crate) struct Options {
    /// The database: postgres or sqlite.
    #[arg(long, default_value = "postgres")]
    pub(crate) database: Store,
    /// Timers that are due at one instant.
    #[arg(long, default_value_t = 50_000, value_parser = at_least_1)]
    pub(crate) timers: u32,
    /// Tickets that clients create in a second.
    #[arg(long, default_value_t = 50, value_parser = at_least_1)]
    pub(crate) rate: u32,
    /// For how many seconds intake is measured before the timers are due.
    #[arg(long, default_value_t = 40, value_parser = at_least_1)]
    pub(crate) baseline_seconds: u32,
    /// How often it is measured, each time on a new store.
    #[arg(long, default_value_t = 1, value_parser = at_least_1)]
    pub(crate) runs: u32,
    /// A key of the server's configuration. Repeatable.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    keys: Vec<String>,
    /// Cargo passes it to every benchmark.
    #[arg(long = "bench", hide = true)]
    _bench: bool,
}

impl Options {
    /// The options of the server.
    pub(crate) fn server(&self) -> server::Options {
        self.keys.iter().fold(server::Options::default(), |options, key| {
            let (key, value) = key.split_once('=').unwrap_or((key, ""));
            options.set(key, value)
        })
    }
}
