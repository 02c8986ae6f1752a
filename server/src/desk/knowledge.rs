//! The knowledge base: articles with immutable versions, which answers cite. One file for each method of
//! `KnowledgeService`.
//!
//! A version is drafted, reviewed by a second person, and published. It is in force from its publication, or a later
//! instant that it names. It stays in force until another version of its article takes its place, or its validity ends,
//! or somebody retires the article. What it says never changes, because answers cite it for ever.

pub mod article;
mod article_texts;
pub mod close_knowledge_gap;
pub mod draft_article;
#[cfg(test)]
mod fixture;
pub mod gaps;
pub mod get_article;
pub mod import_articles;
pub mod knowledge_set;
pub mod list_affected_answers;
pub mod list_articles;
pub mod list_knowledge_gaps;
mod number;
pub mod publish_article;
mod read;
mod reader;
pub mod retire_article;
pub mod review_article;
mod rows;
pub mod search_articles;
mod searched_versions;
mod write;

use crate::platform::{Clock, Store};

pub use article::{Article, ArticleContent, ArticleKey, ArticleState, LegalSource};
pub use article_texts::ArticleTexts;
pub use knowledge_set::{Citability, KnowledgeNeeded, KnowledgeSet};

/// The dependencies of the knowledge base.
#[derive(Debug, Clone)]
pub struct KnowledgeBase {
    /// The database.
    pub store: Store,
    /// The clock.
    pub clock: Clock,
    /// The terms of versions, for searches.
    pub texts: ArticleTexts,
}
