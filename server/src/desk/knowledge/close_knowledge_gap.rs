//! `CloseKnowledgeGap`: an article answers the question now, or it needs none.

use hotline_proto::v1::ErrorReason;
use prost::Message;
use serde_json::json;

use super::KnowledgeBase;
use super::article::{ArticleKey, about};
use super::gaps::{self, GapClosing, GapOutcome, KnowledgeGap};
use super::knowledge_set::{Citability, KnowledgeNeeded, KnowledgeSet};
use crate::access::Permit;
use crate::audit_log::records;
use crate::platform::idempotency::RequestKey;
use crate::platform::{Fault, Work};

/// A gap to close.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloseKnowledgeGap {
    /// Its number.
    pub number: i64,
    /// The version that answers the question; `None` if it needs no article.
    pub article: Option<ArticleKey>,
    /// Why; may be empty if an article answers it.
    pub note: String,
}

impl KnowledgeBase {
    /// Closes a gap, once per request; `answer` makes the answer, which is recorded.
    ///
    /// # Errors
    /// Those of [`close`], `REQUEST_ID_REUSED`, `UNAVAILABLE`.
    pub async fn close_knowledge_gap<A: Message + Default + 'static>(
        &self,
        permit: &Permit,
        key: RequestKey,
        command: CloseKnowledgeGap,
        answer: impl Fn(&KnowledgeGap) -> A + Send + Sync + 'static,
    ) -> Result<A, Fault> {
        self.store
            .run_once(&self.clock, key, (permit.clone(), command, answer), async |work, input| {
                let (permit, command, answer) = input;
                Ok(answer(&close(work, permit, command).await?))
            })
            .await
    }
}

/// Closes a gap.
///
/// # Errors
/// `GAP_NOT_FOUND`, also for a gap of another unit; `GAP_CLOSED`; `ARTICLE_NOT_IN_FORCE`.
pub async fn close(work: &Work, permit: &Permit, command: &CloseKnowledgeGap) -> Result<KnowledgeGap, Fault> {
    let gap = gaps::lock(work, command.number, permit.unit()).await?;
    if gap.closing.is_some() {
        return Err(Fault::new(ErrorReason::GapClosed).with("gap_number", command.number.to_string()));
    }
    if let Some(key) = &command.article {
        let needed = KnowledgeNeeded { cited: vec![key.clone()], ..KnowledgeNeeded::default() };
        let set = KnowledgeSet::hold(&work.tx, &needed, work.now()).await?;
        if set.citability(key, work.now()) != Citability::InForce {
            return Err(about(ErrorReason::ArticleNotInForce, key).at("article", "is not in force"));
        }
    }
    let closing = GapClosing {
        outcome: if command.article.is_some() { GapOutcome::Answered } else { GapOutcome::NotNeeded },
        article: command.article.clone(),
        note: command.note.clone(),
        by: permit.principal().to_owned(),
        at: work.now(),
    };
    gaps::close(work, command.number, &closing).await?;
    let article = command.article.as_ref().map(|key| &key.article);
    let details = json!({ "article": article });
    let subject = format!("knowledge_gap/{}", command.number);
    records::record(work, &permit.actor(), permit.method().method, &subject, details).await?;
    Ok(KnowledgeGap { closing: Some(closing), ..gap })
}
