//! `RetireArticle`: takes an article out of force, with every version that is in force or would come into force.
//! Answers that cited it stay as they are.

use hotline_proto::v1::ErrorReason;
use prost::Message;

use super::KnowledgeBase;
use super::article::{Article, ArticleState, ArticleStep, not_found};
use super::{read, write};
use crate::access::Permit;
use crate::platform::idempotency::RequestKey;
use crate::platform::{Fault, Work};

/// An article to retire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetireArticle {
    /// Its code.
    pub article: String,
    /// The etag of its last published version, if the caller wants to be sure that it has read it.
    pub etag: Option<String>,
    /// Why.
    pub note: String,
}

impl KnowledgeBase {
    /// Retires an article, once per request; `answer` makes the answer, which is recorded.
    ///
    /// # Errors
    /// Those of [`retire`], `REQUEST_ID_REUSED`, `UNAVAILABLE`.
    pub async fn retire_article<A: Message + Default + 'static>(
        &self,
        permit: &Permit,
        key: RequestKey,
        command: RetireArticle,
        answer: fn(&Article) -> A,
    ) -> Result<A, Fault> {
        self.store
            .run_once(&self.clock, key, (permit.clone(), command, answer), async |work, input| {
                let (permit, command, answer) = input;
                Ok(answer(&retire(work, permit, command).await?))
            })
            .await
    }
}

/// Retires an article; returns its last published version.
///
/// # Errors
/// `ARTICLE_NOT_FOUND`, `ARTICLE_WRONG_STATE`, `ETAG_STALE`.
pub async fn retire(work: &Work, permit: &Permit, command: &RetireArticle) -> Result<Article, Fault> {
    let code = &command.article;
    write::lock(work, code).await?.ok_or_else(|| not_found(code))?;
    let mut current = read::published(work, code).await?;
    current.retain(|article| article.is_current_at(work.now()));
    let Some(last) = current.last() else {
        return Err(Fault::new(ErrorReason::ArticleWrongState).with("article", code));
    };
    last.check_etag(command.etag.as_deref())?;
    let key = last.key.clone();
    for article in current {
        let by = permit.principal().to_owned();
        let mut article = retired(article, work.now());
        article.history.retired = Some(ArticleStep { by, at: work.now(), note: command.note.clone() });
        let article = write::update(work, article).await?;
        write::record(work, permit, &article).await?;
    }
    read::find(&work.tx, &key).await?.ok_or_else(|| not_found(code))
}

/// A version that ends now, or never begins. Pure.
fn retired(article: Article, now: crate::ticket::Instant) -> Article {
    let until = article.in_force_from.map_or(now, |from| from.max(now));
    Article { state: ArticleState::Retired, in_force_until: Some(until), ..article }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::super::fixture::published;
    use super::*;
    use crate::ticket::Instant;

    #[test]
    fn a_retired_version_is_in_force_no_more_and_never_will_be() {
        let now = Instant::UNIX_EPOCH + TimeDelta::days(10);
        for from in [now - TimeDelta::days(3), now, now + TimeDelta::days(3)] {
            let retired = retired(published(from, None), now);
            assert_eq!(retired.state, ArticleState::Retired);
            for at in [now, now + TimeDelta::days(5)] {
                assert!(!retired.is_in_force_at(at), "from {from}, at {at}");
            }
            assert!(!retired.is_current_at(now));
        }
        let before = retired(published(now - TimeDelta::days(3), None), now);
        assert!(before.is_in_force_at(now - TimeDelta::days(1)), "the past stays");
    }
}
