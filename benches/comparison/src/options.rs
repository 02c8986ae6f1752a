//! The options of the comparison.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, Subcommand, ValueEnum};

/// Compares the hotline with the limits of its database and with simpler servers, on this machine.
///
/// All windows of a round lie side by side, so a ratio compares figures that were taken seconds apart. The values are
/// medians of the rounds.
#[derive(Debug, Clone, Parser)]
#[command(name = "benches/compare")]
pub(crate) struct Options {
    /// Prints the figures and, as the last line, the ratios as JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// Shorter windows and smaller lists, to end within 10 minutes.
    #[arg(long)]
    pub(crate) short: bool,
    /// Only these parts, separated by commas.
    #[arg(long, value_delimiter = ',', value_name = "PARTS")]
    only: Vec<Part>,
    /// The length of each window. The default is 10, and 3 with --short.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: Option<u64>,
    /// The number of rounds.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub(crate) rounds: u32,
    /// The tickets of the long lists. The default is 1000000, and 200000 with --short.
    #[arg(long, value_name = "TICKETS", value_parser = clap::value_parser!(u32).range(20_000..=5_000_000))]
    list_tickets: Option<u32>,
    /// The program of the server.
    #[arg(long, default_value = "target/release/hotline-server", value_parser = absolute)]
    pub(crate) server: PathBuf,
    /// A server to compare with, which the comparison starts by itself.
    #[command(subcommand)]
    pub(crate) peer: Option<Peer>,
}

/// A part of the comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    /// `CreateTicket` against pgbench and a simple server.
    Create,
    /// The whole loop of a ticket against pgbench.
    Loop,
    /// `GetTicket` against an echo server.
    Get,
    /// Look-ups by phone and by code, `SQLite` against PostgreSQL.
    Lookup,
    /// Filters of `ListTickets` on short and on long lists.
    Lists,
}

/// The servers to compare with.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum Peer {
    /// Three inserts in a transaction of its own for each request: tonic and sqlx.
    #[command(hide = true)]
    Naive {
        /// The URL of its database.
        #[arg(long)]
        database: String,
        /// A file with the response of `GetTicket`, whose ticket it returns.
        #[arg(long)]
        reply: PathBuf,
    },
    /// The same response to every request: tonic alone.
    #[command(hide = true)]
    Echo {
        /// A file with the response.
        #[arg(long)]
        reply: PathBuf,
    },
}

impl Options {
    /// Whether a part is measured.
    pub(crate) fn wants(&self, part: Part) -> bool {
        self.only.is_empty() || self.only.contains(&part)
    }

    /// The length of a window.
    pub(crate) fn window(&self) -> Duration {
        Duration::from_secs(self.seconds.unwrap_or(if self.short { 3 } else { 10 }))
    }

    /// The number of tickets on the long lists.
    pub(crate) fn list_tickets(&self) -> u32 {
        self.list_tickets.unwrap_or(if self.short { 200_000 } else { 1_000_000 })
    }
}

/// The path of a program as it is found from any folder, because each server runs in a folder of its own.
fn absolute(path: &str) -> Result<PathBuf, String> {
    std::fs::canonicalize(path).map_err(|error| error.to_string())
}
