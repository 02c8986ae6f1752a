//! The metrics of calls, by method. The names and labels are those of gRPC proposal A66, as Prometheus writes them.
//!
//! A path that no service has is counted as `other`, so that callers cannot make up labels. The handles of each method
//! are kept, so that a call costs no look-up in the recorder.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use hotline_proto::METHODS;
use metrics::{Counter, Gauge, Histogram, counter, gauge, histogram};
use tonic::Code;

use super::outcome::Ended;
use crate::platform::metrics::{
    CALL_DURATION, CALLS_IN_FLIGHT, CALLS_REFUSED, CALLS_STARTED, GRPC_METHOD, GRPC_STATUS, REASON,
};

/// The methods outside of the contract that a server has.
const STANDARD_METHODS: [&str; 4] = [
    "/grpc.health.v1.Health/Check",
    "/grpc.health.v1.Health/Watch",
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
];
/// The label of every other method; A66 names it.
const OTHER: &str = "other";

/// The names of the status codes, by number.
const CODES: [&str; 17] = [
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
];

/// The name of a status code, as the gRPC specification writes it.
pub(super) const fn code_name(code: Code) -> &'static str {
    CODES[code as usize]
}

/// The metrics of every method.
#[derive(Debug)]
pub(super) struct CallMetrics {
    by_path: HashMap<&'static str, Arc<MethodMetrics>>,
    other: Arc<MethodMetrics>,
}

impl CallMetrics {
    /// Counts with the recorder that is installed now. Every method is shown as 0, so that its first call is a change.
    pub(super) fn new() -> Self {
        let paths = METHODS.iter().map(|row| row.path).chain(STANDARD_METHODS);
        let metrics = |path: &'static str| Arc::new(MethodMetrics::new(path.trim_start_matches('/')));
        Self { by_path: paths.map(|path| (path, metrics(path))).collect(), other: metrics(OTHER) }
    }

    /// The metrics of the method with this path; those of `other` if no service has it.
    pub(super) fn method(&self, path: &str) -> Arc<MethodMetrics> {
        Arc::clone(self.by_path.get(path).unwrap_or(&self.other))
    }
}

/// The metrics of a method.
pub(super) struct MethodMetrics {
    name: &'static str,
    started: Counter,
    in_flight: Gauge,
    /// By status code; made when a call first ends with it, because most methods never end with most codes.
    durations: [OnceLock<Histogram>; CODES.len()],
}

impl std::fmt::Debug for MethodMetrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MethodMetrics").field("name", &self.name).finish_non_exhaustive()
    }
}

impl MethodMetrics {
    fn new(name: &'static str) -> Self {
        let started = counter!(CALLS_STARTED, GRPC_METHOD => name);
        started.increment(0);
        let in_flight = gauge!(CALLS_IN_FLIGHT);
        in_flight.increment(0.0);
        Self { name, started, in_flight, durations: std::array::from_fn(|_| OnceLock::new()) }
    }

    /// The method's name, with its package and service.
    pub(super) const fn name(&self) -> &'static str {
        self.name
    }

    /// Counts a call that starts.
    pub(super) fn start(&self) {
        self.started.increment(1);
        self.in_flight.increment(1.0);
    }

    /// Counts the end of a call.
    pub(super) fn end(&self, ended: Ended, elapsed: Duration) {
        self.in_flight.decrement(1.0);
        let status = code_name(ended.code);
        let duration = self.durations[ended.code as usize]
            .get_or_init(|| histogram!(CALL_DURATION, GRPC_METHOD => self.name, GRPC_STATUS => status));
        duration.record(elapsed);
        if let Some(reason) = ended.reason {
            counter!(CALLS_REFUSED, GRPC_METHOD => self.name, REASON => reason).increment(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use metrics_exporter_prometheus::PrometheusBuilder;

    use super::*;

    #[test]
    fn every_status_code_has_its_name() {
        for (number, name) in CODES.iter().enumerate() {
            let code = Code::from_bytes(number.to_string().as_bytes());
            assert_eq!(code_name(code), *name);
            let debug: String = name.split('_').map(str::to_lowercase).collect();
            assert_eq!(format!("{code:?}").to_lowercase(), debug);
        }
    }

    #[test]
    fn invented_methods_share_one_label() {
        let recorder = PrometheusBuilder::new().build_recorder();
        let page = recorder.handle();
        metrics::with_local_recorder(&recorder, || {
            let metrics = CallMetrics::new();
            for number in 0..1_000 {
                for path in [format!("/hotline.v1.TicketService/Get{number}"), format!("/a\"b\n{number}")] {
                    let method = metrics.method(&path);
                    method.start();
                    let reason = Some("METHOD_UNKNOWN");
                    method.end(Ended { code: Code::Unimplemented, reason }, Duration::from_millis(3));
                }
            }
            let known = metrics.method("/hotline.v1.TicketService/GetTicket");
            known.start();
        });
        let page = page.render();
        for line in [
            "grpc_server_call_started_total{grpc_method=\"other\"} 2000",
            "hotline_calls_refused_total{grpc_method=\"other\",reason=\"METHOD_UNKNOWN\"} 2000",
            "grpc_server_call_started_total{grpc_method=\"hotline.v1.TicketService/GetTicket\"} 1",
            "hotline_calls_in_flight 1",
        ] {
            assert!(page.lines().any(|shown| shown == line), "no {line} in\n{page}");
        }
        let started = page.lines().filter(|line| line.starts_with(CALLS_STARTED)).count();
        assert_eq!(started, METHODS.len() + STANDARD_METHODS.len() + 1);
    }
}
