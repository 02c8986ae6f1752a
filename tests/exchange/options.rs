//! The options of the suite.

use clap::Parser;

use crate::support::server::Store;
use crate::support::suite::{Selection, at_least_1, number, profile};

/// Calls of a real exchange, with kills.
#[derive(Debug, Clone, Parser)]
pub(crate) struct Options {
    #[command(flatten)]
    pub(crate) tests: Selection,
    /// Calls that are placed.
    #[arg(long, default_value_t = 40, value_parser = at_least_1)]
    pub(crate) calls: u32,
    /// Calls that are placed in a second.
    #[arg(long, default_value_t = 10, value_parser = at_least_1)]
    pub(crate) rate: u32,
    /// How often the server is killed.
    #[arg(long, default_value_t = 1, value_parser = number)]
    pub(crate) server_kills: u64,
    /// How often the middleware is killed.
    #[arg(long, default_value_t = 1, value_parser = number)]
    pub(crate) middleware_kills: u64,
    /// The database of the server.
    #[arg(long, value_enum, default_value_t = Store::Sqlite)]
    pub(crate) store: Store,
}

impl Options {
    /// The command that repeats the run.
    pub(crate) fn repeat(&self) -> String {
        format!(
            "cargo test{} -p hotline-server --test exchange -- --calls {} --rate {} --server-kills {} \
             --middleware-kills {}",
            profile(),
            self.calls,
            self.rate,
            self.server_kills,
            self.middleware_kills
        )
    }
}
