//! The size of a page: what is read together for a stream or for all streams is bounded in bytes, because an event may
//! be a word or a long text. Bytes are those of the stored JSON without texts that no stream shows, which is more than
//! the contract's encoding has.

use std::io;

use serde::Serialize;

/// Bytes of a page. A page has at least one entry, which may be larger.
pub(super) const PAGE_BYTES_MAX: usize = 16 * 1024;
/// Bytes of a batch for all streams of a server, in the same way.
pub(super) const BATCH_BYTES_MAX: usize = 64 * 1024;
/// Bytes that every entry counts beside its text: its position, who did it, and its audience.
const ENTRY_BYTES: usize = 256;
/// Bytes of a ticket in a digest.
const DIGEST_TICKET_BYTES: usize = 64;

/// The bytes of a page that grows.
#[derive(Debug)]
pub(super) struct PageBytes {
    used: usize,
    most: usize,
}

impl Default for PageBytes {
    fn default() -> Self {
        Self::up_to(PAGE_BYTES_MAX)
    }
}

impl PageBytes {
    /// An empty page of at most so many bytes.
    pub(super) const fn up_to(most: usize) -> Self {
        Self { used: 0, most }
    }

    /// Adds an entry with a text of so many bytes; returns whether it belongs to the page. The first one always does.
    pub(super) const fn add(&mut self, text_bytes: usize) -> bool {
        let is_first = self.used == 0;
        self.used = self.used.saturating_add(text_bytes).saturating_add(ENTRY_BYTES);
        is_first || self.used <= self.most
    }

    /// Adds a digest of so many tickets.
    pub(super) const fn add_digest(&mut self, tickets: usize) -> bool {
        self.add(tickets.saturating_mul(DIGEST_TICKET_BYTES))
    }

    /// Adds what is measured as JSON.
    pub(super) fn add_json(&mut self, value: &impl Serialize) -> bool {
        let mut counter = Counter(0);
        // A value that can't be written down counts as a whole page.
        let is_written = serde_json::to_writer(&mut counter, value).is_ok();
        self.add(if is_written { counter.0 } else { self.most })
    }
}

/// Counts what is written into it.
struct Counter(usize);

impl io::Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self.0.saturating_add(bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_at_least_one_entry_and_otherwise_no_more_bytes_than_it_may() {
        let kept = |texts: &[usize]| {
            let mut bytes = PageBytes::up_to(1_000);
            texts.iter().take_while(|text| bytes.add(**text)).count()
        };
        assert_eq!(kept(&[]), 0);
        assert_eq!(kept(&[5_000, 1]), 1);
        assert_eq!(kept(&[244, 244, 1]), 2);
        assert_eq!(kept(&[0, 0, 0, 0, 0]), 3);
        let mut bytes = PageBytes::up_to(1_000);
        assert!(bytes.add_json(&"x".repeat(700)));
        assert!(!bytes.add_json(&"x"));
        let mut bytes = PageBytes::up_to(1_000);
        assert!(bytes.add_digest(10) && !bytes.add_digest(1));
    }
}
