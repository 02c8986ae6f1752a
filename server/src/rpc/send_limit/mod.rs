//! Bounds what waits to be sent. A response counts from the moment it is encoded until the socket has taken its last byte:
//! its bytes against the bounds of its connection, its principal and the server ([`budget`]), and its call as under way.
//!
//! This is the outermost layer. A call that would find no room is shed before its work; a response that finds none is
//! replaced by `RESOURCE_EXHAUSTED` with a time to come back, and a stream ends with that. The listener ends a connection on
//! which a response is not read for `limits.unread_timeout_ms`.

mod body;
pub mod budget;
pub mod holds;

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response, header};
use hyper::body::Body as _;
use tonic::body::Body;
use tower::{Layer, Service};

use self::body::CountedBody;
use self::budget::SendBudget;
use self::holds::Holds;
use super::call::HEALTH;
use super::status::{self, Language};
use super::transport::{Connection, PeerInfo};
use crate::platform::Fault;

/// Counts what waits to be sent, in front of all other layers.
#[derive(Debug, Clone)]
pub struct SendLimitLayer {
    /// What may wait.
    pub budget: Arc<SendBudget>,
}

/// A service whose responses are counted.
#[derive(Debug, Clone)]
pub struct SendLimited<S> {
    inner: S,
    budget: Arc<SendBudget>,
}

impl<S> Layer<S> for SendLimitLayer {
    type Service = SendLimited<S>;

    fn layer(&self, inner: S) -> Self::Service {
        SendLimited { inner, budget: Arc::clone(&self.budget) }
    }
}

impl<S> Service<Request<Body>> for SendLimited<S>
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

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let text = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
        let language = Language::of(text(header::ACCEPT_LANGUAGE));
        let connection = request.extensions().get::<PeerInfo>().and_then(|info| info.connection.clone());
        // A probe must not take a busy server for a dead one.
        if !request.uri().path().starts_with(HEALTH)
            && let Err(fault) = self.budget.admit(connection.as_deref())
        {
            return Box::pin(async move { Ok(status::in_language(language, fault).into_http()) });
        }
        let call = self.inner.call(request);
        let budget = Arc::clone(&self.budget);
        Box::pin(async move { Ok(count(call.await?, budget, connection, language).await) })
    }
}

/// The response with its bytes counted, or a refusal if there is no room for them.
async fn count(
    response: Response<Body>,
    budget: Arc<SendBudget>,
    connection: Option<Arc<Connection>>,
    language: Language,
) -> Response<Body> {
    let (mut parts, body) = response.into_parts();
    let holds = parts.extensions.remove::<Holds>().unwrap_or_default();
    if body.is_end_stream() {
        return Response::from_parts(parts, body);
    }
    let following = connection.as_ref().map(Connection::follow);
    let mut counted = CountedBody::new(body, budget, following, holds, language);
    match poll_fn(|cx| Poll::Ready(counted.read_ahead(cx))).await {
        Ok(()) => Response::from_parts(parts, Body::new(counted)),
        Err(fault) => refuse(&parts, language, fault),
    }
}

/// A refusal in place of a response, of the same content type: gRPC-Web has one of its own.
fn refuse(replaced: &http::response::Parts, language: Language, fault: Fault) -> Response<Body> {
    let mut refusal = status::in_language(language, fault).into_http();
    if let Some(kind) = replaced.headers.get(header::CONTENT_TYPE) {
        refusal.headers_mut().insert(header::CONTENT_TYPE, kind.clone());
    }
    refusal
}
