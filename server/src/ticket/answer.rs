//! An answer given on the spot.

use serde::{Deserialize, Serialize};

use super::{Instant, UnitCode};

/// An answer given on the spot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct Answer {
    pub content: String,
    pub articles: Vec<ArticleCitation>,
    pub answered_at: Instant,
    /// The question that no article answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap: Option<AnswerGap>,
}

/// A question that no article answered, and whose question it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerGap {
    /// The question, without anything about the caller.
    pub question: String,
    /// The unit that was responsible for the ticket's topic then.
    pub unit: Option<UnitCode>,
}

/// A knowledge article and the version that was cited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct ArticleCitation {
    pub article: String,
    pub version: i32,
    /// Whether the knowledge base did not hold the article.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_free: bool,
}
