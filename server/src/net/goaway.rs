//! Detects that the server closes a connection because its peer broke a rule of HTTP/2 or one of its limits. The server
//! then sends GOAWAY with an error code (RFC 9113, section 6.8). An idle connection, and every connection at shutdown,
//! gets GOAWAY with `NO_ERROR`. tonic reports neither, so the written frames are parsed.

use crate::net::frames::{FramePart, FrameReader};

/// Types of frames.
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;
/// The first fields of a GOAWAY: last stream id, then error code.
const GOAWAY_FIELDS_BYTES: usize = 8;

/// Parses what the server writes until it sends GOAWAY with an error.
#[derive(Debug)]
pub(super) struct GoawayObserver {
    frames: FrameReader,
    state: State,
}

#[derive(Debug)]
enum State {
    /// Before the first frame.
    Start,
    /// Between frames, or inside a GOAWAY with the fields received so far.
    FrameReader(Option<Vec<u8>>),
    /// Not HTTP/2, or GOAWAY with an error was sent.
    Done,
}

impl GoawayObserver {
    pub(super) fn new() -> Self {
        Self { frames: FrameReader::after_prefix(0), state: State::Start }
    }

    /// Observes bytes that the server writes; true if they complete a GOAWAY with an error.
    pub(super) fn observe(&mut self, mut bytes: &[u8]) -> bool {
        while !matches!(self.state, State::Done)
            && let Some(part) = self.frames.take(&mut bytes)
        {
            match (&mut self.state, part) {
                // A server's first frame is SETTINGS (section 3.4).
                (State::Start, FramePart::Head { kind, .. }) if kind != SETTINGS => self.state = State::Done,
                (State::Start | State::FrameReader(_), FramePart::Head { kind, .. }) => {
                    self.state = State::FrameReader((kind == GOAWAY).then(Vec::new));
                }
                (State::FrameReader(Some(fields)), FramePart::Payload(payload)) => {
                    fields.extend(payload.iter().take(GOAWAY_FIELDS_BYTES - fields.len()));
                    if let Some(error) = fields.get(4..GOAWAY_FIELDS_BYTES) {
                        if error.iter().any(|byte| *byte != 0) {
                            self.state = State::Done;
                            return true;
                        }
                        // A graceful shutdown sends NO_ERROR first; another GOAWAY may follow.
                        self.state = State::FrameReader(None);
                    }
                }
                (State::Start | State::FrameReader(None) | State::Done, _) => {}
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: u8, payload: &[u8]) -> Vec<u8> {
        let length = u8::try_from(payload.len()).expect("a short frame");
        [&[0, 0, length, kind, 0, 0, 0, 0, 0], payload].concat()
    }

    /// Whether exactly one error is reported, independent of how the bytes are split.
    fn is_reported(said: &[u8]) -> bool {
        let times = (1..=said.len()).map(|piece| {
            let mut observer = GoawayObserver::new();
            said.chunks(piece).filter(|bytes| observer.observe(bytes)).count()
        });
        let times: Vec<usize> = times.collect();
        assert!(times.iter().all(|count| *count == times[0] && *count <= 1), "{times:?}");
        times[0] == 1
    }

    #[test]
    fn a_goaway_with_an_error_is_reported() {
        let settings = frame(SETTINGS, &[0, 3, 0, 0, 0, 128]);
        let data = frame(0, &[GOAWAY; 40]);
        let calm = frame(GOAWAY, b"\x7f\xff\xff\xff\0\0\0\0");
        let record_offence = frame(GOAWAY, b"\0\0\0\x09\0\0\0\x0btoo_many_resets");
        assert!(is_reported(&[&settings[..], &data, &record_offence].concat()));
        assert!(is_reported(&[&settings[..], &calm, &data, &record_offence, &record_offence].concat()));
        assert!(!is_reported(&[&settings[..], &data, &calm, &calm].concat()));
        assert!(!is_reported(&[&settings[..], &data].concat()));
        assert!(!is_reported(&settings));
    }

    #[test]
    fn bytes_that_are_not_http_2_are_ignored() {
        let text = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".repeat(200_000);
        let mut observer = GoawayObserver::new();
        assert!(!observer.observe(&text));
        let settings = frame(SETTINGS, &[]);
        assert!(
            !observer.observe(&[&settings[..], &frame(GOAWAY, &[1; 8])].concat()),
            "it is listened to no more"
        );
    }
}
