//! The texts of a ticket without identifying text. Suggestions read no other texts of tickets.

use crate::ticket::{CallerIdentity, Ticket, pii};

/// Characters of a subject or a body that are kept. No feature comes from behind them.
const CHARS_MAX: usize = 1_000;

/// A text without identifying text.
fn mask(text: &str) -> String {
    pii::mask(text, &CallerIdentity::default()).text
}

/// The beginning of a text. It was masked before, so that no cut leaves half a number.
fn cut(masked: &str) -> String {
    match masked.char_indices().nth(CHARS_MAX) {
        Some((end, _)) => masked[..end].to_owned(),
        None => masked.to_owned(),
    }
}

/// A subject and a body without identifying text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RedactedText {
    /// The subject.
    pub subject: String,
    /// The body.
    pub body: String,
}

impl RedactedText {
    /// A text that somebody has written. Numbers and addresses that identify somebody are taken out.
    #[must_use]
    pub fn of(subject: &str, body: &str) -> Self {
        Self::with_whole(subject, body).0
    }

    /// The same, with the whole subject and the whole body after it.
    pub(super) fn with_whole(subject: &str, body: &str) -> (Self, String, String) {
        let (subject, body) = (mask(subject), mask(body));
        (Self { subject: cut(&subject), body: cut(&body) }, subject, body)
    }

    /// The text of a ticket as staff read it. Units may still read an older one, which names the caller.
    #[must_use]
    pub fn of_ticket(ticket: &Ticket) -> Self {
        Self::of(ticket.staff_subject(), ticket.staff_content())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_taken_out_of_every_text() {
        let text = RedactedText::of("回电13800138000", "电话13800138000");
        assert!(!text.subject.contains("138") && !text.body.contains("138"), "{text:?}");
    }

    #[test]
    fn a_long_text_is_cut_behind_whole_characters() {
        let text = RedactedText::of("", &"执照".repeat(CHARS_MAX));
        assert_eq!(text.body, "执照".repeat(CHARS_MAX / 2));
    }
}
