//! The metrics of seats and their queue. Each is of the whole database: several servers on one database show the same.

use super::Metric;

/// Calls that wait for a seat.
pub const QUEUE_CALLS: &str = "hotline_queue_calls";
/// How long the first of them has waited, in seconds.
pub const QUEUE_LONGEST_WAIT: &str = "hotline_queue_longest_wait_seconds";
/// Seats where an agent is signed in.
pub const SEATS_SIGNED_IN: &str = "hotline_seats_signed_in";
/// Companies that are to be called back.
pub const CALL_BACKS_OPEN: &str = "hotline_call_backs_open";

/// All of them, for the table of all metrics.
pub(super) const METRICS: [Metric; 4] = [
    Metric::gauge(QUEUE_CALLS, &[], "Calls that wait for a seat, in the whole database."),
    Metric::gauge(QUEUE_LONGEST_WAIT, &[], "How long the first call of the queue has waited, in seconds."),
    Metric::gauge(SEATS_SIGNED_IN, &[], "Seats where an agent is signed in, without those for training."),
    Metric::gauge(CALL_BACKS_OPEN, &[], "Companies that are still to be called back."),
];
