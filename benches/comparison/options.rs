//! The options of the comparison.

use std::time::Duration;

use clap::Parser;

use super::support::suite::at_least_1;

/// Compares the server with its database, a naive peer and an echo on the same machine.
#[derive(Debug, Clone, Parser)]
pub(crate) struct Options {
    /// Prints an object with all figures as the last line.
    #[arg(long)]
    pub(crate) json: bool,
    /// Measures each load for 3 seconds instead of 10.
    #[arg(long)]
    short: bool,
    /// Rounds; the median of them counts.
    #[arg(long, default_value_t = 3, value_parser = at_least_1)]
    pub(crate) rounds: u32,
    /// Tickets of the large database of the lists.
    #[arg(long, default_value_t = 1_000_000, value_parser = at_least_1)]
    pub(crate) tickets: u32,
    /// Figures to measure, by parts of their keys; all if there are none.
    figures: Vec<String>,
    /// Serves as the naive peer and the echo, on this database.
    #[arg(long, hide = true)]
    pub(crate) peer: Option<String>,
    /// Cargo passes it to every benchmark.
    #[arg(long = "bench", hide = true)]
    _bench: bool,
}

impl Options {
    /// For how long each load is measured.
    pub(crate) const fn duration(&self) -> Duration {
        Duration::from_secs(if self.short { 3 } else { 10 })
    }

    /// Whether one of these figures is asked for.
    pub(crate) fn wants(&self, keys: &[&str]) -> bool {
        self.figures.is_empty() || keys.iter().any(|key| self.figures.iter().any(|part| key.contains(part)))
    }
}
