//! Read throttle of one connection. It yields after some bytes, and waits if the peer sends more bytes a second than
//! its share. This is the only limit on floods of small frames that break no rule of HTTP/2 (PING, SETTINGS).
//!
//! Each frame counts for at least [`FRAME_BYTES_MIN`], because the smallest frames cost the server as much as larger
//! ones.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

use crate::net::frames::{FramePart, FrameReader};

/// Bytes that are read from a connection before other tasks run. Without this limit a flood is read by the mebibyte,
/// tens of thousands of frames at once, and all other tasks wait for a thread.
const TURN_BYTES: u32 = 8 * 1024;
/// The minimum that a frame counts for.
const FRAME_BYTES_MIN: u32 = 128;
/// Size of the preface, before the first frame. Bytes that are not HTTP/2 look like a few long frames, and so count as
/// their bytes.
const PREFACE_BYTES: u32 = 24;
/// The burst after a pause, as the time that it takes at the rate of the share.
const BURST: Duration = Duration::from_secs(1);

/// The number that these bytes count for.
fn cost_of(frames: &mut FrameReader, mut bytes: &[u8]) -> u32 {
    let mut cost = 0_u32;
    while let Some(part) = frames.take(&mut bytes) {
        cost = cost.saturating_add(match part {
            FramePart::Payload(payload) => u32::try_from(payload.len()).unwrap_or(u32::MAX),
            // The rest of the minimum is counted with the header of a short frame.
            FramePart::Head { length, .. } => FRAME_BYTES_MIN.saturating_sub(length),
        });
    }
    cost
}

/// The state of a connection's throttle.
#[derive(Debug)]
pub(super) struct Throttle {
    /// The time that a turn takes at the rate of the share.
    turn: Duration,
    frames: FrameReader,
    /// Bytes read in this turn.
    bytes_in_turn: u32,
    /// When all bytes so far would have been read at the rate of the share.
    paid_until: Instant,
    /// The pause until the connection may be read again.
    pause: Option<Pin<Box<Sleep>>>,
}

impl Throttle {
    /// A share of this many bytes a second.
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

    /// Counts bytes that were read.
    pub(super) fn count(&mut self, bytes: &[u8]) {
        self.bytes_in_turn = self.bytes_in_turn.saturating_add(cost_of(&mut self.frames, bytes));
    }

    /// Accounts for a turn; returns until when the connection must wait, if it is ahead of its share.
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
        // The result does not depend on how it is split into reads.
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
