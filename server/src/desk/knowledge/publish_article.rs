//! `PublishArticle`: brings a reviewed version into force, at once or from the instant that it names. The version that
//! was in force until then ends there.

use hotline_proto::v1::ErrorReason;
use prost::Message;

use super::KnowledgeBase;
use super::article::{Article, ArticleKey, ArticleState, ArticleStep, about};
use super::{read, write};
use crate::access::Permit;
use crate::platform::idempotency::RequestKey;
use crate::platform::{Fault, Work};
use crate::ticket::Instant;

/// A version to publish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishArticle {
    /// The version.
    pub key: ArticleKey,
    /// The etag that the caller has read, if it wants to be sure.
    pub etag: Option<String>,
}

impl KnowledgeBase {
    /// Publishes a version, once per request; `answer` makes the answer, which is recorded.
    ///
    /// # Errors
    /// Those of [`publish`], `REQUEST_ID_REUSED`, `UNAVAILABLE`.
    pub async fn publish_article<A: Message + Default + 'static>(
        &self,
        permit: &Permit,
        key: RequestKey,
        command: PublishArticle,
        answer: fn(&Article) -> A,
    ) -> Result<A, Fault> {
        self.store
            .run_once(&self.clock, key, (permit.clone(), command, answer), async |work, input| {
                let (permit, command, answer) = input;
                Ok(answer(&publish(work, permit, command).await?))
            })
            .await
    }
}

/// Publishes a version.
///
/// # Errors
/// `ARTICLE_NOT_FOUND`, `ARTICLE_WRONG_STATE`, `ETAG_STALE`, `ARTICLE_OUTDATED`.
pub async fn publish(work: &Work, permit: &Permit, command: &PublishArticle) -> Result<Article, Fault> {
    let article = write::lock_version(work, &command.key).await?;
    article.check_state(ArticleState::Reviewed)?;
    article.check_etag(command.etag.as_deref())?;
    let others = read::published(work, &command.key.article).await?;
    let (mut article, replaced) = put_in_force(article, others, work.now())?;
    let by = permit.principal().to_owned();
    article.history.published = Some(ArticleStep { by, at: work.now(), note: String::new() });
    for one in replaced {
        write::update(work, one).await?;
    }
    let article = write::update(work, article).await?;
    write::record(work, permit, &article).await?;
    Ok(article)
}

/// The version in force, and the others that end where it begins. Pure.
fn put_in_force(
    mut article: Article,
    others: Vec<Article>,
    now: Instant,
) -> Result<(Article, Vec<Article>), Fault> {
    let is_over = article.content.effective_until.is_some_and(|until| until <= now);
    if is_over || others.iter().any(|other| other.key.version > article.key.version) {
        return Err(about(ErrorReason::ArticleOutdated, &article.key));
    }
    let from = article.content.effective_from.map_or(now, |from| from.max(now));
    article.state = ArticleState::Published;
    article.in_force_from = Some(from);
    article.in_force_until = article.content.effective_until;
    let replaced = others.into_iter().filter(|other| other.in_force_until.is_none_or(|until| until > from));
    let replaced = replaced.map(|other| {
        // A version that would have begun later never comes into force.
        let until = other.in_force_from.map_or(from, |begins| begins.max(from));
        Article { in_force_until: Some(until), ..other }
    });
    Ok((article, replaced.collect()))
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::super::fixture::{article, published};
    use super::*;

    const DAY: TimeDelta = TimeDelta::days(1);

    fn reviewed(version: u32) -> Article {
        let key = ArticleKey { article: "company-name".to_owned(), version };
        Article { key, ..article(ArticleState::Reviewed, "editor") }
    }

    #[test]
    fn the_version_before_ends_where_the_next_one_begins() {
        let now = Instant::UNIX_EPOCH + DAY * 10;
        let before = published(now - DAY, None);
        let ended = Article { in_force_until: Some(now - DAY), ..published(now - DAY * 3, None) };
        let to_come = published(now + DAY * 5, None);
        for (effective_from, from) in [(None, now), (Some(now - DAY), now), (Some(now + DAY), now + DAY)] {
            let mut next = reviewed(3);
            next.content.effective_from = effective_from;
            let others = vec![ended.clone(), before.clone(), to_come.clone()];
            let (next, replaced) = put_in_force(next, others, now).expect("it is published");
            assert_eq!((next.state, next.in_force_from), (ArticleState::Published, Some(from)));
            let ends: Vec<_> = replaced.iter().map(|one| one.in_force_until).collect();
            assert_eq!(ends, [Some(from), Some(now + DAY * 5)], "the second one never begins");
            assert!(!replaced[1].is_current_at(now));
        }
    }

    #[test]
    fn what_is_over_or_replaced_is_not_published() {
        let now = Instant::UNIX_EPOCH + DAY * 10;
        let mut over = reviewed(3);
        over.content.effective_until = Some(now);
        for (article, others) in [(over, vec![]), (reviewed(1), vec![published(now - DAY, None)])] {
            let fault = put_in_force(article, others, now).expect_err("it is not published");
            assert_eq!(fault.reason, ErrorReason::ArticleOutdated);
        }
    }
}
