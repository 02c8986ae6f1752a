//! Limits the responses that wait to be sent. A response counts from the moment it is encoded until the socket has
//! taken its last byte. Its bytes count against the limits of its connection, its principal and the server
//! ([`budget`]), and its call counts as in flight.
//!
//! This is the outermost layer. If there is no room, a call is refused before its work, and a response is replaced by
//! `RESOURCE_EXHAUSTED` with a retry time. A stream ends with it. The answer to a change is sent if it is small.
//! Otherwise it is replaced by `UNAVAILABLE`, which says that the change may have been made. The listener closes a
//! connection if a response is not read for `limits.unread_timeout_ms`.

mod body;
pub mod budget;
pub mod guards;

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use hotline_proto::v1::RetryClass;
use http::{HeaderMap, HeaderValue, Request, Response, header};
use hyper::body::Body as _;
use tonic::body::Body;
use tower::{Layer, Service};

use self::body::CountedBody;
use self::budget::{Answer, SendBudget};
use self::guards::ResponseGuards;
use crate::access::permit;
use crate::net::{Connection, PeerInfo};
use crate::platform::Fault;
use crate::rpc::layer::HEALTH;
use crate::rpc::status::{self, Language};

/// The beginning of gRPC-Web's content types.
const GRPC_WEB: &[u8] = b"application/grpc-web";

/// The layer, in front of all others.
#[derive(Debug, Clone)]
pub struct SendLimitLayer {
    /// The limits, and what waits.
    pub budget: Arc<SendBudget>,
}

/// A service whose responses are counted.
#[derive(Debug, Clone)]
pub struct SendLimit<S> {
    inner: S,
    budget: Arc<SendBudget>,
}

impl<S> Layer<S> for SendLimitLayer {
    type Service = SendLimit<S>;

    fn layer(&self, inner: S) -> Self::Service {
        SendLimit { inner, budget: Arc::clone(&self.budget) }
    }
}

impl<S> Service<Request<Body>> for SendLimit<S>
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
        // A health check must not take a busy server for a dead one.
        if !request.uri().path().starts_with(HEALTH)
            && let Err(fault) = self.budget.admit(connection.as_deref())
        {
            let refusal = refuse(web_type(request.headers()), language, fault);
            return Box::pin(async move { Ok(refusal) });
        }
        let answer = answer_of(request.uri().path());
        let call = self.inner.call(request);
        let budget = Arc::clone(&self.budget);
        Box::pin(async move { Ok(count(call.await?, budget, connection, answer, language).await) })
    }
}

/// The kind of answer that a method's responses are.
fn answer_of(path: &str) -> Answer {
    let changes = permit::method_of(path).is_some_and(|row| row.retry != RetryClass::Idempotent);
    if changes { Answer::ToChange } else { Answer::ToQuestion }
}

/// The content type of a request of gRPC-Web.
fn web_type(headers: &HeaderMap) -> Option<&HeaderValue> {
    let kind = headers.get(header::CONTENT_TYPE)?;
    let is_web = kind.as_bytes().to_ascii_lowercase().starts_with(GRPC_WEB);
    is_web.then_some(kind)
}

/// The response with its bytes counted, or a refusal if there is no room.
async fn count(
    response: Response<Body>,
    budget: Arc<SendBudget>,
    connection: Option<Arc<Connection>>,
    answer: Answer,
    language: Language,
) -> Response<Body> {
    let (mut parts, body) = response.into_parts();
    let guards = parts.extensions.remove::<ResponseGuards>().unwrap_or_default();
    if body.is_end_stream() {
        return Response::from_parts(parts, body);
    }
    let unread = connection.as_ref().map(Connection::follow);
    let mut counted = CountedBody::new(body, budget, unread, guards, answer, language);
    match poll_fn(|cx| Poll::Ready(counted.read_ahead(cx))).await {
        Ok(()) => Response::from_parts(parts, Body::new(counted)),
        Err(fault) => refuse(parts.headers.get(header::CONTENT_TYPE), language, fault),
    }
}

/// A refusal with this content type, because gRPC-Web has its own.
fn refuse(kind: Option<&HeaderValue>, language: Language, fault: Fault) -> Response<Body> {
    let mut refusal = status::in_language(language, fault).into_http();
    if let Some(kind) = kind {
        refusal.headers_mut().insert(header::CONTENT_TYPE, kind.clone());
    }
    refusal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_distinguished_from_queries() {
        for (path, answer) in [
            ("/hotline.v1.TicketService/CreateTicket", Answer::ToChange),
            ("/hotline.v1.AdminService/IssueCredential", Answer::ToChange),
            ("/hotline.v1.TicketService/ListTickets", Answer::ToQuestion),
            ("/grpc.health.v1.Health/Check", Answer::ToQuestion),
        ] {
            assert_eq!(answer_of(path), answer, "{path}");
        }
    }

    #[test]
    fn a_refusal_has_the_content_type_of_the_request() {
        for (asked, answered) in [
            ("application/grpc-web+proto", "application/grpc-web+proto"),
            ("application/grpc-web-text", "application/grpc-web-text"),
            ("application/grpc+proto", "application/grpc"),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(asked));
            let refusal = refuse(web_type(&headers), Language::English, Fault::unavailable("full"));
            let kind = refusal.headers().get(header::CONTENT_TYPE);
            assert_eq!(kind, Some(&HeaderValue::from_static(answered)), "{asked}");
        }
    }
}
