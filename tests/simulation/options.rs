//! The options of the suite.

use clap::Parser;

use crate::injected_bugs::InjectedBug;
use crate::suite::{SEED, Selection, number, one_of, profile};

/// Steps, tickets in memory, tickets on a file, cases: short in a debug build, full in a release build.
const SIZES: (u64, u32, u32, u64) = if cfg!(debug_assertions) {
    (100_000, 1_500, 100, 20_000)
} else {
    (1_000_000, 100_000, 5_000, 1_000_000)
};

/// The pure core against a second implementation of the rules, and a year of a city, from one seed.
#[derive(Debug, Clone, Parser)]
pub(crate) struct Options {
    #[command(flatten)]
    pub(crate) tests: Selection,
    /// Decides everything that happens.
    #[arg(long, default_value_t = SEED, value_parser = number)]
    pub(crate) seed: u64,
    /// Steps of the random commands.
    #[arg(long, default_value_t = SIZES.0, value_parser = number)]
    pub(crate) steps: u64,
    /// Tickets of a city, in memory or on a file.
    #[arg(long, value_parser = tickets)]
    tickets: Option<u32>,
    /// Cases of the deadlines.
    #[arg(long, default_value_t = SIZES.3, value_parser = number)]
    pub(crate) cases: u64,
    /// A bug that the run must find.
    #[arg(long, value_parser = |name: &str| one_of(name, &InjectedBug::ALL, InjectedBug::name))]
    pub(crate) inject_bug: Option<InjectedBug>,
}

fn tickets(text: &str) -> Result<u32, String> {
    u32::try_from(number(text)?).map_err(|error| error.to_string())
}

impl Options {
    /// Tickets of the city in memory.
    pub(crate) fn tickets(&self) -> u32 {
        self.tickets.unwrap_or(SIZES.1)
    }

    /// Tickets of the city on a file.
    pub(crate) fn stored_tickets(&self) -> u32 {
        self.tickets.unwrap_or(SIZES.2)
    }

    /// The command that repeats a test.
    pub(crate) fn repeat(&self, test: &str) -> String {
        let tickets = if test.ends_with("sqlite") { self.stored_tickets() } else { self.tickets() };
        let bug = self.inject_bug.map(|bug| format!(" --inject-bug {}", bug.name())).unwrap_or_default();
        format!(
            "cargo test{} -p hotline-server --test simulation -- {test} --seed {} --steps {} --tickets {} --cases {}{bug}",
            profile(),
            self.seed,
            self.steps,
            tickets,
            self.cases
        )
    }
}
