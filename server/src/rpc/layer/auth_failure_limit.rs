//! Limit on failed authentications per peer address. Over the limit, calls on new connections from the address are
//! refused before any credential is looked up or verified. It is in front of the authentication layer.
//!
//! A connection whose last call was authenticated is not refused, so that an attacker cannot lock out clerks behind the
//! same address. A connection with a verified client certificate is not refused either.

use std::net::{IpAddr, Ipv4Addr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use hotline_proto::v1::ErrorReason;
use http::{Request, Response, header};
use tokio::time::Instant;
use tonic::Code;
use tonic::body::Body;
use tower::{Layer, Service};

use crate::access::permit;
use crate::net::penalty::PenaltyBudget;
use crate::net::{PeerInfo, peer_of};
use crate::platform::Fault;
use crate::platform::config::Limits;
use crate::rpc::status;

/// The layer with the limit on failed authentications.
#[derive(Debug, Clone)]
pub struct AuthFailureLimitLayer(Arc<PenaltyBudget>);

impl AuthFailureLimitLayer {
    /// Takes the limit from the configuration.
    #[must_use]
    pub fn of(limits: &Limits) -> Self {
        Self(Arc::new(PenaltyBudget::of(limits.failed_authentications_per_minute_per_peer)))
    }
}

/// A service whose failed authentications are counted.
#[derive(Debug, Clone)]
pub struct AuthFailureLimit<S> {
    inner: S,
    failures: Arc<PenaltyBudget>,
}

impl<S> Layer<S> for AuthFailureLimitLayer {
    type Service = AuthFailureLimit<S>;

    fn layer(&self, inner: S) -> Self::Service {
        AuthFailureLimit { inner, failures: Arc::clone(&self.0) }
    }
}

/// Whether the response is UNAUTHENTICATED.
fn is_unauthenticated<ResBody>(response: &Response<ResBody>) -> bool {
    let status = response.headers().get("grpc-status");
    status.is_some_and(|status| Code::from_bytes(status.as_bytes()) == Code::Unauthenticated)
}

impl<S, ResBody> Service<Request<Body>> for AuthFailureLimit<S>
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
        // Methods that are not in the contract (health, reflection) need no credential. But if one is sent it is looked
        // up too, and so could be guessed.
        let is_open = permit::method_of(request.uri().path()).is_none();
        if is_open && !request.headers().contains_key(header::AUTHORIZATION) {
            return Box::pin(self.inner.call(request));
        }
        let info = request.extensions().get::<PeerInfo>().cloned().unwrap_or_default();
        let address = info.address.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |address| address.ip());
        let peer = peer_of(address);
        let is_known = info.certificate.is_some() || info.last_authentication.is_good();
        if let Some(wait) = self.failures.wait(&peer, Instant::now()).filter(|_| !is_known) {
            let fault = Fault { retry_after: Some(wait), ..Fault::new(ErrorReason::RateLimited) };
            return Box::pin(async move { Ok(status::of(fault).into_http()) });
        }
        let failures = Arc::clone(&self.failures);
        let call = self.inner.call(request);
        Box::pin(async move {
            let response = call.await?;
            let has_failed = is_unauthenticated(&response);
            // A public method also answers callers that are not authenticated, so its answer proves nothing.
            if has_failed || !is_open {
                info.last_authentication.remember(!has_failed);
            }
            if has_failed {
                failures.add(peer, Instant::now());
            }
            Ok(response)
        })
    }
}
