//! What is counted for a collector: every metric with its name and meaning, in one place.
//!
//! Calls and connections to the database have the names that other gRPC services give them (docs/adr/0041). Labels
//! have few values that the code or the contract lists, and never name a ticket, a unit, a person or a company.
//! Changes are counted after their commit. Without `metrics.listen` there is no recorder, and nothing is counted.

mod labels;
pub mod listener;
mod metric;
mod names;

pub use labels::{FOLLOWER, GRPC_METHOD, GRPC_STATUS, OUTCOME, POOL, POOL_STATE, REASON, RUNG};
pub use metric::{Kind, Metric};
pub use names::*;

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

/// The buckets of the lateness, in seconds: a tick, an outage of the database, of a server, of a day.
pub const LATENESS_BUCKETS: [f64; 12] =
    [0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 3_600.0, 86_400.0];

/// The bounds of the durations of calls, in seconds; each is one of those that gRPC proposal A66 recommends.
pub const CALL_BUCKETS: [f64; 15] =
    [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0];

/// The bounds of the wait for a connection to the database, in seconds.
pub const WAIT_BUCKETS: [f64; 9] = [0.0001, 0.001, 0.005, 0.025, 0.1, 0.5, 1.0, 2.5, 5.0];

/// Every metric.
pub const METRICS: &[Metric] = &[
    Metric::counter(CALLS_STARTED, &[GRPC_METHOD], "Calls that this server started to handle."),
    Metric::histogram(
        CALL_DURATION,
        &[GRPC_METHOD, GRPC_STATUS],
        "How long calls took, from their headers to the end of their response, in seconds.",
    ),
    Metric::counter(
        CALLS_REFUSED,
        &[GRPC_METHOD, REASON],
        "Calls that ended with an error, by its reason of the contract.",
    ),
    Metric::gauge(CALLS_IN_FLIGHT, &[], "Calls that have started and not ended, with open streams."),
    Metric::counter(
        CALLS_SHED,
        &[],
        "Calls that this server refused because `limits.calls_max` calls were in flight.",
    ),
    Metric::gauge(POOL_CONNECTIONS, &[POOL, POOL_STATE], "Open connections to the database, used and idle."),
    Metric::gauge(POOL_CONNECTIONS_MAX, &[POOL], "The most connections that a pool may open."),
    Metric::histogram(
        POOL_WAIT,
        &[],
        "How long a transaction waited for its connection to the database, in seconds.",
    ),
    Metric::counter(POOL_TIMEOUTS, &[], "Transactions that got no connection to the database in time."),
    Metric::gauge(
        CONNECTIONS_OPEN,
        &[],
        "Open connections of clients, with those whose TLS handshake is in progress.",
    ),
    Metric::gauge(HANDSHAKES, &[], "TLS handshakes in progress."),
    Metric::gauge(
        TIMERS_DUE,
        &[],
        "Timers that are due and not fired, in the whole database; counted up to 10,000.",
    ),
    Metric::gauge(
        HEADS_PENDING,
        &[],
        "Heads of audit chains that no checkpoint covers, in the whole database; counted up to 10,000.",
    ),
    Metric::gauge(
        NOTICES_PENDING,
        &[],
        "Notices that no digest contains, in the whole database; counted up to 10,000.",
    ),
    Metric::gauge(SELF_CHECKS_PENDING, &[], "Acknowledged changes that wait for the self-check, at most 64."),
    Metric::gauge(
        SELF_CHECK_OK,
        &[],
        "1 as long as the self-check has read every change that it checked; 0 after a mismatch.",
    ),
    Metric::gauge(
        FEED_LAG_MS,
        &[],
        "How long the oldest event has waited for its position in the feed, in milliseconds. Alarm above 10,000.",
    ),
    Metric::gauge(
        TICKETS_SET_ASIDE,
        &[FOLLOWER],
        "Tickets with a damaged row, which a follower of the feed goes on without. Alarm above 0.",
    ),
    Metric::gauge(
        ASSESSMENT_ENTRIES_BEHIND,
        &[],
        "Entries of the feed that are not counted for the assessment yet. Scores are that much behind.",
    ),
    Metric::gauge(
        SEARCH_ENTRIES_BEHIND,
        &[],
        "Entries of the feed that are not indexed for search yet. Searches scan them; above 5,000 tickets they refuse.",
    ),
    Metric::gauge(
        MESSAGES_WAITING,
        &[],
        "Messages to companies that wait in the outbox, in the whole database.",
    ),
    Metric::counter(MESSAGES_SENT, &[], "Messages to companies that the gateway accepted from this server."),
    Metric::counter(
        MESSAGES_FAILED,
        &[REASON],
        "Messages to companies that are not sent again: no_address, refused, unanswered or accused.",
    ),
    Metric::counter(ATTACHMENTS_ADDED, &[], "Attachments that were added to tickets."),
    Metric::counter(
        ATTACHMENTS_SCANNED,
        &[OUTCOME],
        "Scans of attachments: `clean`, `refused`, or `failed`, which are tried again.",
    ),
    Metric::gauge(ATTACHMENTS_WAITING, &[], "Attachments that wait for a scan, if one is configured."),
    Metric::counter(
        ATTACHMENT_ORPHANS_REMOVED,
        &[],
        "Files without a row that were removed from the folder or the bucket of attachments.",
    ),
    Metric::counter(
        ATTACHMENT_STORE_FAILURES,
        &[],
        "Requests to the object store of attachments that failed after their retries. Alarm if it grows.",
    ),
    Metric::gauge(
        ATTACHMENTS_MISSING,
        &[],
        "Attachments whose files were missing at the last search. Alarm above 0.",
    ),
    Metric::gauge(WATCH_STREAMS, &[], "Open streams of WatchTickets and WatchSeats."),
    Metric::counter(
        SLOW_STREAMS_CLOSED,
        &[],
        "Streams of WatchTickets and WatchSeats that this server closed because they were read too slowly.",
    ),
    Metric::counter(
        UNREADABLE_ENTRIES,
        &[],
        "Entries of the feed that this server could not read. Alarm on anything above 0: their readers get a gap.",
    ),
    Metric::gauge(QUEUE_CALLS, &[], "Calls that wait for a seat, in the whole database."),
    Metric::gauge(
        QUEUE_LONGEST_WAIT_MS,
        &[],
        "How long the first call of the queue has waited, in milliseconds.",
    ),
    Metric::gauge(SEATS_SIGNED_IN, &[], "Seats where an agent is signed in, without those for training."),
    Metric::gauge(CALL_BACKS_OPEN, &[], "Companies that are still to be called back."),
    Metric::gauge(HEALTH_SERVING, &[], "1 while health says SERVING, otherwise 0."),
    Metric::histogram(
        TIMER_LATENESS,
        &[RUNG],
        "How long after its due instant a rung of the supervision ladder was fired and committed, in seconds.",
    ),
    Metric::counter(RUNGS_FIRED, &[RUNG], "Rungs that this server fired by itself."),
    Metric::counter(
        RUNGS_PASSED,
        &[RUNG],
        "Rungs that this server recorded as passed, because a higher one was due as well.",
    ),
    Metric::counter(
        TIMERS_DEFERRED,
        &[],
        "Times that this server put a ticket aside because its rung could not be fired.",
    ),
    Metric::counter(
        TIMERS_RESTORED,
        &[],
        "Timers of open tickets that were missing in the database and that this server restored.",
    ),
    Metric::counter(
        SOURCES_REFUSED,
        &[],
        "Creates that this server refused and recorded because their source belongs to another request.",
    ),
    Metric::counter(
        TEXTS_REFUSED,
        &[],
        "Texts of staff that this server refused and recorded because they hold the caller's own data.",
    ),
    Metric::counter(KNOWLEDGE_GAPS, &[], "Answers given by this server that left a question open."),
    Metric::counter(
        FREE_CITATIONS,
        &[],
        "Citations in answers given by this server of articles that the knowledge base does not hold.",
    ),
    Metric::counter(
        CONNECTIONS_BROKEN,
        &[],
        "Connections that this server ended because what was sent on them broke HTTP/2's rules or a limit.",
    ),
    Metric::counter(
        SELF_CHECKS,
        &[],
        "Acknowledged changes that this server has read back on another connection.",
    ),
    Metric::counter(
        SELF_CHECK_MISMATCHES,
        &[],
        "Acknowledged changes that another connection could not read. Alarm on anything above 0: data is being lost.",
    ),
    Metric::counter(
        SLOW_READERS_ENDED,
        &[],
        "Connections that this server ended because the peer did not read a response in time.",
    ),
    Metric::counter(
        CONNECTIONS_EVICTED,
        &[],
        "Connections without a successful call that this server ended because the connection limit was reached.",
    ),
    Metric::counter(
        RESPONSES_REFUSED,
        &[],
        "Calls and streams that this server refused because too many bytes of responses waited to be sent.",
    ),
    Metric::gauge(UNSENT_BYTES, &[], "Bytes of responses that wait to be sent."),
    Metric::gauge(
        TLS_CERTIFICATE_DAYS,
        &[],
        "Days until the first certificate of tls.certificate expires; negative when it has.",
    ),
    Metric::gauge(
        TLS_CLIENT_CA_DAYS,
        &[],
        "Days until the first authority of tls.client_ca expires; negative when it has.",
    ),
    Metric::gauge(
        TLS_CLIENT_CRL_DAYS,
        &[],
        "Days until the first list of tls.client_crl is out of date; negative when it is, which keeps holding.",
    ),
];

