//! Tracks the frame boundaries (RFC 9113, section 4.1) in one direction of a connection, independent of how it is split
//! into reads and writes.

/// Size of a frame header.
const HEAD_BYTES: usize = 9;

/// The position in one direction.
#[derive(Debug)]
pub(super) struct FrameReader {
    /// Remaining bytes of the present payload.
    left: u32,
    /// The next header, as far as it has arrived.
    head: [u8; HEAD_BYTES],
    headed: usize,
}

/// A part of the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FramePart<'a> {
    /// A complete header.
    Head {
        /// The type of the frame.
        kind: u8,
        /// The bytes of its payload.
        length: u32,
    },
    /// Some of a payload, or of what precedes the first frame.
    Payload(&'a [u8]),
}

impl FrameReader {
    /// A direction whose first frame begins after this many bytes.
    pub(super) fn after_prefix(bytes: u32) -> Self {
        Self { left: bytes, head: [0; HEAD_BYTES], headed: 0 }
    }

    /// Takes the next part from the front of some bytes; `None` if there are no more.
    pub(super) fn take<'a>(&mut self, bytes: &mut &'a [u8]) -> Option<FramePart<'a>> {
        if self.left > 0 && !bytes.is_empty() {
            let length = usize::try_from(self.left).unwrap_or(usize::MAX).min(bytes.len());
            let (payload, rest) = bytes.split_at(length);
            self.left -= u32::try_from(length).unwrap_or(u32::MAX);
            *bytes = rest;
            return Some(FramePart::Payload(payload));
        }
        while let Some((&byte, rest)) = bytes.split_first() {
            *bytes = rest;
            self.head[self.headed] = byte;
            self.headed += 1;
            if self.headed == HEAD_BYTES {
                let [high, middle, low, kind, ..] = self.head;
                let length = u32::from_be_bytes([0, high, middle, low]);
                *self = Self::after_prefix(length);
                return Some(FramePart::Head { kind, length });
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_the_same_however_the_bytes_are_cut() {
        let said = [&b"PRI"[..], &[0, 0, 2, 6, 0, 0, 0, 0, 1], b"ab", &[0, 0, 0, 4, 1, 0, 0, 0, 0]].concat();
        for piece in 1..=said.len() {
            let (mut frames, mut heads, mut payload) = (FrameReader::after_prefix(3), Vec::new(), Vec::new());
            for mut bytes in said.chunks(piece) {
                while let Some(part) = frames.take(&mut bytes) {
                    match part {
                        FramePart::Head { kind, length } => heads.push((kind, length)),
                        FramePart::Payload(bytes) => payload.extend(bytes),
                    }
                }
            }
            assert_eq!((heads, payload), (vec![(6, 2), (4, 0)], b"PRIab".to_vec()), "in pieces of {piece}");
        }
    }
}
