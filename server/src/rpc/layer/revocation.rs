//! Ends a response or request stream whose caller is no longer authenticated. A short body is over before any check. A
//! long one is checked whenever clients change, and every few seconds.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use hotline_proto::v1::ErrorReason;
use http::HeaderMap;
use hyper::body::{Body as _, Bytes, Frame, SizeHint};
use tokio::sync::watch;
use tokio::time::Instant;
use tonic::Status;
use tonic::body::Body;

use crate::access::{Authentication, Authenticator, ClientCache};
use crate::platform::Fault;
use crate::rpc::status;

/// Completes at the next change of clients.
type NextChange = Pin<Box<dyn Future<Output = watch::Receiver<Instant>> + Send>>;

fn next_change(mut changes: watch::Receiver<Instant>) -> NextChange {
    Box::pin(async move {
        if changes.changed().await.is_err() {
            // The cache has ended, because the server shuts down.
            std::future::pending::<()>().await;
        }
        changes
    })
}

/// The direction of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    /// From the caller. It ends with an error, so that a part is not taken for the whole.
    Inbound,
    /// To the caller. It ends with the refusal in its trailers.
    Outbound,
}

/// A body, and the authentication that it depends on.
pub(super) struct RevocableBody {
    body: Body,
    authentication: Arc<Authentication>,
    authenticator: Arc<Authenticator>,
    /// Set once the body has been pending.
    changes: Option<NextChange>,
    seen: watch::Receiver<Instant>,
    direction: Direction,
    is_over: bool,
}

impl RevocableBody {
    /// Wraps a body.
    pub(super) fn watch(
        direction: Direction,
        body: Body,
        authentication: Arc<Authentication>,
        authenticator: Arc<Authenticator>,
    ) -> Body {
        if body.is_end_stream() {
            return body;
        }
        let seen = authenticator.client_cache.subscribe();
        Body::new(Self {
            body,
            authentication,
            authenticator,
            changes: None,
            seen,
            direction,
            is_over: false,
        })
    }

    /// The refusal that ends the body, if there is one.
    fn refusal(&mut self) -> Option<Status> {
        let last_answer = *self.seen.borrow_and_update();
        if ClientCache::is_stale(last_answer) {
            return Some(status::of(Fault::unavailable(
                "client revocation state is stale: the database does not answer",
            )));
        }
        let is_valid = self.authenticator.is_still_valid(&self.authentication);
        (!is_valid).then(|| status::of(Fault::new(ErrorReason::Unauthenticated)))
    }

    fn end(&mut self, refusal: Status) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        self.is_over = true;
        let mut trailers = HeaderMap::new();
        if self.direction == Direction::Outbound && refusal.add_header(&mut trailers).is_ok() {
            return Poll::Ready(Some(Ok(Frame::trailers(trailers))));
        }
        Poll::Ready(Some(Err(refusal)))
    }
}

impl hyper::body::Body for RevocableBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        if self.is_over {
            return Poll::Ready(None);
        }
        // A body that is always ready must be checked too.
        if self.seen.has_changed().unwrap_or(true)
            && let Some(refusal) = self.refusal()
        {
            return self.end(refusal);
        }
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) {
            return Poll::Ready(frame);
        }
        let mut changes = self.changes.take().unwrap_or_else(|| next_change(self.seen.clone()));
        while let Poll::Ready(next) = changes.as_mut().poll(cx) {
            if let Some(refusal) = self.refusal() {
                return self.end(refusal);
            }
            changes = next_change(next);
        }
        self.changes = Some(changes);
        Poll::Pending
    }

    fn is_end_stream(&self) -> bool {
        self.is_over || self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
