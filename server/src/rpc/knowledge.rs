//! `hotline.v1.KnowledgeService`.

mod close_knowledge_gap;
mod content;
mod draft_article;
mod encode;
mod get_article;
mod import_articles;
mod list_affected_answers;
mod list_articles;
mod list_knowledge_gaps;
mod publish_article;
mod retire_article;
mod review_article;
mod suggest_classification;

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
