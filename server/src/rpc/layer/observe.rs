//! Observes each call with one span and the metrics of calls.
//!
//! The span has the method, the principal, the ticket, the status code, the time and the caller's trace context. Every
//! log line of the call has these fields. The end of a call is logged at level `debug`: errors of the server are
//! logged by `rpc/status.rs`, and a line for each call would let callers fill the disk.
//!
//! This is the outermost layer, so that it counts the refusals of every other layer. It never reads a message.

mod body;
mod call;
mod call_metrics;
mod outcome;
mod trace_context;

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Method, Request, Response};
use tonic::body::Body;
use tower::{Layer, Service};
use tracing::{Instrument as _, Span};

use self::call::Call;
use self::call_metrics::CallMetrics;
pub(super) use self::outcome::{CallOutcome, Ended};
use crate::ticket::TicketNumber;

/// Observes calls, in front of all other layers.
#[derive(Debug, Clone)]
pub struct ObserveLayer {
    metrics: Arc<CallMetrics>,
}

impl ObserveLayer {
    /// A layer that counts with the recorder that is installed now; without one it counts nothing.
    #[must_use]
    pub fn new() -> Self {
        Self { metrics: Arc::new(CallMetrics::new()) }
    }
}

impl Default for ObserveLayer {
    fn default() -> Self {
        Self::new()
    }
}

/// A service whose calls are observed.
#[derive(Debug, Clone)]
pub struct Observe<S> {
    inner: S,
    metrics: Arc<CallMetrics>,
}

impl<S> Layer<S> for ObserveLayer {
    type Service = Observe<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Observe { inner, metrics: Arc::clone(&self.metrics) }
    }
}

/// Adds the principal to the span of the present call.
pub(super) fn record_principal(principal: &str) {
    Span::current().record("principal", principal);
}

/// Adds the ticket to the span of the present call, if the text is a ticket number. Any other text of a caller is left
/// out.
pub(in crate::rpc) fn record_ticket(number: Option<&str>) {
    if let Some(number) = number.and_then(|text| TicketNumber::parse(text).ok()) {
        Span::current().record("ticket", tracing::field::display(number));
    }
}

impl<S> Service<Request<Body>> for Observe<S>
where
    S: Service<Request<Body>, Response = Response<Body>>,
    S::Future: Send + 'static,
    S::Error: Send,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        // A question of a browser about what is allowed is no call.
        if request.method() == Method::OPTIONS {
            return Box::pin(self.inner.call(request));
        }
        let call = Call::begin(&self.metrics, &request);
        request.extensions_mut().insert(Arc::clone(call.outcome()));
        let span = call.span().clone();
        // Some layers refuse before the first await.
        let answered = span.in_scope(|| self.inner.call(request));
        let observed = async move { Ok(body::observe(call, answered.await?)) };
        Box::pin(observed.instrument(span))
    }
}
