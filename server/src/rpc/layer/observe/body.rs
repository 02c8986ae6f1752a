//! The body of an observed response: the call ends with it.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::Response;
use hyper::body::{Body as _, Bytes, Frame, SizeHint};
use tonic::body::Body;
use tonic::{Code, Status};

use super::call::Call;
use super::outcome::Ended;

/// A body whose end is the end of its call.
struct ObservedBody {
    body: Body,
    call: Call,
}

/// Observes the response of a call until it ends.
pub(super) fn observe(mut call: Call, response: Response<Body>) -> Response<Body> {
    if let Some(ended) = call.outcome().read(response.headers()) {
        call.end(ended);
        return response;
    }
    if response.body().is_end_stream() {
        call.end(Ended::with(Code::Unknown));
        return response;
    }
    response.map(|body| Body::new(ObservedBody { body, call }))
}

impl hyper::body::Body for ObservedBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let Self { body, call } = &mut *self;
        let frame = ready!(call.span().in_scope(|| Pin::new(&mut *body).poll_frame(cx)));
        let ended = match &frame {
            Some(Ok(frame)) => match frame.trailers_ref() {
                Some(trailers) => call.outcome().read(trailers),
                // gRPC-Web: the trailers are part of the body. Its last frame may be the end of the call for the
                // caller.
                None if body.is_end_stream() => call.outcome().get(),
                None => None,
            },
            Some(Err(status)) => Some(Ended::with(status.code())),
            None => Some(call.outcome().get().unwrap_or(Ended::with(Code::Unknown))),
        };
        if let Some(ended) = ended {
            call.end(ended);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
