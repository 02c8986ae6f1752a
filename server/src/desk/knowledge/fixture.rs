//! Articles for the tests of the knowledge base.

use super::article::{
    Article, ArticleContent, ArticleHistory, ArticleKey, ArticleState, ArticleStep, LegalSource,
};
use crate::ticket::Instant;

/// What an article says.
pub(super) fn content() -> ArticleContent {
    ArticleContent {
        title: "企业名称申报".to_owned(),
        standard_question: "企业名称怎么申报？".to_owned(),
        similar_questions: Vec::new(),
        body: "通过登记机关的申报系统办理。".to_owned(),
        topics: Vec::new(),
        districts: Vec::new(),
        owner_unit: None,
        source: LegalSource::default(),
        effective_from: None,
        effective_until: None,
        review_at: None,
    }
}

/// A version by `author` in a state.
pub(super) fn article(state: ArticleState, author: &str) -> Article {
    let drafted = ArticleStep { by: author.to_owned(), at: Instant::UNIX_EPOCH, note: String::new() };
    Article {
        key: ArticleKey { article: "company-name".to_owned(), version: 2 },
        revision: 1,
        state,
        content: content(),
        in_force_from: None,
        in_force_until: None,
        history: ArticleHistory { drafted, reviewed: None, published: None, retired: None },
    }
}

/// A published version with the time in which it is in force.
pub(super) fn published(from: Instant, until: Option<Instant>) -> Article {
    Article { in_force_from: Some(from), in_force_until: until, ..article(ArticleState::Published, "editor") }
}
