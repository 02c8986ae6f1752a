//! `SuggestClassification`: the topics that fit a text best, with the words that decided. Nothing is classified.

use hotline_proto::v1::ErrorReason;

use super::redacted::RedactedText;
use super::suggestions::{ModelInUse, Suggestions};
use super::why;
use crate::access::Permit;
use crate::ledger::read;
use crate::platform::Fault;
use crate::ticket::TicketNumber;

/// Suggestions of one answer.
const SUGGESTIONS_MAX: usize = 3;

/// The text to suggest for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SuggestionText {
    /// That of a ticket.
    Ticket(TicketNumber),
    /// A text before intake.
    Given(RedactedText),
}

/// A label that fits.
#[derive(Debug, Clone, PartialEq)]
pub struct Suggestion {
    /// The code of the topic.
    pub label: String,
    /// The score; it is compared within one answer only.
    pub score: f32,
    /// The words of the text that decided.
    pub words: Vec<String>,
}

/// The topics that fit.
#[derive(Debug, Clone, PartialEq)]
pub struct TopicSuggestions {
    /// The best first.
    pub suggestions: Vec<Suggestion>,
    /// Whether the first one is sure: of such suggestions at least 95 in 100 are right.
    pub is_sure: bool,
    /// The version of the model.
    pub model_version: String,
}

/// The best labels of a text. Without any word for it, a label is not suggested.
fn suggest(current: &ModelInUse, text: &RedactedText) -> TopicSuggestions {
    let RedactedText { subject, body } = text;
    let ranked = current.model.ranked(subject, body);
    let is_sure = current.calibration.is_sure(&ranked);
    let best = ranked.into_iter().take(SUGGESTIONS_MAX).map(|scored| {
        let words = why::words(&current.model, &scored.label, subject, body);
        Suggestion { label: scored.label, score: scored.score, words }
    });
    let suggestions = best.filter(|suggestion| !suggestion.words.is_empty()).collect::<Vec<_>>();
    let is_sure = is_sure && !suggestions.is_empty();
    TopicSuggestions { suggestions, is_sure, model_version: current.version.clone() }
}

impl Suggestions {
    /// Suggests topics.
    ///
    /// # Errors
    /// `TICKET_NOT_FOUND`; if the database refuses.
    pub async fn suggest_classification(
        &self,
        permit: &Permit,
        text: SuggestionText,
    ) -> Result<TopicSuggestions, Fault> {
        let text = match text {
            SuggestionText::Given(text) => text,
            SuggestionText::Ticket(number) => {
                let found = read::find(self.store().reader(), &permit.scope(), number).await?;
                let not_found =
                    || Fault::new(ErrorReason::TicketNotFound).with("ticket_number", number.to_string());
                RedactedText::of_ticket(&found.ok_or_else(not_found)?)
            }
        };
        Ok(suggest(self.topic_model().await?.as_ref(), &text))
    }
}
