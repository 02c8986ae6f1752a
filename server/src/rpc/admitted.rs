//! A body that flows for as long as its caller is admitted. A short one is gone before anybody looks; one that stays open
//! is looked at whenever there is news of clients, and every few seconds in any case.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use hotline_proto::v1::ErrorReason;
use http::HeaderMap;
use hyper::body::{Body as _, Bytes, Frame, SizeHint};
use tokio::sync::watch;
use tokio::time::Instant as Moment;
use tonic::Status;
use tonic::body::Body;

use super::status;
use crate::access::{Admission, Doorkeeper, Register};
use crate::platform::Fault;

/// Hears the next news, and can be asked for those after it.
type Hearing = Pin<Box<dyn Future<Output = watch::Receiver<Moment>> + Send>>;

fn hear(mut news: watch::Receiver<Moment>) -> Hearing {
    Box::pin(async move {
        if news.changed().await.is_err() {
            // Nobody tells any more; the server is going down.
            std::future::pending::<()>().await;
        }
        news
    })
}

/// Which way a body flows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    /// From the caller: cut short it is a fault, so that half of it is not taken for the whole.
    In,
    /// To the caller, who is told by the trailers.
    Out,
}

/// A body and who must be admitted for it.
pub(super) struct Admitted {
    body: Body,
    admission: Arc<Admission>,
    doorkeeper: Arc<Doorkeeper>,
    /// Heard only once the body has made somebody wait.
    news: Option<Hearing>,
    heard: watch::Receiver<Moment>,
    flow: Flow,
    is_over: bool,
}

impl Admitted {
    /// Watches over a body.
    pub(super) fn watch(
        flow: Flow,
        body: Body,
        admission: Arc<Admission>,
        doorkeeper: Arc<Doorkeeper>,
    ) -> Body {
        if body.is_end_stream() {
            return body;
        }
        let heard = doorkeeper.register.news();
        Body::new(Self { body, admission, doorkeeper, news: None, heard, flow, is_over: false })
    }

    /// Why the body ends here, if it does.
    fn refusal(&mut self) -> Option<Status> {
        let last_answer = *self.heard.borrow_and_update();
        if Register::is_outdated(last_answer) {
            return Some(status::of(Fault::unavailable("nobody can be told from the revoked")));
        }
        let is_admitted = self.doorkeeper.still_admits(&self.admission);
        (!is_admitted).then(|| status::of(Fault::new(ErrorReason::Unauthenticated)))
    }

    fn end(&mut self, refusal: Status) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        self.is_over = true;
        let mut trailers = HeaderMap::new();
        if self.flow == Flow::Out && refusal.add_header(&mut trailers).is_ok() {
            return Poll::Ready(Some(Ok(Frame::trailers(trailers))));
        }
        Poll::Ready(Some(Err(refusal)))
    }
}

impl hyper::body::Body for Admitted {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        if self.is_over {
            return Poll::Ready(None);
        }
        // One that always has something to say must hear the news too.
        if self.heard.has_changed().unwrap_or(true)
            && let Some(refusal) = self.refusal()
        {
            return self.end(refusal);
        }
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) {
            return Poll::Ready(frame);
        }
        let mut news = self.news.take().unwrap_or_else(|| hear(self.heard.clone()));
        while let Poll::Ready(next) = news.as_mut().poll(cx) {
            if let Some(refusal) = self.refusal() {
                return self.end(refusal);
            }
            news = hear(next);
        }
        self.news = Some(news);
        Poll::Pending
    }

    fn is_end_stream(&self) -> bool {
        self.is_over || self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
