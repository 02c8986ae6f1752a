//! `hotline.v1.KnowledgeService`.

mod close_knowledge_gap;
mod content;
mod draft_article;
mod encode;
mod find_similar_tickets;
mod get_article;
mod get_suggestion_quality;
mod import_articles;
mod list_affected_answers;
mod list_articles;
mod list_knowledge_gaps;
mod publish_article;
mod question;
mod retire_article;
mod review_article;
mod search_articles;
mod suggest_classification;
mod suggest_dispatch;

use hotline_proto::v1::knowledge_service_server::KnowledgeService;

use super::fields::Fields;
use super::handler::serve;
use crate::desk::knowledge::{ArticleKey, KnowledgeBase};
use crate::desk::suggest::Suggestions;

/// Serves the knowledge base.
#[derive(Debug, Clone)]
pub struct KnowledgeApi {
    /// The knowledge base.
    pub knowledge: KnowledgeBase,
    /// The models of suggestions.
    pub suggestions: Suggestions,
}

impl KnowledgeApi {
    /// The same, with another number of open tickets from which on a supervisor should look at their cause.
    #[must_use]
    pub fn hinting_from(self, same_cause_open_min: u32) -> Self {
        Self { suggestions: self.suggestions.with_same_cause_open_min(same_cause_open_min), ..self }
    }
}

/// The longest note of a step, in characters.
const NOTE_CHARS_MAX: usize = 500;
/// The longest etag, in characters.
const ETAG_CHARS_MAX: usize = 64;

hotline_proto::knowledge_service_methods!(serve for KnowledgeApi);

/// The code of an article and one of its versions.
fn key(article: &str, version: i32, fields: &mut Fields) -> ArticleKey {
    let article = fields.article("article", article);
    let read = u32::try_from(version).ok().filter(|version| *version > 0);
    if read.is_none() {
        fields.wrong("version", "is required, from 1");
    }
    ArticleKey { article, version: read.unwrap_or_default() }
}
