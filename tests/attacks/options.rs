//! The options of the suite.

use clap::{Parser, Subcommand};

use crate::support::suite::{Selection, at_least_1, number};

/// The latency of a good client during a flood, stalled connections or guessed credentials.
#[derive(Debug, Clone, Parser)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Options {
    #[command(flatten)]
    pub(crate) tests: Selection,
    /// Seconds of quiet, and of attack.
    #[arg(long, default_value_t = 2, value_parser = at_least_1)]
    pub(crate) seconds: u32,
    /// The number of rounds on the same server.
    #[arg(long, default_value_t = 1, value_parser = at_least_1)]
    pub(crate) rounds: u32,
    /// Calls that are cancelled in `cancels`.
    #[arg(long, default_value_t = 100_000, value_parser = number)]
    pub(crate) calls: u64,
    /// The processor of the attacker, if the other processes are kept from it.
    #[arg(long)]
    pub(crate) attacker_cpu: Option<u32>,
    /// Uses the limits of the published figures, and runs the slow attacks too.
    #[arg(long)]
    pub(crate) strict: bool,
    #[command(subcommand)]
    pub(crate) role: Option<Role>,
}

/// The role of this process, if it is not the suite.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum Role {
    /// The attacker, a process that the suite starts.
    #[command(hide = true)]
    Attacker {
        /// The attack.
        name: String,
        /// The server's address.
        address: String,
        /// A dispatcher's token.
        #[arg(allow_hyphen_values = true)]
        token: String,
        /// Its duration.
        seconds: u64,
    },
}
