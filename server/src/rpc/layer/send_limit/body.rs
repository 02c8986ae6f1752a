//! A response body whose bytes are counted from the moment they are encoded until the socket has taken them.
//!
//! HTTP/2 takes a whole chunk as soon as the peer's window has room for one byte, and keeps it after the body has
//! ended. So a response is passed on in small chunks, and each chunk counts until its memory is freed.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use http::HeaderMap;
use hyper::body::{Body as _, Bytes, Frame, SizeHint};
use tonic::Status;
use tonic::body::Body;

use super::budget::{Answer, Principal, SendBudget};
use super::guards::{Guard, ResponseGuards};
use crate::net::UnreadResponse;
use crate::platform::Fault;
use crate::rpc::status::{self, Language};

/// Bytes that are passed on at a time: the size of a frame.
pub(super) const CHUNK_BYTES: usize = 16 * 1024;
/// The cost of a response beside its bytes: the state of its stream and task.
const RESPONSE_BYTES: usize = 4 * 1024;

/// A response that is not completely sent.
struct Response {
    budget: Arc<SendBudget>,
    principal: Principal,
    answer: Answer,
    /// Its connection; `None` in tests without a listener.
    unread: Option<UnreadResponse>,
    unsent: AtomicUsize,
    /// Whether a stream has nothing to send at the moment.
    is_idle: AtomicBool,
    has_reserved: AtomicBool,
    /// What makes the call count as in flight.
    call: Mutex<Vec<Guard>>,
    /// What counts until the response is gone.
    _stream: Vec<Guard>,
}

impl Response {
    fn reserve(&self, bytes: usize) -> Result<(), Fault> {
        let own = if self.has_reserved.load(Ordering::SeqCst) { 0 } else { RESPONSE_BYTES };
        let connection = self.unread.as_ref().map(UnreadResponse::connection);
        let reserved = self.budget.reserve(&self.principal, connection, self.answer, bytes + own);
        reserved.map_err(|refused| match self.answer {
            Answer::ToQuestion => refused,
            // The refusal must not look as if nothing had happened. A repeat with the same request id gets the answer.
            Answer::ToChange => Fault::unavailable("no room for the answer to a change"),
        })?;
        self.has_reserved.store(true, Ordering::SeqCst);
        self.unsent.fetch_add(bytes, Ordering::SeqCst);
        if let Some(unread) = &self.unread {
            unread.add(bytes);
        }
        Ok(())
    }

    fn release(&self, bytes: usize) {
        self.budget.release(&self.principal, bytes);
        if let Some(unread) = &self.unread {
            unread.take(bytes);
        }
        let before = self.unsent.fetch_sub(bytes, Ordering::SeqCst);
        if before == bytes && self.is_idle.load(Ordering::SeqCst) {
            self.end_call();
        }
    }

    /// A stream that waits for new data is no call in flight. Its bytes count when there are some.
    fn rest(&self) {
        self.is_idle.store(true, Ordering::SeqCst);
        if self.unsent.load(Ordering::SeqCst) == 0 {
            self.end_call();
        }
    }

