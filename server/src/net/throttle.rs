//! Read throttle of one connection: it yields after some bytes, and waits if it sends more bytes a second than its
//! share. This is the only bound on floods of small frames that break no rule of HTTP/2 (PING, SETTINGS).
//!
//! Each frame counts for at least [`FRAME_BYTES_MIN`], because the smallest frames cost the server as much as larger
//! ones.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

use crate::net::frames::{FramePart, FrameReader};

/// What a connection may say before it is the others' turn, in bytes. Without this bound a flood is read by the
/// mebibyte, tens of thousands of frames at once, while everybody else waits for a thread.
const TURN_BYTES: u32 = 8 * 1024;
/// For what a frame counts at least.
const FRAME_BYTES_MIN: u32 = 128;
/// Bytes of the preface, before the first frame. What is no HTTP/2 looks like few long frames, and so counts as its
/// bytes.
const PREFACE_BYTES: u32 = 24;
/// What it may say faster than its share after a pause, as a time at its share's pace.
const BURST: Duration = Duration::from_secs(1);

/// For what bytes count.
fn cost_of(frames: &mut FrameReader, mut bytes: &[u8]) -> u32 {
    let mut cost = 0_u32;
    while let Some(part) = frames.take(&mut bytes) {
        cost = cost.saturating_add(match part {
            FramePart::Payload(payload) => u32::try_from(payload.len()).unwrap_or(u32::MAX),
            // A short frame counts for what it lacks with its head.
            FramePart::Head { length, .. } => FRAME_BYTES_MIN.saturating_sub(length),
        });
    }
    cost
}

/// How far a connection is with its share.
#[derive(Debug)]
pub(super) struct Throttle {
    /// The time that a turn takes at the pace of the share.
    turn: Duration,
    frames: FrameReader,
    /// What was said in this turn.
    bytes_in_turn: u32,
    /// When all that was said would have been said at the pace of the share.
    paid_until: Instant,
    /// Until the connection may go on.
    pause: Option<Pin<Box<Sleep>>>,
}

impl Throttle {
    /// A share of so many bytes a second.
    pub(super) fn new(bytes_per_second: u32) -> Self {
        let turn = Duration::from_secs(1) * TURN_BYTES / bytes_per_second.max(1);
        let frames = FrameReader::after_prefix(PREFACE_BYTES);
        Self { turn, frames, bytes_in_turn: 0, paid_until: Instant::now(), pause: None }
    }

    /// Whether the connection may be read now; if not, its task is woken when it may.
    pub(super) fn poll_turn(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if let Some(pause) = &mut self.pause {
            std::task::ready!(pause.as_mut().poll(cx));
            self.pause = None;
        }
        if self.bytes_in_turn < TURN_BYTES {
            return Poll::Ready(());
        }
        self.bytes_in_turn -= TURN_BYTES;
        match self.end_turn(Instant::now()) {
            None => cx.waker().wake_by_ref(),
            Some(until) => {
                let pause = self.pause.insert(Box::pin(sleep_until(until)));
                if pause.as_mut().poll(cx).is_ready() {
                    cx.waker().wake_by_ref();
                }
            }
        }
        Poll::Pending
    }

    /// Counts what came.
    pub(super) fn count(&mut self, bytes: &[u8]) {
        self.bytes_in_turn = self.bytes_in_turn.saturating_add(cost_of(&mut self.frames, bytes));
    }

    /// Accounts for a turn; until when the connection must wait, where it is ahead of its share.
    fn end_turn(&mut self, now: Instant) -> Option<Instant> {
        self.paid_until = self.paid_until.max(now) + self.turn;
        let until = self.paid_until.checked_sub(BURST)?;
        (until > now).then_some(until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_read_at_its_rate() {
        let mut throttle = Throttle::new(TURN_BYTES * 10);
        let start = throttle.paid_until;
        let mut now = start;
        let mut turns = 0;
        while now < start + Duration::from_secs(10) {
            turns += 1;
            now = throttle.end_turn(now).unwrap_or(now);
        }
        // A second of burst and ten of the share, ten turns each.
        assert_eq!(turns, 110);
        now += Duration::from_mins(1);
        let burst = (0..1000).take_while(|_| throttle.end_turn(now).is_none()).count();
        assert_eq!(burst, 10, "a pause gives the burst back, and no more");
    }

    #[test]
    fn a_frame_counts_for_its_bytes_and_no_less_than_the_least() {
        let frame =
            |length: u8| [&[0, 0, length, 6, 0, 0, 0, 0, 0][..], &vec![0; usize::from(length)]].concat();
        let preface = vec![b'P'; 24];
        let bytes_in_turn = [preface, frame(8), frame(0), frame(200), frame(0)].concat();
        // However it is cut into reads.
        for piece in [1, 2, 5, 9, 17, bytes_in_turn.len()] {
            let mut frames = FrameReader::after_prefix(PREFACE_BYTES);
            let cost: u32 = bytes_in_turn.chunks(piece).map(|bytes| cost_of(&mut frames, bytes)).sum();
            assert_eq!(cost, 24 + 128 + 128 + 200 + 128, "in pieces of {piece}");
        }
        let text =
            b"POST /hotline.v1.TicketService/ListTickets HTTP/1.1\r\nhost: hotline\r\n\r\n".repeat(100);
        let mut frames = FrameReader::after_prefix(PREFACE_BYTES);
        let bytes = u32::try_from(text.len()).expect("a short text");
        assert!(cost_of(&mut frames, &text) <= bytes, "HTTP/1 counts as its bytes");
    }

    #[tokio::test]
    async fn a_turn_ends_after_its_bytes_and_a_share_after_its_burst() {
        let mut throttle = Throttle::new(TURN_BYTES * 10);
        let mut cx = Context::from_waker(std::task::Waker::noop());
        assert!(throttle.poll_turn(&mut cx).is_ready());
        for _ in 0..10 {
            assert!(throttle.poll_turn(&mut cx).is_ready(), "the burst is not paused");
            throttle.bytes_in_turn += TURN_BYTES;
            assert!(throttle.poll_turn(&mut cx).is_pending(), "it is the others' turn");
        }
        assert!(throttle.pause.is_none());
        throttle.bytes_in_turn += TURN_BYTES * 5;
        while throttle.pause.is_none() {
            assert!(throttle.poll_turn(&mut cx).is_pending());
        }
        assert!(throttle.poll_turn(&mut cx).is_pending(), "it waits");
        let begun = Instant::now();
        std::future::poll_fn(|cx| throttle.poll_turn(cx)).await;
        assert!(begun.elapsed() > Duration::ZERO);
    }
}
