//! Guessing costs: an address from which too many calls come with credentials that nobody knows is held off for a while,
//! before anything is looked up or verified. In front of the entrance.
//!
//! Held off are its new connections. One whose last call was good goes on, so that a clerk who works is not shut out by
//! a neighbour behind the same address; nor is one that has shown a verified certificate ever held off.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use hotline_proto::v1::ErrorReason;
use http::{Request, Response};
use tokio::time::Instant;
use tonic::Code;
use tonic::body::Body;
use tower::{Layer, Service};

use super::status;
use super::transport::{PeerInfo, peer_of};
use crate::access::permit;
use crate::platform::Fault;
use crate::platform::config::Limits;

/// The time over which failures are counted.
const WINDOW: Duration = Duration::from_mins(1);
/// Peers that are remembered before those are forgotten who have nothing to pay off.
const PEERS_BEFORE_SWEEP: usize = 1024;

/// What every peer owes for its failures. Each failure costs some time, or nothing; debts up to the window are lent.
#[derive(Debug)]
pub struct Guesses {
    cost: Duration,
    /// When a peer's debt is paid off.
    free_at: Mutex<HashMap<IpAddr, Instant>>,
}

impl Guesses {
    /// As the configuration counts them, or not at all: behind a proxy every caller has the proxy's address.
    #[must_use]
    pub fn of(limits: &Limits, is_behind_proxy: bool) -> Self {
        let allowed = limits.failed_authentications_per_minute_per_peer;
        let cost = WINDOW.checked_div(allowed).filter(|_| !is_behind_proxy).unwrap_or_default();
        Self { cost, free_at: Mutex::default() }
    }

    /// How long a peer must wait before it may fail again, if it must.
    fn wait(&self, peer: IpAddr, now: Instant) -> Option<Duration> {
        let free_at = self.free_at.lock().unwrap_or_else(PoisonError::into_inner);
        let debt = free_at.get(&peer)?.saturating_duration_since(now);
        debt.checked_sub(WINDOW.saturating_sub(self.cost)).filter(|wait| !wait.is_zero())
    }

    fn failed(&self, peer: IpAddr, now: Instant) {
        if self.cost.is_zero() {
            return;
        }
        let mut free_at = self.free_at.lock().unwrap_or_else(PoisonError::into_inner);
        if free_at.len() >= PEERS_BEFORE_SWEEP && !free_at.contains_key(&peer) {
            free_at.retain(|_, free_at| *free_at > now);
        }
        let debt_ends = free_at.entry(peer).or_insert(now);
        // Calls that were under way together may overdraw; nobody waits for longer than the window.
        *debt_ends = ((*debt_ends).max(now) + self.cost).min(now + WINDOW);
    }
}

/// Puts the count of failures in front of the entrance.
#[derive(Debug, Clone)]
pub struct GuessLayer(pub Arc<Guesses>);

/// A service whose failed authentications are counted.
#[derive(Debug, Clone)]
pub struct Counted<S> {
    inner: S,
    guesses: Arc<Guesses>,
}

impl<S> Layer<S> for GuessLayer {
    type Service = Counted<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Counted { inner, guesses: Arc::clone(&self.0) }
    }
}

/// Whether an answer says that the caller is unknown.
fn is_unauthenticated<ResBody>(response: &Response<ResBody>) -> bool {
    let status = response.headers().get("grpc-status");
    status.is_some_and(|status| Code::from_bytes(status.as_bytes()) == Code::Unauthenticated)
}

impl<S, ResBody> Service<Request<Body>> for Counted<S>
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
        // What has no row in the contract needs no credential, and so can't be guessed at.
        if permit::method_of(request.uri().path()).is_none() {
            return Box::pin(self.inner.call(request));
        }
        let info = request.extensions().get::<PeerInfo>().cloned().unwrap_or_default();
        let address = info.address.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |address| address.ip());
        let peer = peer_of(address);
        let is_known = info.certificate.is_some() || info.standing.is_good();
        if let Some(wait) = self.guesses.wait(peer, Instant::now()).filter(|_| !is_known) {
            let fault = Fault { retry_after: Some(wait), ..Fault::new(ErrorReason::RateLimited) };
            return Box::pin(async move { Ok(status::of(fault).into_http()) });
        }
        let guesses = Arc::clone(&self.guesses);
        let call = self.inner.call(request);
        Box::pin(async move {
            let response = call.await?;
            let has_failed = is_unauthenticated(&response);
            info.standing.remember(!has_failed);
            if has_failed {
                guesses.failed(peer, Instant::now());
            }
            Ok(response)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
    const OTHER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2));

    fn guesses(per_minute: u32) -> Guesses {
        Guesses { cost: WINDOW / per_minute, free_at: Mutex::default() }
    }

    #[test]
    fn who_fails_too_often_waits_as_long_as_he_is_told() {
        let (guesses, mut now) = (guesses(6), Instant::now());
        for _ in 0..6 {
            assert_eq!(guesses.wait(PEER, now), None);
            guesses.failed(PEER, now);
        }
        assert_eq!(guesses.wait(PEER, now), Some(Duration::from_secs(10)));
        assert_eq!(guesses.wait(OTHER, now), None, "everybody pays for himself");
        now += Duration::from_secs(9);
        assert_eq!(guesses.wait(PEER, now), Some(Duration::from_secs(1)));
        now += Duration::from_secs(1);
        assert_eq!(guesses.wait(PEER, now), None);
        guesses.failed(PEER, now);
        assert_eq!(guesses.wait(PEER, now), Some(Duration::from_secs(10)));
        now += WINDOW;
        assert_eq!(guesses.wait(PEER, now), None, "in the end all is forgiven");
    }

    #[test]
    fn failures_that_come_together_cost_no_more_than_the_window() {
        let (guesses, now) = (guesses(6), Instant::now());
        for _ in 0..1000 {
            guesses.failed(PEER, now);
        }
        assert_eq!(guesses.wait(PEER, now), Some(Duration::from_secs(10)));
    }

    #[test]
    fn behind_a_proxy_nobody_is_held_off() {
        let (guesses, now) = (guesses(1), Instant::now());
        let uncounted = Guesses { cost: Duration::ZERO, ..guesses };
        for _ in 0..1000 {
            uncounted.failed(PEER, now);
        }
        assert_eq!(uncounted.wait(PEER, now), None);
    }

    #[test]
    fn who_has_nothing_to_pay_off_is_forgotten() {
        let (guesses, now) = (guesses(60), Instant::now());
        for number in 0..PEERS_BEFORE_SWEEP {
            let number = u32::try_from(number).expect("a small number");
            guesses.failed(IpAddr::V4(Ipv4Addr::from_bits(number)), now);
        }
        guesses.failed(PEER, now + Duration::from_secs(2));
        assert_eq!(guesses.free_at.lock().expect("nobody panicked").len(), 1);
    }
}
