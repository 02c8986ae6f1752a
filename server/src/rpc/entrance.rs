//! The entrance: nobody reaches a method of the hotline without a bearer token that is known and a role that the
//! contract allows. What has no row in the contract (health, reflection) passes without a permit, and so reaches no
//! verb.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use hotline_proto::v1::ErrorReason;
use http::{Request, Response, header};
use tonic::body::Body;
use tower::{Layer, Service};

use super::status;
use crate::access::{Credentials, Permit, permit};
use crate::platform::Fault;

/// Puts the entrance in front of the services.
#[derive(Debug, Clone)]
pub struct EntranceLayer {
    /// Everybody whom the hotline knows.
    pub credentials: Arc<Credentials>,
}

/// A service behind the entrance.
#[derive(Debug, Clone)]
pub struct Entrance<S> {
    inner: S,
    credentials: Arc<Credentials>,
}

impl<S> Layer<S> for EntranceLayer {
    type Service = Entrance<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Entrance { inner, credentials: Arc::clone(&self.credentials) }
    }
}

/// The token of `authorization: Bearer …`.
fn bearer<B>(request: &Request<B>) -> Option<&str> {
    let value = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn admit<B>(credentials: &Credentials, request: &Request<B>) -> Result<Option<Permit>, Fault> {
    let Some(method) = permit::method_of(request.uri().path()) else { return Ok(None) };
    let caller = bearer(request).and_then(|token| credentials.caller_of(token));
    let caller = caller.ok_or_else(|| Fault::new(ErrorReason::Unauthenticated))?;
    Permit::grant(caller.clone(), method).map(Some)
}

impl<S, ResBody> Service<Request<Body>> for Entrance<S>
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

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        match admit(&self.credentials, &request) {
            Ok(permit) => {
                if let Some(permit) = permit {
                    request.extensions_mut().insert(permit);
                }
                Box::pin(self.inner.call(request))
            }
            Err(fault) => Box::pin(async move { Ok(status::of(fault).into_http()) }),
        }
    }
}
