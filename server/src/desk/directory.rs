//! The directory: handling units, the topic tree and the dispatch catalogue (派单目录). One file for each method of
//! `DirectoryService`, beside the tables that they read and write; and the start and the progress of transfers of the
//! work of units.

pub mod catalogue;
pub mod duties;
pub mod get_transfer;
pub mod get_unit;
pub mod list_catalogue_entries;
pub mod list_topics;
pub mod list_units;
mod open_issues;
mod open_work;
pub mod preview_deadline;
pub mod put_catalogue_entry;
pub mod put_topic;
pub mod put_unit;
pub mod seed;
pub mod seed_database;
pub mod topics;
pub mod transfer_tickets;
pub mod unit_set;
pub mod units;

use std::sync::Arc;

use crate::access::Permit;
use crate::deadline::RuleBook;
use crate::platform::work::TxFuture;
use crate::platform::{Clock, Store, Work};

pub use unit_set::UnitSet;
pub use units::{Unit, UnitGroup};

/// The dependencies of the directory.
#[derive(Debug, Clone)]
pub struct Directory {
    /// The database.
    pub store: Store,
    /// The clock.
    pub clock: Clock,
    /// The policies and calendars, for previews of deadlines.
    pub rules: RuleBook,
    /// Recalls tickets from units that a change of the tree puts under an accused unit.
    pub recall: Arc<dyn ConflictRecall>,
}

/// Recalls tickets from units that are now under a unit that the ticket accuses. The directory changes the tree of
/// units; the closed loop, a module above it, changes the tickets.
pub trait ConflictRecall: std::fmt::Debug + Send + Sync {
    /// Recalls them in the unit of work that changes the tree; returns how many.
    fn recall_conflicts<'w>(&'w self, work: &'w Work, permit: &'w Permit) -> TxFuture<'w, usize>;
}
