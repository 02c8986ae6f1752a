//! The names of all metrics.

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
/// Attachments that were added.
pub const ATTACHMENTS_ADDED: &str = "hotline_attachments_added_total";
/// Scans of attachments, by outcome.
pub const ATTACHMENTS_SCANNED: &str = "hotline_attachments_scanned_total";
/// Attachments that wait for a scan.
pub const ATTACHMENTS_WAITING: &str = "hotline_attachments_waiting";
/// Files without a row that were removed.
pub const ATTACHMENT_ORPHANS_REMOVED: &str = "hotline_attachment_orphans_removed_total";
/// Requests to the object store of attachments that failed.
pub const ATTACHMENT_STORE_FAILURES: &str = "hotline_attachment_store_failures_total";
/// Attachments whose files are missing.
pub const ATTACHMENTS_MISSING: &str = "hotline_attachments_missing";
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
