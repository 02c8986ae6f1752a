//! The analysis: what companies ask, and what becomes of it.
//!
//! One row for each ticket follows the feed beside the facts of the assessment, in the same transaction. Counts are
//! sums over these rows, so they are exact, and each of them can be reached ticket by ticket.

pub mod analyse_tickets;
pub mod analysed_ticket;
pub mod answer_policy_issue;
pub mod cluster;
pub mod days;
pub mod dimension;
pub mod export_tickets;
pub mod filter;
pub mod find_clusters;
pub mod growth;
pub mod handling_time;
pub mod list_policy_issues;
pub mod policy_issue;
mod policy_issue_rows;
pub mod send_policy_issue;
pub mod ticket_counts;

mod rows;

pub use analysed_ticket::AnalysedTicket;
pub use days::{AnalysisInstant, Days};
pub use dimension::{Dimension, Value};
pub use filter::AnalysisFilter;
pub use policy_issue::{PolicyIssue, PolicyIssueAnswer, PolicyIssueFilter, PolicyIssueOutcome};
pub use ticket_counts::TicketCounts;

pub(super) use rows::{altered, derived, put};

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::platform::{Clock, Store};

/// Answers questions about all tickets.
#[derive(Debug, Clone)]
pub struct Analysis {
    /// The database.
    pub store: Store,
    /// The clock.
    pub clock: Clock,
    /// The turn of the request that groups texts. One at a time does on a server, because it takes memory and time.
    clusters_turn: Arc<Semaphore>,
}

impl Analysis {
    /// The analysis of a database.
    #[must_use]
    pub fn new(store: Store, clock: Clock) -> Self {
        Self { store, clock, clusters_turn: Arc::new(Semaphore::new(1)) }
    }
}
