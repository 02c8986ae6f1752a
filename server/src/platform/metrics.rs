//! What is counted for a collector: every metric with its name and meaning, in one place.
//!
//! Calls and connections to the database have the names that other gRPC services give them (docs/adr/0041). Labels
//! have few values that the code or the contract lists, and never name a ticket, a unit, a person or a company.
//! Changes are counted after their commit. Without `metrics.listen` there is no recorder, and nothing is counted.

mod labels;
pub mod listener;
mod metric;

pub use labels::{GRPC_METHOD, GRPC_STATUS, POOL, POOL_STATE, REASON, RUNG};
pub use metric::{Kind, Metric};

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

/// How long after its due instant a rung fired, in seconds, by rung.
pub const TIMER_LATENESS: &str = "hotline_timer_lateness_seconds";
/// Rungs that the runner fired, by rung.
pub const RUNGS_FIRED: &str = "hotline_rungs_fired_total";
/// Rungs that were passed because a higher one was due too, by rung.
pub const RUNGS_PASSED: &str = "hotline_rungs_passed_total";
/// How often a ticket was deferred because its rung could not be fired.
pub const TIMERS_DEFERRED: &str = "hotline_timers_deferred_total";
/// Timers that were missing and were restored.
pub const TIMERS_RESTORED: &str = "hotline_timers_restored_total";
/// Connections that the server closed for offences.
pub const CONNECTIONS_BROKEN: &str = "hotline_connections_broken_total";
/// Acknowledged changes that were read back on another connection.
pub const SELF_CHECKS: &str = "hotline_self_checks_total";
/// Acknowledged changes that another connection could not read.
pub const SELF_CHECK_MISMATCHES: &str = "hotline_self_check_mismatches_total";
/// Intakes that were refused because their source belongs to another request.
pub const SOURCES_REFUSED: &str = "hotline_sources_refused_total";
/// Texts of staff that were refused because they hold the caller's own data.
pub const TEXTS_REFUSED: &str = "hotline_texts_refused_total";
/// Answers that left a question open.
pub const KNOWLEDGE_GAPS: &str = "hotline_knowledge_gaps_total";
/// Citations of articles that the knowledge base does not hold.
pub const FREE_CITATIONS: &str = "hotline_free_citations_total";

/// Connections that were closed because a response was not read.
pub const SLOW_READERS_ENDED: &str = "hotline_slow_readers_ended_total";
/// Connections without a successful call that were closed for another one.
pub const CONNECTIONS_EVICTED: &str = "hotline_connections_evicted_total";
/// Calls, responses and streams that were refused because too many bytes waited to be sent.
pub const RESPONSES_REFUSED: &str = "hotline_responses_refused_total";
/// Bytes of responses that wait to be sent.
pub const UNSENT_BYTES: &str = "hotline_unsent_bytes";
/// Days until the server's certificate expires.
pub const TLS_CERTIFICATE_DAYS: &str = "hotline_tls_certificate_expires_days";
/// Days until the first of the authorities of clients expires.
pub const TLS_CLIENT_CA_DAYS: &str = "hotline_tls_client_ca_expires_days";
/// Days until the first of the revocation lists expires.
pub const TLS_CLIENT_CRL_DAYS: &str = "hotline_tls_client_crl_expires_days";

/// Calls that this server has started to handle, by method.
pub const CALLS_STARTED: &str = "grpc_server_call_started_total";
/// How long calls took until their response was handed over, in seconds, by method and status.
pub const CALL_DURATION: &str = "grpc_server_call_duration_seconds";
/// Calls that ended with a reason of the contract, by method and reason.
pub const CALLS_REFUSED: &str = "hotline_calls_refused_total";
/// Calls that have started and not ended.
pub const CALLS_IN_FLIGHT: &str = "hotline_calls_in_flight";
/// Calls that were refused because too many were in flight.
pub const CALLS_SHED: &str = "hotline_calls_shed_total";
/// Open connections to the database, by pool and state.
pub const POOL_CONNECTIONS: &str = "db_client_connection_count";
/// The most connections to the database, by pool.
pub const POOL_CONNECTIONS_MAX: &str = "db_client_connection_max";
/// How long a transaction waited for its connection, in seconds.
pub const POOL_WAIT: &str = "db_client_connection_wait_time_seconds";
/// Transactions that did not get a connection in time.
pub const POOL_TIMEOUTS: &str = "db_client_connection_timeouts_total";
/// Open connections of clients.
pub const CONNECTIONS_OPEN: &str = "hotline_connections_open";
/// TLS handshakes in progress.
pub const HANDSHAKES: &str = "hotline_tls_handshakes_in_progress";
/// Timers that are due.
pub const TIMERS_DUE: &str = "hotline_timers_due";
/// Heads of chains that no checkpoint covers.
pub const HEADS_PENDING: &str = "hotline_audit_heads_pending";
/// Notices that no digest contains.
pub const NOTICES_PENDING: &str = "hotline_notices_pending";
/// Acknowledged changes that wait for the self-check.
pub const SELF_CHECKS_PENDING: &str = "hotline_self_checks_pending";
/// Whether the self-check has found no lost change.
pub const SELF_CHECK_OK: &str = "hotline_self_check_ok";
/// Whether health says SERVING.
pub const HEALTH_SERVING: &str = "hotline_health_serving";

/// The age of the oldest event that has no position in the feed.
pub const FEED_LAG_MS: &str = "hotline_feed_lag_ms";
/// Entries of the feed that are not indexed for search.
pub const SEARCH_ENTRIES_BEHIND: &str = "hotline_search_entries_behind";
/// Tickets that a follower of the feed cannot read.
pub const TICKETS_SET_ASIDE: &str = "hotline_tickets_set_aside";
/// Entries of the feed that are not counted for the assessment.
pub const ASSESSMENT_ENTRIES_BEHIND: &str = "hotline_assessment_entries_behind";
/// Messages to companies that wait in the outbox.
pub const MESSAGES_WAITING: &str = "hotline_messages_waiting";
/// Messages to companies that the gateway accepted.
pub const MESSAGES_SENT: &str = "hotline_messages_sent_total";
/// Messages to companies that are not sent again, by reason.
pub const MESSAGES_FAILED: &str = "hotline_messages_failed_total";
/// Open streams of tickets.
pub const WATCH_STREAMS: &str = "hotline_watch_streams";
/// Calls that wait for a seat.
pub const QUEUE_CALLS: &str = "hotline_queue_calls";
/// How long the first of them has waited, in milliseconds.
pub const QUEUE_LONGEST_WAIT_MS: &str = "hotline_queue_longest_wait_ms";
/// Seats where an agent is signed in.
pub const SEATS_SIGNED_IN: &str = "hotline_seats_signed_in";
/// Companies that are to be called back.
pub const CALL_BACKS_OPEN: &str = "hotline_call_backs_open";
/// Streams of tickets that were closed because they were read too slowly.
pub const SLOW_STREAMS_CLOSED: &str = "hotline_slow_streams_closed_total";
/// Entries of the feed that can't be read.
pub const UNREADABLE_ENTRIES: &str = "hotline_feed_unreadable_entries_total";

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
        &["follower"],
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