    fn end_call(&self) {
        self.call.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl Drop for Response {
    fn drop(&mut self) {
        if *self.has_reserved.get_mut() {
            self.budget.release(&self.principal, RESPONSE_BYTES);
        }
    }
}

/// A chunk of a response; it counts until it is dropped.
struct Chunk {
    bytes: Box<[u8]>,
    response: Arc<Response>,
}

impl AsRef<[u8]> for Chunk {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Chunk {
    fn drop(&mut self) {
        self.response.release(self.bytes.len());
    }
}

/// The principal of a caller without a credential: one for each address, so that an address that does not read leaves
/// room for the others. No principal's name begins with a zero byte.
fn stranger(unread: Option<&UnreadResponse>) -> Principal {
    let peer = unread.map(|unread| unread.connection().peer());
    peer.map_or_else(|| Principal::from(""), |peer| Principal::from(format!("\0{peer}")))
}

/// A body whose bytes are counted.
pub(super) struct CountedBody {
    /// `None` after its end.
    inner: Option<Body>,
    /// Chunks that are not passed on yet.
    ready: VecDeque<Bytes>,
    trailers: Option<HeaderMap>,
    failure: Option<Status>,
    language: Language,
    response: Arc<Response>,
}

impl CountedBody {
    pub(super) fn new(
        inner: Body,
        budget: Arc<SendBudget>,
        unread: Option<UnreadResponse>,
        guards: ResponseGuards,
        answer: Answer,
        language: Language,
    ) -> Self {
        let ResponseGuards { principal, call, stream } = guards;
        let response = Response {
            budget,
            principal: principal.unwrap_or_else(|| stranger(unread.as_ref())),
            answer,
            unread,
            unsent: AtomicUsize::new(0),
            is_idle: AtomicBool::new(false),
            has_reserved: AtomicBool::new(false),
            call: Mutex::new(call),
            _stream: stream,
        };
        Self {
            inner: Some(inner),
            ready: VecDeque::new(),
            trailers: None,
            failure: None,
            language,
            response: Arc::new(response),
        }
    }

    /// Takes everything that is ready now. For a single answer that is all of it, so that only its bytes are kept.
    ///
    /// # Errors
    /// Why the response can't wait to be sent.
    pub(super) fn read_ahead(&mut self, cx: &mut Context<'_>) -> Result<(), Fault> {
        // The message, and the trailers after it.
        for _ in 0..2 {
            match self.pull(cx) {
                Poll::Ready(outcome) => outcome?,
                Poll::Pending => break,
            }
        }
        Ok(())
    }

    /// Takes the next frame of the body; an error if its bytes can't wait to be sent.
    fn pull(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Fault>> {
        let Some(inner) = &mut self.inner else { return Poll::Ready(Ok(())) };
        let frame = ready!(Pin::new(inner).poll_frame(cx));
        let data = match frame.map(|frame| frame.map(Frame::into_data)) {
            Some(Ok(Ok(data))) => data,
            Some(Ok(Err(frame))) => {
                (self.trailers, self.inner) = (frame.into_trailers().ok(), None);
                return Poll::Ready(Ok(()));
            }
            Some(Err(status)) => {
                (self.failure, self.inner) = (Some(status), None);
                return Poll::Ready(Ok(()));
            }
            None => {
                self.inner = None;
                return Poll::Ready(Ok(()));
            }
        };
        Poll::Ready(self.keep(&data))
    }

    /// Counts bytes and keeps them in separate chunks, so that memory is freed as the peer reads.
    fn keep(&mut self, data: &[u8]) -> Result<(), Fault> {
        self.response.reserve(data.len())?;
        self.response.is_idle.store(false, Ordering::SeqCst);
        let chunks = data.chunks(CHUNK_BYTES).map(|bytes| {
            Bytes::from_owner(Chunk { bytes: bytes.into(), response: Arc::clone(&self.response) })
        });
        self.ready.extend(chunks);
        Ok(())
    }

    /// Ends a stream that has begun; the trailers carry the fault.
    fn end(&mut self, fault: Fault) {
        let status = status::in_language(self.language, fault);
        let mut trailers = HeaderMap::new();
        self.inner = None;
        match status.add_header(&mut trailers) {
            Ok(()) => self.trailers = Some(trailers),
            Err(status) => self.failure = Some(status),
        }
    }
}

impl hyper::body::Body for CountedBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        loop {
            if let Some(chunk) = self.ready.pop_front() {
                return Poll::Ready(Some(Ok(Frame::data(chunk))));
            }
            if let Some(trailers) = self.trailers.take() {
                return Poll::Ready(Some(Ok(Frame::trailers(trailers))));
            }
            if let Some(failure) = self.failure.take() {
                return Poll::Ready(Some(Err(failure)));
            }
            if self.inner.is_none() {
                return Poll::Ready(None);
            }
            match self.pull(cx) {
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(fault)) => self.end(fault),
                Poll::Pending => {
                    self.response.rest();
                    return Poll::Pending;
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_none() && self.ready.is_empty() && self.trailers.is_none() && self.failure.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}

#[cfg(test)]
mod tests;
