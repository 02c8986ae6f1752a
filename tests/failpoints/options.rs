//! The flags: which cells of the matrix run.

use clap::Parser;

use crate::support::server::Store;

/// Injects faults at named places of a real server and checks what it acknowledged.
#[derive(Debug, Clone, Parser)]
pub(crate) struct Options {
    /// Every place with every kind of fault on both databases, instead of one cell a place.
    #[arg(long)]
    pub(crate) matrix: bool,
    /// Only places whose name holds this.
    #[arg(long)]
    pub(crate) place: Option<String>,
    /// Only this kind of fault: error, delay, abort, full, io.
    #[arg(long)]
    pub(crate) kind: Option<String>,
    /// Only this database: sqlite or postgres.
    #[arg(long, value_parser = store_of)]
    pub(crate) database: Option<Store>,
    /// Decides when a fault is injected, and how the server ends after it.
    #[arg(long, default_value_t = 20_261_129)]
    pub(crate) seed: u64,
    /// Cells at once.
    #[arg(long, default_value_t = 2)]
    pub(crate) at_once: usize,
    /// Names, or parts of names, of the tests to run; all where there are none.
    pub(crate) filters: Vec<String>,
    /// Lists the tests and runs none.
    #[arg(long)]
    pub(crate) list: bool,
    /// Taken from cargo and nextest: a filter is a whole name.
    #[arg(long)]
    pub(crate) exact: bool,
    /// Taken from cargo and nextest, without effect.
    #[arg(long, hide = true)]
    pub(crate) format: Option<String>,
}

impl Options {
    /// Whether a test is among those to run.
    pub(crate) fn wants(&self, name: &str) -> bool {
        let fits = |filter: &String| if self.exact { filter == name } else { name.contains(filter.as_str()) };
        self.filters.is_empty() || self.filters.iter().any(fits)
    }
}

fn store_of(name: &str) -> Result<Store, String> {
    match name {
        "sqlite" => Ok(Store::Sqlite),
        "postgres" => Ok(Store::Postgres),
        other => Err(format!("{other} is neither sqlite nor postgres")),
    }
}
