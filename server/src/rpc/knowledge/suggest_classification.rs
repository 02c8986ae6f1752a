//! `SuggestClassification`.

use hotline_proto::v1 as pb;

use super::KnowledgeApi;
use crate::access::Permit;
use crate::desk::suggest::redacted::RedactedText;
use crate::desk::suggest::suggest_classification::{Suggestion, SuggestionText};
use crate::platform::Fault;
use crate::rpc::fields::{Fields, Lines};
use crate::rpc::handler::Handler;

/// The longest subject, in characters, as of a ticket.
const SUBJECT_CHARS_MAX: usize = 200;
/// The longest content, in characters, as of a ticket.
const CONTENT_CHARS_MAX: usize = 10_000;
/// Scores are answered in thousandths.
const SCORE_UNITS: f32 = 1_000.0;

impl Handler<KnowledgeApi> for pb::SuggestClassificationRequest {
    async fn handle(&self, api: &KnowledgeApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let text = if self.ticket_number.is_empty() {
            let content_min = usize::from(self.subject.is_empty());
            let subject = fields.text("subject", &self.subject, 0..=SUBJECT_CHARS_MAX, Lines::One);
            let content = fields.text("content", &self.content, content_min..=CONTENT_CHARS_MAX, Lines::Many);
            SuggestionText::Given(RedactedText::of(&subject, &content))
        } else {
            for (field, text) in [("subject", &self.subject), ("content", &self.content)] {
                if !text.is_empty() {
                    fields.wrong(field, "is empty if a ticket is named");
                }
            }
            SuggestionText::Ticket(fields.number("ticket_number", &self.ticket_number))
        };
        let found = api.suggestions.suggest_classification(permit, fields.finish(text)?).await?;
        Ok(pb::SuggestClassificationResponse {
            suggestions: found.suggestions.into_iter().map(encode).collect(),
            sure: found.is_sure,
            model_version: found.model_version,
        })
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a cast of a float saturates")]
fn encode(suggestion: Suggestion) -> pb::TopicSuggestion {
    pb::TopicSuggestion {
        topic: suggestion.label,
        score: (suggestion.score * SCORE_UNITS).round() as i64,
        words: suggestion.words,
    }
}
