//! `ReviewArticle`: a second person approves a draft, or refuses it with a note. A refused version is over; its author
//! writes the next one.

use hotline_proto::v1::ErrorReason;
use prost::Message;

use super::KnowledgeBase;
use super::article::{Article, ArticleKey, ArticleState, ArticleStep, about};
use super::write;
use crate::access::Permit;
use crate::platform::idempotency::RequestKey;
use crate::platform::{Fault, Work};

/// The outcome of a review.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReviewDecision {
    /// It may be published.
    Approved,
    /// It may not; the note says why.
    Rejected,
}

/// A review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewArticle {
    /// The version.
    pub key: ArticleKey,
    /// The etag that the caller has read, if it wants to be sure.
    pub etag: Option<String>,
    /// The outcome.
    pub decision: ReviewDecision,
    /// Why; may be empty if it is approved.
    pub note: String,
}

impl KnowledgeBase {
    /// Reviews a draft, once per request; `answer` makes the answer, which is recorded.
    ///
    /// # Errors
    /// Those of [`review`], `REQUEST_ID_REUSED`, `UNAVAILABLE`.
    pub async fn review_article<A: Message + Default + 'static>(
        &self,
        permit: &Permit,
        key: RequestKey,
        command: ReviewArticle,
        answer: fn(&Article) -> A,
    ) -> Result<A, Fault> {
        self.store
            .run_once(&self.clock, key, (permit.clone(), command, answer), async |work, input| {
                let (permit, command, answer) = input;
                Ok(answer(&review(work, permit, command).await?))
            })
            .await
    }
}

/// Reviews a draft.
///
/// # Errors
/// `ARTICLE_NOT_FOUND`, `ARTICLE_WRONG_STATE`, `ETAG_STALE`, `SECOND_EDITOR_NEEDED`.
pub async fn review(work: &Work, permit: &Permit, command: &ReviewArticle) -> Result<Article, Fault> {
    let mut article = write::lock_version(work, &command.key).await?;
    article.check_state(ArticleState::Draft)?;
    article.check_etag(command.etag.as_deref())?;
    if article.history.drafted.by == permit.principal() {
        return Err(about(ErrorReason::SecondEditorNeeded, &article.key));
    }
    article.state = match command.decision {
        ReviewDecision::Approved => ArticleState::Reviewed,
        ReviewDecision::Rejected => ArticleState::Rejected,
    };
    let by = permit.principal().to_owned();
    article.history.reviewed = Some(ArticleStep { by, at: work.now(), note: command.note.clone() });
    let article = write::update(work, article).await?;
    write::record(work, permit, &article).await?;
    Ok(article)
}
