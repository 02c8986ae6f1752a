//! Suggestions of a model, which people decide about.

use crate::convert::record;

record! {
    /// A topic that fits a text, and why.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    TopicSuggestion = TopicSuggestion {
        /// The code of the topic.
        topic: String,
        /// How well it fits, in thousandths. Compared within one answer only; it may be negative.
        score: i64,
        /// The words of the text that decided, the strongest first, in lower case.
        words: Vec<String>,
    }
}

record! {
    /// The topics that fit a text.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    TopicSuggestions = SuggestClassificationResponse {
        /// The best first, at most 3.
        suggestions: Vec<TopicSuggestion>,
        /// Whether the first one is sure: in cross-validation, at least 95 in 100 such suggestions were right.
        sure: bool,
        /// The version of the model, for example `topic-3`; `topic-words` before the first training.
        model_version: String,
    }
}
