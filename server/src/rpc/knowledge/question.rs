//! What suggestions and similar tickets are asked for: a ticket, or a text before intake with its place.

use crate::desk::suggest::asked::{Question, SuggestionText};
use crate::rpc::fields::{Fields, Lines};

/// The longest subject, in characters, as of a ticket.
const SUBJECT_CHARS_MAX: usize = 200;
/// The longest content, in characters, as of a ticket.
const CONTENT_CHARS_MAX: usize = 10_000;
/// Scores are answered in thousandths.
const SCORE_UNITS: f32 = 1_000.0;

/// The fields of a request.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct QuestionFields<'a> {
    pub(super) ticket_number: &'a str,
    pub(super) subject: &'a str,
    pub(super) content: &'a str,
    pub(super) topic: &'a str,
    pub(super) district: &'a str,
}

impl QuestionFields<'_> {
    /// The question.
    pub(super) fn read(self, fields: &mut Fields) -> Question {
        let Self { ticket_number, subject, content, topic, district } = self;
        if ticket_number.is_empty() {
            let content_min = usize::from(subject.is_empty());
            let subject = fields.text("subject", subject, 0..=SUBJECT_CHARS_MAX, Lines::One);
            let content = fields.text("content", content, content_min..=CONTENT_CHARS_MAX, Lines::Many);
            let (topic, district) = (fields.topic("topic", topic), fields.district("district", district));
            return Question { text: SuggestionText::given(&subject, &content), topic, district };
        }
        for (field, text) in
            [("subject", subject), ("content", content), ("topic", topic), ("district", district)]
        {
            if !text.is_empty() {
                fields.wrong(field, "is empty if a ticket is named");
            }
        }
        let text = SuggestionText::Ticket(fields.number("ticket_number", ticket_number));
        Question { text, topic: None, district: None }
    }
}

/// A score in thousandths.
#[expect(clippy::cast_possible_truncation, reason = "a cast of a float saturates")]
pub(super) fn thousandths(score: f32) -> i64 {
    (score * SCORE_UNITS).round() as i64
}

/// A similarity in thousandths.
pub(super) fn similarity(similarity: f32) -> i32 {
    i32::try_from(thousandths(similarity)).unwrap_or_default()
}
