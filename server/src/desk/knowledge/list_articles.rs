//! `ListArticles`: versions by code and version, without their texts.

use super::KnowledgeBase;
use super::article::{Article, ArticleKey};
use super::read;
use super::reader::Reader;
use crate::access::Permit;
use crate::platform::Fault;

pub use super::read::ArticleFilter;

impl KnowledgeBase {
    /// The versions after a key that the caller may read, at most `limit`.
    ///
    /// # Errors
    /// If the database refuses.
    pub async fn list_articles(
        &self,
        permit: &Permit,
        filter: &ArticleFilter,
        after: Option<&ArticleKey>,
        limit: u64,
    ) -> Result<Vec<Article>, Fault> {
        let reader = Reader::of(permit);
        let asked = (filter, &reader);
        let found = read::page(self.store.reader(), asked, self.clock.now(), after, limit).await?;
        Ok(found.into_iter().map(|article| reader.shown(article)).collect())
    }
}
