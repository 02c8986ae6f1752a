//! One observed call, from its headers to the end of its response.

use std::sync::Arc;
use std::time::Instant;

use http::Request;
use tonic::Code;
use tonic::body::Body;
use tracing::Span;
use tracing::field::Empty;

use super::call_metrics::{CallMetrics, MethodMetrics, code_name};
use super::outcome::{CallOutcome, Ended};
use super::trace_context::TraceContext;

/// A call in flight. If it is dropped before its end, the caller has cancelled it.
#[derive(Debug)]
pub(super) struct Call {
    span: Span,
    method: Arc<MethodMetrics>,
    began_at: Instant,
    outcome: Arc<CallOutcome>,
    is_over: bool,
}

impl Call {
    /// Begins to observe a call.
    pub(super) fn begin(metrics: &CallMetrics, request: &Request<Body>) -> Self {
        let method = metrics.method(request.uri().path());
        method.start();
        let trace = TraceContext::of(request.headers());
        // The level of the span is `error`, so that also a filter that shows only errors shows to which call they
        // belong.
        let span = tracing::error_span!(
            "call",
            method = method.name(),
            principal = Empty,
            ticket = Empty,
            code = Empty,
            elapsed_ms = Empty,
            trace_id = trace.map(|trace| trace.trace_id),
            parent_span_id = trace.map(|trace| trace.parent_span_id),
        );
        let outcome = Arc::new(CallOutcome::default());
        Self { span, method, began_at: Instant::now(), outcome, is_over: false }
    }

    /// The span of the call.
    pub(super) const fn span(&self) -> &Span {
        &self.span
    }

    /// Where layers inside note how the call ended.
    pub(super) const fn outcome(&self) -> &Arc<CallOutcome> {
        &self.outcome
    }

    /// Notes the end of the call, the first time.
    pub(super) fn end(&mut self, ended: Ended) {
        if self.is_over {
            return;
        }
        self.is_over = true;
        let elapsed = self.began_at.elapsed();
        self.method.end(ended, elapsed);
        // Nothing but this line shows the code and the time, and to write them costs more than to count them.
        if self.span.is_disabled() || !tracing::enabled!(tracing::Level::DEBUG) {
            return;
        }
        self.span.record("code", code_name(ended.code));
        self.span.record("elapsed_ms", elapsed.as_secs_f64() * 1_000.0);
        self.span.in_scope(|| tracing::debug!(reason = ended.reason, "call finished"));
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        // A body of gRPC-Web may be dropped after its last byte without being asked for more.
        let ended = self.outcome.get().unwrap_or(Ended::with(Code::Cancelled));
        self.end(ended);
    }
}
