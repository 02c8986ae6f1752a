//! The entrance: nobody reaches a method of the hotline without a credential that is known, as new as the call itself,
//! and a role that the contract allows. What has no row in the contract (health, reflection) passes without a permit,
//! and so reaches no verb; but a token that it brings must be good there too.
//!
//! A stream ends with `UNAUTHENTICATED` when what its caller was admitted by is revoked or over.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use hotline_proto::MethodRow;
use hotline_proto::v1::ErrorReason;
use http::{HeaderMap, Request, Response, header};
use tonic::body::Body;
use tower::{Layer, Service};

use super::admitted::{Admitted, Flow};
use super::status;
use super::transport::PeerInfo;
use crate::access::{Admission, Doorkeeper, PeerCertificate, Permit, permit};
use crate::platform::Fault;

/// How long health and reflection wait to know who asks; without an answer they speak to anybody.
const PASSING_TIMEOUT: Duration = Duration::from_secs(1);

/// Puts the entrance in front of the services.
#[derive(Debug, Clone)]
pub struct EntranceLayer {
    /// Who lets callers in.
    pub doorkeeper: Arc<Doorkeeper>,
}

/// A service behind the entrance.
#[derive(Debug, Clone)]
pub struct Entrance<S> {
    inner: S,
    doorkeeper: Arc<Doorkeeper>,
}

impl<S> Layer<S> for EntranceLayer {
    type Service = Entrance<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Entrance { inner, doorkeeper: Arc::clone(&self.doorkeeper) }
    }
}

/// What a call brings, apart from its body.
struct Brought {
    method: Option<&'static MethodRow>,
    certificate: Option<Arc<PeerCertificate>>,
    token: Result<Option<String>, Fault>,
}

impl Brought {
    fn of(request: &Request<Body>) -> Self {
        let peer = request.extensions().get::<PeerInfo>();
        Self {
            method: permit::method_of(request.uri().path()),
            certificate: peer.and_then(|peer| peer.certificate.clone()),
            token: bearer(request.headers()),
        }
    }

    /// Lets the call in.
    async fn admit(self, doorkeeper: &Doorkeeper) -> Result<(Option<Admission>, Option<Permit>), Fault> {
        let Some(method) = self.method else {
            return self.pass(doorkeeper).await.map(|admission| (admission, None));
        };
        let admission = doorkeeper.admit(self.certificate.as_deref(), self.token?.as_deref()).await?;
        let permit = Permit::grant(admission.caller.clone(), method)?;
        Ok((Some(admission), Some(permit)))
    }

    /// Lets it pass to what tells nothing secret. A probe behind mutual TLS may have a certificate that names nobody.
    async fn pass(self, doorkeeper: &Doorkeeper) -> Result<Option<Admission>, Fault> {
        let token = self.token.ok().flatten();
        if token.is_none() && self.certificate.is_none() {
            return Ok(None);
        }
        let admitted = doorkeeper.admit(self.certificate.as_deref(), token.as_deref());
        match tokio::time::timeout(PASSING_TIMEOUT, admitted).await {
            Ok(Ok(admission)) => Ok(Some(admission)),
            Ok(Err(fault)) if token.is_some() && fault.reason != ErrorReason::Unavailable => Err(fault),
            // Health says that the database is away also to those whom nobody can tell just now.
            _ => Ok(None),
        }
    }
}

/// The token of `authorization: Bearer …`, which stands there once.
fn bearer(headers: &HeaderMap) -> Result<Option<String>, Fault> {
    let unreadable = || Fault::new(ErrorReason::Unauthenticated);
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(unreadable());
    }
    let (scheme, token) =
        value.to_str().ok().and_then(|value| value.split_once(' ')).ok_or_else(unreadable)?;
    scheme.eq_ignore_ascii_case("bearer").then(|| Some(token.trim().to_owned())).ok_or_else(unreadable)
}

impl<S> Service<Request<Body>> for Entrance<S>
where
    S: Service<Request<Body>, Response = Response<Body>> + Clone + Send + 'static,
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
        // The one that was polled is ready; its copy is not.
        let next = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, next);
        let doorkeeper = Arc::clone(&self.doorkeeper);
        let brought = Brought::of(&request);
        Box::pin(async move {
            let admission = match brought.admit(&doorkeeper).await {
                Ok((admission, permit)) => {
                    if let Some(permit) = permit {
                        request.extensions_mut().insert(permit);
                    }
                    admission
                }
                Err(fault) => return Ok(status::of(fault).into_http()),
            };
            let Some(admission) = admission else { return inner.call(request).await };
            let admission = Arc::new(admission);
            // What a caller streams in ends as well: what the last words of one revoked would be is of no interest.
            let watched =
                |flow, body| Admitted::watch(flow, body, Arc::clone(&admission), Arc::clone(&doorkeeper));
            let response = inner.call(request.map(|body| watched(Flow::In, body))).await?;
            Ok(response.map(|body| watched(Flow::Out, body)))
        })
    }
}
