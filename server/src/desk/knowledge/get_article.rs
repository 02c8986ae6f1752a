//! `GetArticle`: a version of an article with its text.

use super::KnowledgeBase;
use super::article::{Article, ArticleKey, not_found};
use super::read;
use super::reader::Reader;
use crate::access::Permit;
use crate::platform::Fault;

impl KnowledgeBase {
    /// A version of an article. Without a version: the one in force; if there is none, the last one that the caller may
    /// read.
    ///
    /// # Errors
    /// `ARTICLE_NOT_FOUND`, also for a version that the caller may not read.
    pub async fn get_article(
        &self,
        permit: &Permit,
        article: &str,
        version: Option<u32>,
    ) -> Result<Article, Fault> {
        let (db, reader) = (self.store.reader(), Reader::of(permit));
        let found = match version {
            Some(version) => read::find(db, &ArticleKey { article: article.to_owned(), version }).await?,
            None => match read::in_force(db, article, self.clock.now()).await? {
                Some(in_force) => Some(in_force),
                None => read::latest(db, article, &reader).await?,
            },
        };
        let found = found.filter(|article| reader.may_read(article));
        found.map(|article| reader.shown(article)).ok_or_else(|| not_found(article))
    }
}
