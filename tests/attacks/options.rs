//! The options of the suite.

use clap::{Parser, Subcommand};

use crate::support::suite::{Selection, at_least_1, number};

/// What a good client feels while somebody floods, stalls or guesses beside it.
#[derive(Debug, Clone, Parser)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Options {
    #[command(flatten)]
    pub(crate) tests: Selection,
    /// Seconds of quiet, and of attack.
    #[arg(long, default_value_t = 2, value_parser = at_least_1)]
    pub(crate) seconds: u32,
    /// How often in turn, on the same server.
    #[arg(long, default_value_t = 1, value_parser = at_least_1)]
    pub(crate) rounds: u32,
    /// Calls that are given up in `cancels`.
    #[arg(long, default_value_t = 100_000, value_parser = number)]
    pub(crate) calls: u64,
    /// The processor that the attacker has for itself, if the others are kept from it.
    #[arg(long)]
    pub(crate) attacker_cpu: Option<u32>,
    /// The bounds are those of the figures, and what takes long runs too.
    #[arg(long)]
    pub(crate) strict: bool,
    #[command(subcommand)]
    pub(crate) role: Option<Role>,
}

/// What this process is, if not the suite.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum Role {
    /// The attacker, which the suite starts as a process of its own.
    #[command(hide = true)]
    Attacker {
        /// The attack.
        name: String,
        /// The server's address.
        address: String,
        /// A dispatcher's token.
        #[arg(allow_hyphen_values = true)]
        token: String,
        /// For so many seconds.
        seconds: u64,
    },
}
