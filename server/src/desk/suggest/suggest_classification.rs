//! `SuggestClassification`: the topics that fit a text best, with the words that decided. Nothing is classified.

use super::asked::{Question, SuggestionText};
use super::redacted::RedactedText;
use super::stored_models::ModelKind;
use super::suggestions::{ModelInUse, Suggestions};
use super::{log, why};
use crate::access::Permit;
use crate::platform::Fault;

/// Suggestions of one answer.
const SUGGESTIONS_MAX: usize = 3;

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
    /// Suggests topics, and records what was suggested.
    ///
    /// # Errors
    /// `TICKET_NOT_FOUND`; if the database refuses.
    pub async fn suggest_classification(
        &self,
        permit: &Permit,
        text: SuggestionText,
    ) -> Result<TopicSuggestions, Fault> {
        let asked = self.asked(permit, &Question { text, topic: None, district: None }).await?;
        let found = suggest(self.topic_model().await?.as_ref(), &asked.text);
        let entry = log::Entry {
            kind: ModelKind::Topic,
            key: asked.key,
            ticket: asked.ticket.as_ref().map(|ticket| ticket.number),
            model_version: found.model_version.clone(),
            labels: found.suggestions.iter().map(|one| one.label.clone()).collect(),
            is_sure: found.is_sure,
        };
        self.record(entry).await?;
        Ok(found)
    }
}
