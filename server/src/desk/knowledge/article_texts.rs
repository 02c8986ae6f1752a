//! The terms of versions, kept in memory. What a version says never changes, so what is kept is never out of date. All
//! servers compute the same from the same rows.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait as _;
use tokio::sync::Mutex;

use super::article::{ArticleContent, ArticleKey};
use super::number::stored;
use super::rows::version;
use crate::feed::search::RankedText;
use crate::platform::Fault;

/// Characters of a body that are searched.
const BODY_CHARS_MAX: usize = 4_000;
/// Terms of all versions of a search: 144 MiB. What does not fit is not found; versions in force come first.
const TERMS_MAX: usize = 16_000_000;
/// Versions that one statement reads.
const VERSIONS_PER_STATEMENT: usize = 100;

/// What of a version is searched.
#[derive(Debug)]
pub(super) struct ArticleText {
    /// Its terms.
    pub(super) text: RankedText,
    /// Its topics.
    pub(super) topics: Vec<String>,
    /// Its districts; none for the whole city.
    pub(super) districts: Vec<String>,
}

/// The terms of versions.
#[derive(Debug, Clone, Default)]
pub struct ArticleTexts(Arc<Mutex<HashMap<ArticleKey, Arc<ArticleText>>>>);

/// The questions, the body and the source of a version, as they are searched and shown.
#[must_use]
pub fn text_of(content: &ArticleContent) -> String {
    let questions = [&content.standard_question].into_iter().chain(&content.similar_questions);
    let source = [&content.source.document_name, &content.source.document_number];
    let parts = questions.chain([&content.body]).chain(source).filter(|part| !part.is_empty());
    parts.map(String::as_str).collect::<Vec<_>>().join("\n")
}

fn indexed(row: version::Model) -> Result<(ArticleKey, ArticleText), Fault> {
    let broken = |error| Fault::internal(format!("version {} of {}: {error}", row.version, row.article));
    let content: ArticleContent = serde_json::from_str(&row.document).map_err(broken)?;
    let body = match row.body.char_indices().nth(BODY_CHARS_MAX) {
        Some((end, _)) => row.body[..end].to_owned(),
        None => row.body,
    };
    // Every question is a way to ask for the article, so they count like the title.
    let questions = [&content.standard_question].into_iter().chain(&content.similar_questions);
    let heads = [&content.title].into_iter().chain(questions).map(String::as_str).collect::<Vec<_>>();
    let source = &content.source;
    let rest = [body.as_str(), &source.document_name, &source.document_number].join("\n");
    let text = RankedText::of(&heads.join("\n"), &rest);
    let key = ArticleKey { article: row.article, version: row.version.unsigned_abs() };
    Ok((key, ArticleText { text, topics: content.topics, districts: content.districts }))
}

impl ArticleTexts {
    /// The texts of these versions, in their order, as many as fit into memory. Others are forgotten.
    ///
    /// # Errors
    /// If the database refuses, or a row can't be read.
    pub(super) async fn of(
        &self,
        db: &impl ConnectionTrait,
        keys: &[ArticleKey],
    ) -> Result<Vec<(ArticleKey, Arc<ArticleText>)>, Fault> {
        let mut kept = self.0.lock().await;
        let (mut texts, mut terms) = (Vec::with_capacity(keys.len()), 0);
        for keys in keys.chunks(VERSIONS_PER_STATEMENT) {
            let missing: Vec<&ArticleKey> = keys.iter().filter(|key| !kept.contains_key(*key)).collect();
            let read = read(db, &missing).await?;
            kept.extend(read.into_iter().map(|(key, text)| (key, Arc::new(text))));
            for key in keys {
                let Some(text) = kept.get(key) else { continue };
                terms += text.text.terms();
                if terms <= TERMS_MAX {
                    texts.push((key.clone(), Arc::clone(text)));
                }
            }
            if terms > TERMS_MAX {
                break;
            }
        }
        if kept.values().map(|text| text.text.terms()).sum::<usize>() > TERMS_MAX {
            *kept = texts.iter().cloned().collect();
        }
        Ok(texts)
    }
}

async fn read(
    db: &impl ConnectionTrait,
    keys: &[&ArticleKey],
) -> Result<BTreeMap<ArticleKey, ArticleText>, Fault> {
    if keys.is_empty() {
        return Ok(BTreeMap::new());
    }
    let same = keys.iter().fold(sea_orm::Condition::any(), |any, key| {
        let is_article = version::Column::Article.eq(key.article.as_str());
        any.add(is_article.and(version::Column::Version.eq(stored(key.version))))
    });
    let rows = version::Entity::find().filter(same).all(db).await?;
    let read = tokio::task::spawn_blocking(move || rows.into_iter().map(indexed).collect()).await;
    read.unwrap_or_else(|error| Err(Fault::internal(format!("reading of articles ended: {error}"))))
}
