//! The metrics: every metric with its name and meaning, in one place.
//!
//! A label names a rung of the ladder and nothing else: never a ticket, a person or a company. Events are counted after
//! their commit. Without a listener (`metrics.listen` is empty) nothing is recorded.

pub mod listener;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

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

/// The label that names a rung.
pub const RUNG: &str = "rung";

/// The buckets of the lateness, in seconds: a tick, an outage of the database, of a server, of a day.
pub const LATENESS_BUCKETS: [f64; 12] =
    [0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 3_600.0, 86_400.0];

/// The type of a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It only rises.
    Counter,
    /// It rises and falls.
    Gauge,
    /// It counts observations by bucket.
    Histogram,
}

/// A metric.
#[derive(Debug, Clone, Copy)]
pub struct Metric {
    /// Its name, as the collector sees it.
    pub name: &'static str,
    /// Its type.
    pub kind: Kind,
    /// Its label, if it has one.
    pub label: Option<&'static str>,
    /// What it means.
    pub help: &'static str,
}

/// Every metric.
pub const METRICS: [Metric; 17] = [
    Metric {
        name: TIMER_LATENESS,
        kind: Kind::Histogram,
        label: Some(RUNG),
        help: "How long after its due instant a rung of the supervision ladder was fired and committed, in seconds.",
    },
    Metric {
        name: RUNGS_FIRED,
        kind: Kind::Counter,
        label: Some(RUNG),
        help: "Rungs that this server fired by itself.",
    },
    Metric {
        name: RUNGS_PASSED,
        kind: Kind::Counter,
        label: Some(RUNG),
        help: "Rungs that this server recorded as passed, because a higher one was due as well.",
    },
    Metric {
        name: TIMERS_DEFERRED,
        kind: Kind::Counter,
        label: None,
        help: "Times that this server put a ticket aside because its rung could not be fired.",
    },
    Metric {
        name: TIMERS_RESTORED,
        kind: Kind::Counter,
        label: None,
        help: "Timers of open tickets that were missing in the database and that this server restored.",
    },
    Metric {
        name: SOURCES_REFUSED,
        kind: Kind::Counter,
        label: None,
        help: "Creates that this server refused and recorded because their source belongs to another request.",
    },
    Metric {
        name: TEXTS_REFUSED,
        kind: Kind::Counter,
        label: None,
        help: "Texts of staff that this server refused and recorded because they hold the caller's own data.",
    },
    Metric {
        name: CONNECTIONS_BROKEN,
        kind: Kind::Counter,
        label: None,
        help: "Connections that this server ended because what was sent on them broke HTTP/2's rules or a limit.",
    },
    Metric {
        name: SELF_CHECKS,
        kind: Kind::Counter,
        label: None,
        help: "Acknowledged changes that this server has read back on another connection.",
    },
    Metric {
        name: SELF_CHECK_MISMATCHES,
        kind: Kind::Counter,
        label: None,
        help: "Acknowledged changes that another connection could not read. Alarm on anything above 0: data is being lost.",
    },
    Metric {
        name: SLOW_READERS_ENDED,
        kind: Kind::Counter,
        label: None,
        help: "Connections that this server ended because the peer did not read a response in time.",
    },
    Metric {
        name: CONNECTIONS_EVICTED,
        kind: Kind::Counter,
        label: None,
        help: "Connections without a successful call that this server ended because the connection limit was reached.",
    },
    Metric {
        name: RESPONSES_REFUSED,
        kind: Kind::Counter,
        label: None,
        help: "Calls and streams that this server refused because too many bytes of responses waited to be sent.",
    },
    Metric {
        name: UNSENT_BYTES,
        kind: Kind::Gauge,
        label: None,
        help: "Bytes of responses that wait to be sent.",
    },
    Metric {
        name: TLS_CERTIFICATE_DAYS,
        kind: Kind::Gauge,
        label: None,
        help: "Days until the first certificate of tls.certificate expires; negative when it has.",
    },
    Metric {
        name: TLS_CLIENT_CA_DAYS,
        kind: Kind::Gauge,
        label: None,
        help: "Days until the first authority of tls.client_ca expires; negative when it has.",
    },
    Metric {
        name: TLS_CLIENT_CRL_DAYS,
        kind: Kind::Gauge,
        label: None,
        help: "Days until the first list of tls.client_crl is out of date; negative when it is, which keeps holding.",
    },
];

/// Installs the recorder of metrics for the whole process. Returns the handle that renders them.
///
/// # Errors
/// If a recorder is installed already.
pub fn install_recorder() -> Result<PrometheusHandle, String> {
    let builder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Full(TIMER_LATENESS.to_owned()), &LATENESS_BUCKETS);
    let recorder = builder.map_err(|error| error.to_string())?.build_recorder();
    let handle = recorder.handle();
    ::metrics::set_global_recorder(recorder).map_err(|error| error.to_string())?;
    for metric in METRICS {
        match metric.kind {
            Kind::Counter => {
                ::metrics::describe_counter!(metric.name, metric.help);
                if metric.label.is_none() {
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
