//! The options of the suite: which cells of the matrix run.

use clap::Parser;

use crate::support::server::Store;
use crate::support::suite::Selection;

/// Injects faults at named places of a real server and checks what it acknowledged.
#[derive(Debug, Clone, Parser)]
pub(crate) struct Options {
    #[command(flatten)]
    pub(crate) tests: Selection,
    /// Every failpoint with every kind of fault on both databases, instead of one cell per failpoint.
    #[arg(long)]
    pub(crate) matrix: bool,
    /// Only failpoints whose name contains this.
    #[arg(long)]
    pub(crate) failpoint: Option<String>,
    /// Only this kind of fault: error, delay, abort, full, io.
    #[arg(long)]
    pub(crate) kind: Option<String>,
    /// Only this database: sqlite or postgres.
    #[arg(long)]
    pub(crate) database: Option<Store>,
    /// Decides when a fault is injected, and how the server ends after it.
    #[arg(long, default_value_t = 20_261_129)]
    pub(crate) seed: u64,
    /// Cells that run at the same time.
    #[arg(long, default_value_t = 2)]
    pub(crate) concurrency: usize,
}
