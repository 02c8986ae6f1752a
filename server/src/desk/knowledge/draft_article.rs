//! `DraftArticle`: writes the next version of an article, or a new article. A version that is in force stays so until
//! the draft is reviewed and published.

use hotline_proto::v1::ErrorReason;
use prost::Message;

use super::KnowledgeBase;
use super::article::{Article, ArticleContent, ArticleHistory, ArticleKey, ArticleState, ArticleStep, about};
use super::reader::Reader;
use super::{read, write};
use crate::access::Permit;
use crate::desk::directory::{UnitSet, topics};
use crate::platform::idempotency::RequestKey;
use crate::platform::{Fault, Violations, Work};
use crate::ticket::UnitCode;

/// A version to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftArticle {
    /// The code of the article.
    pub article: String,
    /// The etag of its last version, if the caller wants to be sure that it has read it.
    pub etag: Option<String>,
    /// What the version says.
    pub content: ArticleContent,
    /// Why it is written; may be empty.
    pub note: String,
}

enum Refusal {
    /// A unit writes articles of its own alone.
    OwnerOnly,
}

impl Refusal {
    fn fault(self, key: &ArticleKey) -> Fault {
        match self {
            Self::OwnerOnly => about(ErrorReason::ArticleOwnerOnly, key),
        }
    }
}

/// Checks that a unit writes for itself: a new article of its own, or the next version of one.
fn check_owner(
    unit: Option<&UnitCode>,
    last: Option<&Article>,
    content: &ArticleContent,
) -> Result<(), Refusal> {
    let is_own = |content: &ArticleContent| unit.is_none() || content.owner_unit.as_ref() == unit;
    if is_own(content) && last.is_none_or(|last| is_own(&last.content)) {
        return Ok(());
    }
    Err(Refusal::OwnerOnly)
}

impl KnowledgeBase {
    /// Writes a draft, once per request; `answer` makes the answer, which is recorded.
    ///
    /// # Errors
    /// Those of [`draft`], `REQUEST_ID_REUSED`, `UNAVAILABLE`.
    pub async fn draft_article<A: Message + Default + 'static>(
        &self,
        permit: &Permit,
        key: RequestKey,
        command: DraftArticle,
        answer: fn(&Article) -> A,
    ) -> Result<A, Fault> {
        self.store
            .run_once(&self.clock, key, (permit.clone(), command, answer), async |work, input| {
                let (permit, command, answer) = input;
                Ok(answer(&draft(work, permit, command).await?))
            })
            .await
    }
}

/// Writes a draft.
///
/// # Errors
/// `ETAG_STALE`, `ARTICLE_OWNER_ONLY`, `UNIT_UNKNOWN`; `INVALID_FIELDS` for a topic that is no leaf.
pub async fn draft(work: &Work, permit: &Permit, command: &DraftArticle) -> Result<Article, Fault> {
    draft_at(work, permit, command, "content").await
}

/// Writes a draft whose content stands in a field of the request.
pub(super) async fn draft_at(
    work: &Work,
    permit: &Permit,
    command: &DraftArticle,
    at: &str,
) -> Result<Article, Fault> {
    let last_version = write::lock(work, &command.article).await?;
    let last = match last_version {
        Some(_) => read::latest(&work.tx, &command.article, &Reader::Editor).await?,
        None => None,
    };
    let key = ArticleKey { article: command.article.clone(), version: last_version.unwrap_or_default() + 1 };
    match &last {
        Some(last) => last.check_etag(command.etag.as_deref())?,
        None if command.etag.is_some() => return Err(about(ErrorReason::EtagStale, &key)),
        None => {}
    }
    check_owner(permit.unit(), last.as_ref(), &command.content).map_err(|refusal| refusal.fault(&key))?;
    check_named(work, &command.content, at).await?;
    let by = permit.principal().to_owned();
    let drafted = ArticleStep { by, at: work.now(), note: command.note.clone() };
    let article = Article {
        key,
        revision: 1,
        state: ArticleState::Draft,
        content: command.content.clone(),
        in_force_from: None,
        in_force_until: None,
        history: ArticleHistory { drafted, reviewed: None, published: None, retired: None },
    };
    write::add(work, &article).await?;
    write::record(work, permit, &article).await?;
    Ok(article)
}

/// Checks that the owner is an active unit, and that the topics are leaves of the tree.
pub(super) async fn check_named(work: &Work, content: &ArticleContent, at: &str) -> Result<(), Fault> {
    let owner = content.owner_unit.iter();
    let units = UnitSet::hold(&work.tx, owner.clone().cloned().collect()).await?;
    let units = units.check(owner.map(|unit| (format!("{at}.owner_unit"), unit)));
    let known = topics::known(&work.tx, &content.topics).await?;
    let mut wrong = Violations::default();
    for (place, topic) in content.topics.iter().enumerate() {
        if !known.contains(topic) {
            wrong.add(format!("{at}.topics[{place}]"), "no such leaf of the topic tree");
        }
    }
    match wrong.into_result(()) {
        Err(wrong) => Err(wrong.and(units)),
        Ok(()) => units,
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{article, content};
    use super::*;

    #[test]
    fn a_unit_writes_its_own_articles_and_an_editor_any() {
        let unit = |code: &str| Some(UnitCode(code.to_owned()));
        let of = |owner: Option<UnitCode>| ArticleContent { owner_unit: owner, ..content() };
        let last = |owner| Article { content: of(owner), ..article(ArticleState::Published, "editor") };
        let (own, other) = (unit("dept-market"), unit("dept-tax"));
        for (writer, last, owner, is_allowed) in [
            (&own, None, own.clone(), true),
            (&own, Some(last(own.clone())), own.clone(), true),
            (&own, None, other.clone(), false),
            (&own, None, None, false),
            (&own, Some(last(other.clone())), own.clone(), false),
            (&own, Some(last(None)), own.clone(), false),
            (&own, Some(last(own.clone())), other.clone(), false),
            (&None, Some(last(own.clone())), other, true),
            (&None, None, None, true),
        ] {
            let outcome = check_owner(writer.as_ref(), last.as_ref(), &of(owner.clone()));
            assert_eq!(outcome.is_ok(), is_allowed, "{writer:?} writes for {owner:?} after {last:?}");
        }
    }
}
