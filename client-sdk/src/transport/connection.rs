//! One HTTP/2 connection, and the requests over it. It tells a request that was never sent apart from an answer that
//! was lost.

use std::error::Error as StdError;
use std::fmt;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderValue, Request, Response, Uri, header};
use hyper::body::Incoming;
use hyper::client::conn::http2::SendRequest;
use tokio::time::Instant;
use tonic::body::Body;

use super::tls::Trust;

/// How often the files of the client's certificate are compared with those of the connection.
const FILES_CHECK_INTERVAL: Duration = Duration::from_secs(30);
const USER_AGENT: HeaderValue =
    HeaderValue::from_static(concat!("hotline-client/", env!("CARGO_PKG_VERSION")));

/// A connection. Clones are the same connection.
#[derive(Clone)]
pub(crate) struct Connection(Arc<Inner>);

struct Inner {
    sender: SendRequest<Body>,
    origin: (Scheme, Authority),
    endpoint: Arc<str>,
    /// Bytes that were received over it.
    received_bytes: Arc<AtomicU64>,
    /// The version of the files that it was made with, if there are files.
    trust_version: Option<u64>,
    checked: Mutex<Instant>,
    is_retired: AtomicBool,
    opened: Instant,
}

impl Connection {
    pub(super) fn new(
        sender: SendRequest<Body>,
        origin: (Scheme, Authority),
        endpoint: Arc<str>,
        received_bytes: Arc<AtomicU64>,
        trust_version: Option<u64>,
    ) -> Self {
        let opened = Instant::now();
        let (checked, is_retired) = (Mutex::new(opened), AtomicBool::new(false));
        Self(Arc::new(Inner {
            sender,
            origin,
            endpoint,
            received_bytes,
            trust_version,
            checked,
            is_retired,
            opened,
        }))
    }

    /// The address of the server.
    pub(crate) fn endpoint(&self) -> &Arc<str> {
        &self.0.endpoint
    }

    /// Whether new requests may be sent over it.
    pub(crate) fn is_usable(&self) -> bool {
        !self.0.sender.is_closed() && !self.0.is_retired.load(Ordering::Relaxed)
    }

    /// Sends nothing over it from now on. Calls that run end normally.
    pub(crate) fn retire(&self) {
        self.0.is_retired.store(true, Ordering::Relaxed);
    }

    /// Bytes received so far. If none arrive during a whole attempt, the peer may be gone.
    pub(crate) fn received_bytes(&self) -> u64 {
        self.0.received_bytes.load(Ordering::Relaxed)
    }

    /// Since when it is open.
    pub(super) fn opened(&self) -> Instant {
        self.0.opened
    }

    /// Retires it if the files that it was made with have changed since. They are compared now and then.
    pub(super) fn retire_if_outdated(&self, trust: &Trust) {
        let is_due = {
            let mut checked = self.0.checked.lock().unwrap_or_else(PoisonError::into_inner);
            let is_due = checked.elapsed() >= FILES_CHECK_INTERVAL;
            if is_due {
                *checked = Instant::now();
            }
            is_due
        };
        if is_due {
            self.retire_if_changed(trust);
        }
    }

    /// The same now. Answers whether a new connection has another certificate.
    pub(super) fn retire_if_changed(&self, trust: &Trust) -> bool {
        let Some(version) = self.0.trust_version else { return false };
        // Half-written files are left for the next check.
        let has_changed = trust.version().is_some_and(|present| present != version) && trust.load().is_ok();
        if has_changed {
            self.retire();
        }
        has_changed
    }

    /// What sends one request.
    pub(crate) fn sender(&self) -> RequestSender {
        RequestSender(Arc::clone(&self.0))
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Connection").field(&self.0.endpoint).finish()
    }
}

/// Why a request has no answer.
#[derive(Debug)]
pub(crate) struct SendFault {
    /// Whether the server may have received it.
    pub(crate) is_sent: bool,
    source: hyper::Error,
}

impl fmt::Display for SendFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what =
            if self.is_sent { "the connection broke before the answer" } else { "the request was not sent" };
        f.write_str(what)
    }
}

impl StdError for SendFault {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&self.source)
    }
}

/// Sends one request over a connection; what tonic calls a service.
#[derive(Clone)]
pub(crate) struct RequestSender(Arc<Inner>);

impl RequestSender {
    fn prepare(&self, request: &mut Request<Body>) {
        let (scheme, authority) = self.0.origin.clone();
        let path = request.uri().path_and_query().cloned();
        let mut parts = http::uri::Parts::default();
        parts.scheme = Some(scheme);
        parts.authority = Some(authority);
        parts.path_and_query = Some(path.unwrap_or_else(|| PathAndQuery::from_static("/")));
        // With all three parts it can't fail.
        if let Ok(uri) = Uri::from_parts(parts) {
            *request.uri_mut() = uri;
        }
        request.headers_mut().insert(header::USER_AGENT, USER_AGENT);
    }
}

impl tower_service::Service<Request<Body>> for RequestSender {
    type Response = Response<Incoming>;
    type Error = SendFault;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, SendFault>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), SendFault>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        self.prepare(&mut request);
        let answer = self.0.sender.clone().try_send_request(request);
        Box::pin(async move {
            // A request that comes back was not written to the connection.
            answer
                .await
                .map_err(|error| SendFault { is_sent: error.message().is_none(), source: error.into_error() })
        })
    }
}
