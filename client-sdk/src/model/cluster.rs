//! Clusters of tickets that seem to have the same cause.

use crate::convert::record;

record! {
    /// The clusters of a period.
    #[derive(Debug, Clone, PartialEq)]
    #[non_exhaustive]
    FoundClusters = FindClustersResponse {
        /// The clusters, the largest growth first.
        clusters: Vec<TicketCluster>,
        /// All tickets of the period and the filter.
        tickets: i64,
        /// Every how many-th ticket was compared; 1 for all. The counts of the clusters are those of what was compared.
        sample_step: i64,
        /// The entries of the feed that are not counted yet.
        entries_behind: i64,
    }
}

record! {
    /// Tickets that seem to have the same cause.
    #[derive(Debug, Clone, PartialEq)]
    #[non_exhaustive]
    TicketCluster = TicketCluster {
        /// Its tickets in the period.
        tickets: i64,
        /// Its tickets in the period before, which is as long.
        tickets_period_before: i64,
        /// The growth against the period before, in standard deviations. Small numbers do not win.
        growth: f64,
        /// Parts that most of its first texts have, the longest first, in lower case.
        shared_texts: Vec<String>,
        /// The districts with the most tickets, at most 5.
        districts: Vec<ValueCount>,
        /// The topics with the most tickets, at most 5.
        topics: Vec<ValueCount>,
        /// The first tickets of the period, at most 100.
        ticket_numbers: Vec<String>,
    }
}

record! {
    /// How many tickets have a value.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    ValueCount = ValueCount {
        /// The value.
        value: String,
        /// The tickets.
        tickets: i64,
    }
}
