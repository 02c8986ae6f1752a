//! The options of the suite.

use clap::Parser;

use crate::injected_bugs::InjectedBug;
use crate::run::Database;
use crate::support::suite::{SEED, Selection, number, one_of, profile};

/// Concurrent clients on real servers that are killed; each ticket's history must be possible for a single ticket.
#[derive(Debug, Clone, Parser)]
pub(crate) struct Options {
    #[command(flatten)]
    pub(crate) tests: Selection,
    /// Decides the clients' calls and the kills.
    #[arg(long, default_value_t = SEED, value_parser = number)]
    pub(crate) seed: u64,
    /// Histories on each database.
    #[arg(long, default_value_t = 50, value_parser = count)]
    pub(crate) histories: usize,
    /// One database, instead of both.
    #[arg(long, value_parser = |name: &str| one_of(name, &Database::ALL, Database::name))]
    database: Option<Database>,
    /// A bug that the run must find.
    #[arg(long, value_parser = |name: &str| one_of(name, &InjectedBug::ALL, InjectedBug::name))]
    pub(crate) inject_bug: Option<InjectedBug>,
}

fn count(text: &str) -> Result<usize, String> {
    usize::try_from(number(text)?).map_err(|error| error.to_string())
}

impl Options {
    /// Whether a test is among those to run.
    pub(crate) fn wants(&self, name: &str) -> bool {
        // A selected database or bug runs alone.
        let is_left_out = match Database::ALL.into_iter().find(|database| database.name() == name) {
            Some(database) => self.database.is_some_and(|wanted| wanted != database),
            None => self.database.is_some() || self.inject_bug.is_some(),
        };
        self.tests.wants(name) && !is_left_out
    }

    /// The command that runs the histories of a database again.
    pub(crate) fn repeat(&self, database: Database) -> String {
        let bug = self.inject_bug.map(|bug| format!(" --inject-bug {}", bug.name())).unwrap_or_default();
        format!(
            "cargo test{} -p hotline-server --test linearizability -- --database {} --seed {} --histories {}{bug}",
            profile(),
            database.name(),
            self.seed,
            self.histories
        )
    }
}
