//! What holds for every call: the caller's deadline, a bound on how many run at once, and the language of refusals.
//!
//! tonic answers a passed deadline with CANCELLED; here the call is given a little less than the caller's time, so that
//! `DEADLINE_EXCEEDED` with its reason arrives while the caller still listens. A command that has begun is finished in
//! its own task all the same: the same request id finds its answer.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use hotline_proto::v1::ErrorReason;
use http::{HeaderMap, HeaderName, Request, Response, header};
use tokio::sync::Semaphore;
use tonic::body::Body;
use tower::{Layer, Service};

use super::send_limit::holds::Holds;
use super::status::{self, Language};
use crate::platform::Fault;

/// Less than this is not enough to do anything with.
const BUDGET_MIN: Duration = Duration::from_millis(4);
/// When a caller who was shed may come back.
const SHED_RETRY_AFTER: Duration = Duration::from_millis(500);
/// The header with the caller's time.
const TIMEOUT: HeaderName = HeaderName::from_static("grpc-timeout");
/// The path of health checks.
pub(super) const HEALTH: &str = "/grpc.health.v1.Health/";
/// The path of reflection, in each of its versions.
pub(super) const REFLECTION: &str = "/grpc.reflection.";
/// What takes no place from calls: it has bounds of its own at the entrance.
const LANES_OF_THEIR_OWN: [&str; 2] = [HEALTH, REFLECTION];
/// The path of time travel, which takes as long as the timers on its way, and its bound.
const SIMULATION: (&str, Duration) = ("/hotline.v1.SimulationService/", Duration::from_hours(1));

/// Puts the limits of calls in front of the services.
#[derive(Debug, Clone)]
pub struct CallLayer {
    /// Calls that may run at once.
    pub places: Arc<Semaphore>,
    /// The time of a call whose caller names no shorter one.
    pub timeout: Duration,
}

/// A service whose calls are bounded.
#[derive(Debug, Clone)]
pub struct Bounded<S> {
    inner: S,
    layer: CallLayer,
}

impl<S> Layer<S> for CallLayer {
    type Service = Bounded<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Bounded { inner, layer: self.clone() }
    }
}

/// The time in a `grpc-timeout` header: up to eight digits and a unit.
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

/// The time that the caller gives, if it names one.
///
/// # Errors
/// `TIMEOUT_MALFORMED`: whoever names a time that can't be read would wait for longer than it means to.
fn given_time(headers: &HeaderMap) -> Result<Option<Duration>, Fault> {
    let mut values = headers.get_all(TIMEOUT).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let given = value.to_str().ok().and_then(grpc_timeout).filter(|_| values.next().is_none());
    given.map(Some).ok_or_else(|| Fault::new(ErrorReason::TimeoutMalformed))
}

/// How long a call may take.
///
/// # Errors
/// `DEADLINE_EXCEEDED` where its caller gave it no time worth beginning with; `TIMEOUT_MALFORMED`.
fn budget(headers: &HeaderMap, timeout: Duration) -> Result<Duration, Fault> {
    let Some(given) = given_time(headers)? else { return Ok(timeout) };
    if given < BUDGET_MIN {
        return Err(Fault::new(ErrorReason::DeadlineExceeded));
    }
    // The answer must leave before the caller stops listening.
    let margin = (given / 10).clamp(Duration::from_millis(2), Duration::from_millis(50));
    Ok(timeout.min(given.saturating_sub(margin)))
}

impl<S, ResBody> Service<Request<Body>> for Bounded<S>
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
        let is_simulation = request.uri().path().starts_with(SIMULATION.0);
        let timeout = if is_simulation { SIMULATION.1 } else { self.layer.timeout };
        let budget = match budget(request.headers(), timeout) {
            Ok(budget) => budget,
            Err(fault) => return refuse(language, fault),
        };
        let place = if LANES_OF_THEIR_OWN.iter().any(|lane| request.uri().path().starts_with(lane)) {
            None
        } else {
            match Arc::clone(&self.layer.places).try_acquire_owned() {
                Ok(place) => Some(place),
                Err(_) => return refuse(language, overloaded()),
            }
        };
        let path = request.uri().path().to_owned();
        let call = self.inner.call(request);
        Box::pin(language.scope(async move {
            let began = tokio::time::Instant::now();
            let mut outcome = tokio::time::timeout(budget, call).await;
            if let (Ok(Ok(response)), Some(place)) = (&mut outcome, place) {
                // A response that waits to be sent is a call under way.
                Holds::of(response).until_sent(place);
            }
            tracing::debug!(path, micros = began.elapsed().as_micros(), in_time = outcome.is_ok(), "called");
            outcome.unwrap_or_else(|_| Ok(status::of(Fault::new(ErrorReason::DeadlineExceeded)).into_http()))
        }))
    }
}

fn overloaded() -> Fault {
    Fault { retry_after: Some(SHED_RETRY_AFTER), ..Fault::new(ErrorReason::Overloaded) }
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
