//! The deadline of each call, and the language of its refusals.
//!
//! tonic answers a passed deadline with CANCELLED. This layer gives a call slightly less time than its caller does, so
//! that `DEADLINE_EXCEEDED` with its reason arrives before the caller gives up. A command that has begun still
//! completes in its own task, and a retry with the same request id gets its answer.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use hotline_proto::RpcRequest as _;
use hotline_proto::v1::{ErrorReason, UploadAttachmentRequest};
use http::{HeaderMap, HeaderName, Request, Response, header};
use tonic::body::Body;
use tower::{Layer, Service};

use crate::platform::Fault;
use crate::rpc::status::{self, Language};

/// With less time than this a call is not started.
const BUDGET_MIN: Duration = Duration::from_millis(4);
/// The header with the caller's time-out.
const TIMEOUT: HeaderName = HeaderName::from_static("grpc-timeout");
/// The path of the simulated clock's advance, which takes as long as the timers that it runs, and its time limit.
const SIMULATION: (&str, Duration) = ("/hotline.v1.SimulationService/", Duration::from_hours(1));

/// Bounds the time of each call.
#[derive(Debug, Clone, Copy)]
pub struct DeadlineLayer {
    /// The time limit of a call if the caller sets no shorter one.
    pub timeout: Duration,
    /// The time limit of an upload.
    pub upload_timeout: Duration,
}

/// A service whose calls are bounded in time.
#[derive(Debug, Clone)]
pub struct Deadline<S> {
    inner: S,
    layer: DeadlineLayer,
}

impl<S> Layer<S> for DeadlineLayer {
    type Service = Deadline<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Deadline { inner, layer: *self }
    }
}

/// The time-out in a `grpc-timeout` header: up to eight digits and a unit.
fn grpc_timeout(value: &str) -> Option<Duration> {
    let (digits, unit) = value.split_at_checked(value.len().checked_sub(1)?)?;
    if digits.is_empty() || digits.len() > 8 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let amount: u64 = digits.parse().ok()?;
    match unit {
        "H" => Some(Duration::from_secs(amount * 3600)),
        "M" => Some(Duration::from_secs(amount * 60)),
        "S" => Some(Duration::from_secs(amount)),
        "m" => Some(Duration::from_millis(amount)),
        "u" => Some(Duration::from_micros(amount)),
        "n" => Some(Duration::from_nanos(amount)),
        _ => None,
    }
}

/// The time-out that the caller sets, if any.
///
/// # Errors
/// `TIMEOUT_MALFORMED`, because a caller with an unreadable time-out would wait longer than it intends.
fn requested_timeout(headers: &HeaderMap) -> Result<Option<Duration>, Fault> {
    let mut values = headers.get_all(TIMEOUT).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let requested = value.to_str().ok().and_then(grpc_timeout).filter(|_| values.next().is_none());
    requested.map(Some).ok_or_else(|| Fault::new(ErrorReason::TimeoutMalformed))
}

/// The time limit of a call.
///
/// # Errors
/// `DEADLINE_EXCEEDED` if the caller leaves too little time to start; `TIMEOUT_MALFORMED`.
fn budget(headers: &HeaderMap, timeout: Duration) -> Result<Duration, Fault> {
    let Some(requested) = requested_timeout(headers)? else { return Ok(timeout) };
    if requested < BUDGET_MIN {
        return Err(Fault::new(ErrorReason::DeadlineExceeded));
    }
    // The answer must leave before the caller gives up.
    let margin = (requested / 10).clamp(Duration::from_millis(2), Duration::from_millis(50));
    Ok(timeout.min(requested.saturating_sub(margin)))
}

impl<S, ResBody> Service<Request<Body>> for Deadline<S>
where
    S: Service<Request<Body>, Response = Response<ResBody>> + Clone + Send + 'static,
    S::Future: Send + 'static,
    S::Error: Send + 'static,
    ResBody: Default + Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let text = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
        let language = Language::of(text(header::ACCEPT_LANGUAGE));
        let timeout = match request.uri().path() {
            path if path.starts_with(SIMULATION.0) => SIMULATION.1,
            path if path == UploadAttachmentRequest::METHOD.path => self.layer.upload_timeout,
            _ => self.layer.timeout,
        };
        let budget = match budget(request.headers(), timeout) {
            Ok(budget) => budget,
            Err(fault) => return refuse(language, fault),
        };
        let call = self.inner.call(request);
        Box::pin(language.scope(async move {
            let outcome = tokio::time::timeout(budget, call).await;
            outcome.unwrap_or_else(|_| Ok(status::of(Fault::new(ErrorReason::DeadlineExceeded)).into_http()))
        }))
    }
}

type Refusal<R, E> = Pin<Box<dyn Future<Output = Result<R, E>> + Send>>;

fn refuse<ResBody, E>(language: Language, fault: Fault) -> Refusal<Response<ResBody>, E>
where
    ResBody: Default + Send + 'static,
    E: Send + 'static,
{
    Box::pin(language.scope(async move { Ok(status::of(fault).into_http()) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grpc_timeout_is_read_as_the_protocol_writes_it() {
        for (text, time) in [
            ("20S", Some(Duration::from_secs(20))),
            ("1500m", Some(Duration::from_millis(1500))),
            ("99999999H", Some(Duration::from_hours(99_999_999))),
            ("7u", Some(Duration::from_micros(7))),
            ("", None),
            ("S", None),
            ("123456789S", None),
            ("-1S", None),
            ("1s", None),
            ("时", None),
        ] {
            assert_eq!(grpc_timeout(text), time, "{text:?}");
        }
    }

    fn times(values: &[&'static str]) -> HeaderMap {
        values.iter().map(|value| (TIMEOUT, header::HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn the_answer_leaves_before_the_caller_stops_listening() {
        let timeout = Duration::from_secs(20);
        let budget = |values| budget(&times(values), timeout).map_err(|fault| fault.reason);
        assert_eq!(budget(&[]), Ok(timeout));
        assert_eq!(budget(&["1m"]), Err(ErrorReason::DeadlineExceeded));
        assert_eq!(budget(&["1S"]), Ok(Duration::from_millis(950)));
        assert_eq!(budget(&["10m"]), Ok(Duration::from_millis(8)));
        assert_eq!(budget(&["99999999H"]), Ok(timeout));
    }

    #[test]
    fn a_time_that_cant_be_read_is_refused() {
        for values in [&["20s"][..], &[""], &["S"], &["1.5S"], &["-1S"], &["123456789S"], &["1S", "1S"]] {
            let refused = budget(&times(values), Duration::from_secs(20)).expect_err("it is malformed");
            assert_eq!(refused.reason, ErrorReason::TimeoutMalformed, "{values:?}");
        }
    }
}
