//! `hotline analysis`: what companies ask, and what becomes of it, in counts. For supervisors and analysts.

mod clusters;
pub(crate) mod rates;
pub(crate) mod selection;
mod tickets;

pub(crate) use tickets::{Counted, Question, counted};

use crate::verbs::verbs;

verbs! {
    /// Counts the tickets that came in on some days, in groups.
    Tickets = tickets::Tickets, calls "AnalyseTickets";
    /// Finds what companies asked about the same cause on at most 92 days, the largest growth first.
    Clusters = clusters::Clusters, calls "FindClusters";
}
