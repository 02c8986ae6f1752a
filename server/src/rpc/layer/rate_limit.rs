//! Rate limit per principal: calls a second, and calls in flight. It is behind the authentication layer, because it
//! needs the principal. Health and reflection have no permit and are not counted.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use hotline_proto::v1::ErrorReason;
use http::{Request, Response};
use tonic::body::Body;
use tower::{Layer, Service};

use crate::access::Permit;
use crate::platform::Fault;
use crate::platform::config::Limits;
use crate::rpc::layer::send_limit::budget::SendBudget;
use crate::rpc::layer::send_limit::guards::ResponseGuards;
use crate::rpc::status;

/// Calls between two sweeps that forget inactive principals, so that the table does not grow without bound.
const CALLS_BETWEEN_SWEEPS: u32 = 4096;
/// When a principal with too many calls in flight may retry; the end of a call cannot be predicted.
const BUSY_RETRY_AFTER: Duration = Duration::from_millis(500);

type Buckets<C> = RateLimiter<String, HashMapStateStore<String>, C, NoOpMiddleware<<C as Clock>::Instant>>;

/// What every principal has used of its limits.
#[derive(Debug)]
pub struct PrincipalLimits<C: Clock = DefaultClock> {
    buckets: Buckets<C>,
    clock: C,
    checks: AtomicU32,
    at_once_max: u32,
    in_flight: Arc<Mutex<HashMap<String, u32>>>,
}

/// A call in flight; it counts until it is dropped.
#[derive(Debug)]
pub struct InFlightCall {
    all: Arc<Mutex<HashMap<String, u32>>>,
    principal: String,
}

impl Drop for InFlightCall {
    fn drop(&mut self) {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let left = all.get(&self.principal).map_or(0, |count| count.saturating_sub(1));
        if left == 0 {
            all.remove(&self.principal);
        } else if let Some(count) = all.get_mut(&self.principal) {
            *count = left;
        }
    }
}

impl PrincipalLimits {
    /// The limits of the configuration.
    ///
    /// # Errors
    /// The key that would allow no call at all.
    pub fn of(limits: &Limits) -> Result<Self, String> {
        let positive =
            |key: &str, value| NonZeroU32::new(value).ok_or_else(|| format!("limits.{key}: at least 1"));
        let rate = positive("calls_per_second_per_principal", limits.calls_per_second_per_principal)?;
        let burst = positive("burst_per_principal", limits.burst_per_principal)?;
        let at_once = positive("calls_per_principal_max", limits.calls_per_principal_max)?;
        Ok(Self::new(Quota::per_second(rate).allow_burst(burst), at_once.get(), DefaultClock::default()))
    }
}

impl<C: Clock + Clone> PrincipalLimits<C> {
    fn new(quota: Quota, at_once_max: u32, clock: C) -> Self {
        let buckets = RateLimiter::hashmap_with_clock(quota, clock.clone());
        Self { buckets, clock, checks: AtomicU32::new(0), at_once_max, in_flight: Arc::default() }
    }

    /// Counts a call of a principal.
    ///
    /// # Errors
    /// `RATE_LIMITED`, with the time until the next call is allowed.
    pub fn take(&self, principal: &str) -> Result<InFlightCall, Fault> {
        if self.checks.fetch_add(1, Ordering::Relaxed) % CALLS_BETWEEN_SWEEPS == CALLS_BETWEEN_SWEEPS - 1 {
            self.buckets.retain_recent();
        }
        let principal = principal.to_owned();
        let refused = |after| Fault { retry_after: Some(after), ..Fault::new(ErrorReason::RateLimited) };
        self.buckets
            .check_key(&principal)
            .map_err(|until| refused(until.wait_time_from(self.clock.now())))?;
        let mut all = self.in_flight.lock().unwrap_or_else(PoisonError::into_inner);
        let count = all.get(&principal).copied().unwrap_or(0);
        if count >= self.at_once_max {
            return Err(refused(BUSY_RETRY_AFTER));
        }
        all.insert(principal.clone(), count + 1);
        drop(all);
        Ok(InFlightCall { all: Arc::clone(&self.in_flight), principal })
    }
}

