//! An answer given on the spot.

use serde::{Deserialize, Serialize};

use super::Instant;

/// An answer given on the spot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct Answer {
    pub content: String,
    pub articles: Vec<ArticleCitation>,
    pub answered_at: Instant,
}

/// A knowledge article and the version that was cited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct ArticleCitation {
    pub article: String,
    pub version: i32,
}