/// A recorder's builder with the buckets of each histogram.
fn builder() -> Result<PrometheusBuilder, BuildError> {
    let mut builder = PrometheusBuilder::new();
    for (name, buckets) in
        [(TIMER_LATENESS, &LATENESS_BUCKETS[..]), (CALL_DURATION, &CALL_BUCKETS), (POOL_WAIT, &WAIT_BUCKETS)]
    {
        builder = builder.set_buckets_for_metric(Matcher::Full(name.to_owned()), buckets)?;
    }
    Ok(builder)
}

/// Installs the recorder of metrics for the whole process. Returns the handle that renders them.
///
/// # Errors
/// If a recorder is installed already.
pub fn install_recorder() -> Result<PrometheusHandle, String> {
    let recorder = builder().map_err(|error| error.to_string())?.build_recorder();
    let handle = recorder.handle();
    ::metrics::set_global_recorder(recorder).map_err(|error| error.to_string())?;
    for metric in METRICS {
        match metric.kind {
            Kind::Counter => {
                ::metrics::describe_counter!(metric.name, metric.help);
                if metric.labels.is_empty() {
                    // Exported as 0 from the start, so that the first event is visible as a change.
                    ::metrics::counter!(metric.name).increment(0);
                }
            }
            // Exported only after it is set: without TLS nothing expires.
            Kind::Gauge => ::metrics::describe_gauge!(metric.name, metric.help),
            Kind::Histogram => ::metrics::describe_histogram!(metric.name, metric.help),
        }
    }
    Ok(handle)
}