/// The layer with the limits.
#[derive(Debug, Clone)]
pub struct RateLimitLayer {
    /// The limits of every principal.
    pub limits: Arc<PrincipalLimits>,
    /// The limits on bytes that wait to be sent.
    pub budget: Arc<SendBudget>,
}

/// A service that limits the calls of every principal.
#[derive(Debug, Clone)]
pub struct RateLimit<S> {
    inner: S,
    layer: RateLimitLayer,
}

impl<S> Layer<S> for RateLimitLayer {
    type Service = RateLimit<S>;

    fn layer(&self, inner: S) -> Self::Service {
        RateLimit { inner, layer: self.clone() }
    }
}

impl RateLimitLayer {
    fn take(&self, principal: &str) -> Result<InFlightCall, Fault> {
        let in_flight = self.limits.take(principal)?;
        self.budget.admit_principal(principal)?;
        Ok(in_flight)
    }
}

impl<S, ResBody> Service<Request<Body>> for RateLimit<S>
where
    S: Service<Request<Body>, Response = Response<ResBody>>,
    S::Future: Send + 'static,
    ResBody: Default,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let permit = request.extensions().get::<Permit>();
        match permit.map(|permit| self.layer.take(permit.principal())).transpose() {
            Ok(in_flight) => {
                let call = self.inner.call(request);
                Box::pin(async move {
                    let mut response = call.await?;
                    if let Some(in_flight) = in_flight {
                        let guards = ResponseGuards::of(&mut response);
                        guards.name(&in_flight.principal);
                        guards.until_sent(in_flight);
                    }
                    Ok(response)
                })
            }
            Err(fault) => Box::pin(async move { Ok(status::of(fault).into_http()) }),
        }
    }
}

#[cfg(test)]
mod tests {
    use governor::clock::FakeRelativeClock;

    use super::*;

    fn limits(
        rate: u32,
        burst: u32,
        at_once_max: u32,
    ) -> (PrincipalLimits<FakeRelativeClock>, FakeRelativeClock) {
        let clock = FakeRelativeClock::default();
        let number = |value| NonZeroU32::new(value).expect("not 0");
        let quota = Quota::per_second(number(rate)).allow_burst(number(burst));
        (PrincipalLimits::new(quota, at_once_max, clock.clone()), clock)
    }

    #[test]
    fn the_stated_wait_is_long_enough() {
        let (limits, clock) = limits(10, 3, 100);
        let take = || limits.take("somebody").map(drop);
        for _ in 0..3 {
            take().expect("the burst");
        }
        let fault = take().expect_err("the burst is over");
        assert_eq!(fault.reason, ErrorReason::RateLimited);
        let wait = fault.retry_after.expect("it says when");
        assert_eq!(wait, Duration::from_millis(100));
        limits.take("somebody else").expect("everybody has a share of his own");
        clock.advance(wait.saturating_sub(Duration::from_nanos(1)));
        take().expect_err("a moment too soon");
        clock.advance(Duration::from_nanos(1));
        take().expect("it has waited as it was told");
        take().expect_err("and has used that up");
    }

    #[test]
    fn calls_under_way_count_until_they_end() {
        let (limits, _clock) = limits(1000, 1000, 2);
        let first = limits.take("somebody").expect("one");
        let second = limits.take("somebody").expect("two");
        let fault = limits.take("somebody").expect_err("too many at once");
        assert_eq!((fault.reason, fault.retry_after), (ErrorReason::RateLimited, Some(BUSY_RETRY_AFTER)));
        limits.take("somebody else").expect("everybody has a share of his own");
        drop(first);
        let third = limits.take("somebody").expect("one has ended");
        drop((second, third));
        assert!(limits.in_flight.lock().expect("nobody panicked").is_empty(), "nobody is remembered");
    }

    #[test]
    fn who_is_gone_is_forgotten() {
        let (limits, clock) = limits(1000, 1000, 2);
        for number in 0..CALLS_BETWEEN_SWEEPS - 1 {
            limits.take(&format!("passer-by {number}")).expect("a first call");
        }
        assert_eq!(limits.buckets.len(), CALLS_BETWEEN_SWEEPS as usize - 1);
        clock.advance(Duration::from_secs(2));
        limits.take("somebody").expect("a first call");
        assert_eq!(limits.buckets.len(), 1);
    }
}
