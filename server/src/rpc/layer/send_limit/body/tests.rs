//! Tests of the body alone: what counts, until when, and how it ends without room.

use std::net::IpAddr;
use std::sync::atomic::AtomicU32;
use std::task::Waker;

use hotline_proto::v1::ErrorReason;
use tokio::sync::mpsc;

use super::super::budget::tests::budget;
use super::*;
use crate::net::Connection;

/// A body whose frames the test sends.
struct Sent(mpsc::UnboundedReceiver<Frame<Bytes>>);

impl hyper::body::Body for Sent {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        self.0.poll_recv(cx).map(|frame| frame.map(Ok))
    }
}

/// A call in flight, counted until it is dropped.
struct InFlightCall(Arc<AtomicU32>);

impl Drop for InFlightCall {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

struct Stage {
    budget: Arc<SendBudget>,
    calls: Arc<AtomicU32>,
    sender: mpsc::UnboundedSender<Frame<Bytes>>,
    body: CountedBody,
}

fn stage(all: usize, answer: Answer) -> Stage {
    let budget = Arc::new(budget(all, all, all));
    let calls = Arc::new(AtomicU32::new(1));
    let (sender, receiver) = mpsc::unbounded_channel();
    let mut guards = ResponseGuards::default();
    guards.until_sent(InFlightCall(Arc::clone(&calls)));
    let inner = Body::new(Sent(receiver));
    let body = CountedBody::new(inner, Arc::clone(&budget), None, guards, answer, Language::English);
    Stage { budget, calls, sender, body }
}

impl Stage {
    fn send(&self, bytes: usize) {
        self.sender.send(Frame::data(Bytes::from(vec![7; bytes]))).expect("it is received");
    }

    fn next(&mut self) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        Pin::new(&mut self.body).poll_frame(&mut Context::from_waker(Waker::noop()))
    }

    fn chunk(&mut self) -> Bytes {
        let Poll::Ready(Some(Ok(frame))) = self.next() else { panic!("there is a frame") };
        frame.into_data().expect("it holds data")
    }
}

#[test]
fn an_answer_counts_until_its_last_byte_is_gone() {
    let mut stage = stage(1024 * 1024, Answer::ToQuestion);
    stage.send(CHUNK_BYTES + 1);
    stage.sender.send(Frame::trailers(HeaderMap::new())).expect("it is received");
    stage.body.read_ahead(&mut Context::from_waker(Waker::noop())).expect("there is room");
    assert!(stage.body.inner.is_none(), "what made the answer is dropped");
    assert_eq!(stage.budget.in_all(), CHUNK_BYTES + 1 + RESPONSE_BYTES);
    let (first, last) = (stage.chunk(), stage.chunk());
    assert_eq!((first.len(), last.len()), (CHUNK_BYTES, 1));
    assert!(matches!(stage.next(), Poll::Ready(Some(Ok(frame))) if frame.is_trailers()));
    assert!(stage.body.is_end_stream());
    let Stage { budget, calls, body, .. } = stage;
    drop((body, first));
    assert_eq!((budget.in_all(), calls.load(Ordering::SeqCst)), (1 + RESPONSE_BYTES, 1), "it is under way");
    drop(last);
    assert_eq!((budget.in_all(), calls.load(Ordering::SeqCst)), (0, 0), "all is given back");
}

#[test]
fn an_answer_without_room_is_refused_before_it_begins() {
    for (answer, reason) in
        [(Answer::ToQuestion, ErrorReason::Overloaded), (Answer::ToChange, ErrorReason::Unavailable)]
    {
        let mut stage = stage(100_000, answer);
        let other = Principal::from("other");
        stage.budget.reserve(&other, None, Answer::ToQuestion, 90_000).expect("there is room");
        stage.send(20_000);
        let refused = stage.body.read_ahead(&mut Context::from_waker(Waker::noop()));
        let refused = refused.expect_err("there is no room");
        assert_eq!(refused.reason, reason, "{answer:?}");
        assert!(refused.retry_after.is_some());
    }
}

#[test]
fn strangers_of_each_address_are_one_principal() {
    let follow = |last: u8| Arc::new(Connection::detached(IpAddr::from([192, 0, 2, last]))).follow();
    let [one, again, other] = [1, 1, 2].map(follow);
    assert_eq!(stranger(Some(&one)), stranger(Some(&again)));
    assert_ne!(stranger(Some(&one)), stranger(Some(&other)));
}

#[test]
fn a_stream_that_is_read_goes_on_and_one_without_room_is_ended() {
    let mut stage = stage(100_000, Answer::ToQuestion);
    stage.body.read_ahead(&mut Context::from_waker(Waker::noop())).expect("nothing waits");
    for _ in 0..100 {
        stage.send(10_000);
        assert_eq!(stage.chunk().len(), 10_000);
    }
    assert!(stage.next().is_pending());
    assert_eq!(stage.calls.load(Ordering::SeqCst), 0, "an idle stream is no call under way");
    stage.send(60_000);
    let unread: Vec<Bytes> = (0..4).map(|_| stage.chunk()).collect();
    stage.send(60_000);
    let Poll::Ready(Some(Ok(frame))) = stage.next() else { panic!("it ends with trailers") };
    let trailers = frame.into_trailers().expect("it ends with trailers");
    assert_eq!(trailers.get("grpc-status").map(http::HeaderValue::as_bytes), Some(&b"8"[..]));
    assert!(stage.body.is_end_stream());
    drop(unread);
}
