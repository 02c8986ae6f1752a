//! Whether the server ends a connection because its peer broke a rule of HTTP/2 or one of its limits: then it says GOAWAY
//! with an error (RFC 9113, section 6.8). One that was silent for too long, or was open when the server stops, is told
//! GOAWAY without one. tonic tells nobody, so that it is read off what the server writes.

use super::frames::{Frames, Part};

/// Types of frames.
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;
/// What a GOAWAY says first: the last stream, then the error.
const TOLD_BYTES: usize = 8;

/// Listens for a farewell.
#[derive(Debug)]
pub(super) struct Farewell {
    frames: Frames,
    heard: Heard,
}

#[derive(Debug)]
enum Heard {
    /// Nothing yet.
    Nothing,
    /// Frames, and of a GOAWAY what it has told so far.
    Frames(Option<Vec<u8>>),
    /// What is listened to no more: it is no HTTP/2, or has said its farewell.
    Over,
}

impl Farewell {
    pub(super) fn new() -> Self {
        Self { frames: Frames::behind(0), heard: Heard::Nothing }
    }

    /// Listens to what the server writes; whether this is where it says farewell with an error.
    pub(super) fn hear(&mut self, mut bytes: &[u8]) -> bool {
        while !matches!(self.heard, Heard::Over)
            && let Some(part) = self.frames.take(&mut bytes)
        {
            match (&mut self.heard, part) {
                // A server's first frame has its settings (section 3.4).
                (Heard::Nothing, Part::Head { kind, .. }) if kind != SETTINGS => self.heard = Heard::Over,
                (Heard::Nothing | Heard::Frames(_), Part::Head { kind, .. }) => {
                    self.heard = Heard::Frames((kind == GOAWAY).then(Vec::new));
                }
                (Heard::Frames(Some(told)), Part::Payload(payload)) => {
                    told.extend(payload.iter().take(TOLD_BYTES - told.len()));
                    if let Some(error) = told.get(4..TOLD_BYTES) {
                        if error.iter().any(|byte| *byte != 0) {
                            self.heard = Heard::Over;
                            return true;
                        }
                        // A stop begins with a farewell that blames nobody; another may follow.
                        self.heard = Heard::Frames(None);
                    }
                }
                (Heard::Nothing | Heard::Frames(None) | Heard::Over, _) => {}
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

    /// Whether it was heard with certainty once, in pieces of every size.
    fn is_blamed(said: &[u8]) -> bool {
        let times = (1..=said.len()).map(|piece| {
            let mut farewell = Farewell::new();
            said.chunks(piece).filter(|bytes| farewell.hear(bytes)).count()
        });
        let times: Vec<usize> = times.collect();
        assert!(times.iter().all(|count| *count == times[0] && *count <= 1), "{times:?}");
        times[0] == 1
    }

    #[test]
    fn a_peer_is_blamed_for_a_farewell_with_an_error() {
        let settings = frame(SETTINGS, &[0, 3, 0, 0, 0, 128]);
        let data = frame(0, &[GOAWAY; 40]);
        let calm = frame(GOAWAY, b"\x7f\xff\xff\xff\0\0\0\0");
        let blame = frame(GOAWAY, b"\0\0\0\x09\0\0\0\x0btoo_many_resets");
        assert!(is_blamed(&[&settings[..], &data, &blame].concat()));
        assert!(is_blamed(&[&settings[..], &calm, &data, &blame, &blame].concat()));
        assert!(!is_blamed(&[&settings[..], &data, &calm, &calm].concat()));
        assert!(!is_blamed(&[&settings[..], &data].concat()));
        assert!(!is_blamed(&settings));
    }

    #[test]
    fn what_is_no_http_2_blames_nobody() {
        let text = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".repeat(200_000);
        let mut farewell = Farewell::new();
        assert!(!farewell.hear(&text));
        let settings = frame(SETTINGS, &[]);
        assert!(
            !farewell.hear(&[&settings[..], &frame(GOAWAY, &[1; 8])].concat()),
            "it is listened to no more"
        );
    }
}
