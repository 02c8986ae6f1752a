//! The knowledge base: articles that answers cite, from draft over review and publication to retirement.

use chrono::{DateTime, Utc};
use hotline_proto::v1;
use uuid::Uuid;

use crate::call::{Command, Core};
use crate::convert::{IntoProto as _, answers};
use crate::error::Error;
use crate::model::{
    AffectedAnswer, Article, ArticleContent, ArticleState, KnowledgeGap, ReviewDecision,
};
use crate::page::{self, Listing};

/// The knowledge base. Made by [`HotlineClient::knowledge`](crate::HotlineClient::knowledge).
///
/// ```no_run
/// use hotline_client::{
///     ArticleContent, DraftArticle, HotlineClient, PublishArticle, ReviewArticle, ReviewDecision,
/// };
///
/// # async fn example(agent: HotlineClient, supervisor: HotlineClient) -> Result<(), hotline_client::Error> {
/// let content = ArticleContent::new("企业名称申报", "企业名称怎么申报？", "通过登记机关的申报系统办理。");
/// let draft = agent.knowledge().draft_article(DraftArticle::new("company-name", content)).await?;
/// // Another person reads it, and approves what it has read.
/// let review = ReviewArticle::of(&draft, ReviewDecision::Approved);
/// let reviewed = supervisor.knowledge().review_article(review).await?;
/// supervisor.knowledge().publish_article(PublishArticle::of(&reviewed)).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Knowledge(Core);

/// A filter of versions of articles; by default those that are in force.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListArticles {
    /// Versions in this state only; `None` for the versions that are in force.
    pub state: Option<ArticleState>,
    /// About this topic only.
    pub topic: Option<String>,
    /// That hold in this district, for it alone or for the whole city.
    pub district: Option<String>,
    /// That this unit owns only.
    pub owner_unit: Option<String>,
    /// Without an owner, or whose owner is not active any more.
    pub ownerless: bool,
    /// Whose validity ends, or that are to be looked at again, before this instant.
    pub expiring_before_time: Option<DateTime<Utc>>,
    /// That were published before this instant, and that no answer has cited since.
    pub unused_since_time: Option<DateTime<Utc>>,
    /// Items per page: 50 by default, at most 200.
    pub page_size: Option<u32>,
}

/// A filter of answers that cited a version that is not in force any more.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListAffectedAnswers {
    /// That cited this article only.
    pub article: Option<String>,
    /// Given at this instant or later.
    pub answer_start_time: Option<DateTime<Utc>>,
    /// Items per page: 50 by default, at most 200.
    pub page_size: Option<u32>,
}

/// A filter of knowledge gaps; by default the open ones.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListKnowledgeGaps {
    /// Of this unit only. A unit gets its own in any case.
    pub unit: Option<String>,
    /// Without a responsible unit only.
    pub without_unit: bool,
    /// Of this topic only.
    pub topic: Option<String>,
    /// Closed gaps instead of open ones.
    pub closed: bool,
    /// Items per page: 50 by default, at most 200.
    pub page_size: Option<u32>,
}

/// Closes a knowledge gap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloseKnowledgeGap {
    /// The number of the gap.
    pub gap_number: i64,
    /// The code of the article that answers the question.
    pub article: Option<String>,
    /// Its version, which is in force; 0 without an article.
    pub version: u32,
    /// Why, at most 500 characters; required without an article.
    pub note: Option<String>,
    /// `None` lets the library choose it.
    pub request_id: Option<Uuid>,
}

impl CloseKnowledgeGap {
    /// An article answers the question now.
    #[must_use]
    pub fn answered_by(gap_number: i64, article: &Article) -> Self {
        let (code, version) = (Some(article.code.clone()), article.version);
        Self { gap_number, article: code, version, note: None, request_id: None }
    }

    /// The question needs no article, for a reason.
    pub fn not_needed(gap_number: i64, note: impl Into<String>) -> Self {
        Self { gap_number, article: None, version: 0, note: Some(note.into()), request_id: None }
    }
}

/// Writes the next version of an article, or a new article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftArticle {
    /// The article's code: 2 to 64 characters of `[a-z0-9-]`.
    pub article: String,
    /// The etag of its last version, so that the draft fails if there is a newer one.
    pub etag: Option<String>,
    /// What the version says.
    pub content: ArticleContent,
    /// Why it is written, at most 500 characters.
    pub note: Option<String>,
    /// `None` lets the library choose it.
    pub request_id: Option<Uuid>,
}

impl DraftArticle {
    /// A version of the article with this code.
    pub fn new(article: impl Into<String>, content: ArticleContent) -> Self {
        Self { article: article.into(), etag: None, content, note: None, request_id: None }
    }
}

/// Reviews a draft of another person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewArticle {
    /// The article's code.
    pub article: String,
    /// The version.
    pub version: u32,
    /// The etag that you have read, so that the review fails if the version has changed since.
    pub etag: Option<String>,
    /// The outcome.
    pub decision: ReviewDecision,
    /// Why, at most 500 characters; required if the version is rejected.
    pub note: Option<String>,
    /// `None` lets the library choose it.
    pub request_id: Option<Uuid>,
}

impl ReviewArticle {
    /// A review of a version as it was read.
    #[must_use]
    pub fn of(article: &Article, decision: ReviewDecision) -> Self {
        Self {
            article: article.code.clone(),
            version: article.version,
            etag: Some(article.etag.clone()),
            decision,
            note: None,
            request_id: None,
        }
    }
}

/// Publishes a reviewed version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishArticle {
    /// The article's code.
    pub article: String,
    /// The version.
    pub version: u32,
    /// The etag that you have read, so that the command fails if the version has changed since.
    pub etag: Option<String>,
    /// `None` lets the library choose it.
    pub request_id: Option<Uuid>,
}

impl PublishArticle {
    /// Publishes a version as it was read.
    #[must_use]
    pub fn of(article: &Article) -> Self {
        let etag = Some(article.etag.clone());
        Self { article: article.code.clone(), version: article.version, etag, request_id: None }
    }
}

/// Takes an article out of force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetireArticle {
    /// The article's code.
    pub article: String,
    /// The etag of its last published version, so that the command fails if there is a newer one.
    pub etag: Option<String>,
    /// Why, 1 to 500 characters.
    pub note: String,
    /// `None` lets the library choose it.
    pub request_id: Option<Uuid>,
}

impl RetireArticle {
    /// Retires an article, for a reason.
    pub fn new(article: impl Into<String>, note: impl Into<String>) -> Self {
        Self { article: article.into(), etag: None, note: note.into(), request_id: None }
    }
}

impl Knowledge {
    pub(crate) fn new(core: Core) -> Self {
        Self(core)
    }

    /// Writes the next version of an article, or a new article. What is in force stays so until the draft is published.
    /// For agents, supervisors, administrators, and for units that own the article.
    ///
    /// # Errors
    /// `ETAG_STALE`, `ARTICLE_OWNER_ONLY`, `UNIT_UNKNOWN`, `REQUEST_ID_REUSED`.
    pub async fn draft_article(&self, command: DraftArticle) -> Result<Article, Error> {
        self.0.command(command).await
    }

    /// Approves a draft of another person, or refuses it with a note. For agents, supervisors and administrators.
    ///
    /// # Errors
    /// `ARTICLE_NOT_FOUND`, `ARTICLE_WRONG_STATE`, `ETAG_STALE`, `SECOND_EDITOR_NEEDED`, `REQUEST_ID_REUSED`.
    pub async fn review_article(&self, command: ReviewArticle) -> Result<Article, Error> {
        self.0.command(command).await
    }

    /// Brings a reviewed version into force: at once, or at its effective time. For supervisors and administrators.
    ///
    /// # Errors
    /// `ARTICLE_NOT_FOUND`, `ARTICLE_WRONG_STATE`, `ETAG_STALE`, `ARTICLE_OUTDATED`, `REQUEST_ID_REUSED`.
    pub async fn publish_article(&self, command: PublishArticle) -> Result<Article, Error> {
        self.0.command(command).await
    }

    /// Takes an article out of force. Answers that cited it stay as they are. For supervisors and administrators.
    ///
    /// # Errors
    /// `ARTICLE_NOT_FOUND`, `ARTICLE_WRONG_STATE`, `ETAG_STALE`, `REQUEST_ID_REUSED`.
    pub async fn retire_article(&self, command: RetireArticle) -> Result<Article, Error> {
        self.0.command(command).await
    }

    /// Reads the version of an article that is in force; if there is none, the last one that you may read. For everyone
    /// but telephony.
    ///
    /// # Errors
    /// `ARTICLE_NOT_FOUND`.
    pub async fn get_article(&self, article: impl Into<String>) -> Result<Article, Error> {
        self.0.query(v1::GetArticleRequest { article: article.into(), version: 0 }).await
    }

    /// Reads a version of an article. For everyone but telephony.
    ///
    /// # Errors
    /// `ARTICLE_NOT_FOUND`, also for a version that you may not read.
    pub async fn get_article_version(
        &self,
        article: impl Into<String>,
        version: u32,
    ) -> Result<Article, Error> {
        self.0.query(v1::GetArticleRequest { article: article.into(), version: version.into_proto() }).await
    }

    /// Lists versions by code and version, without their bodies. For everyone but telephony.
    pub fn list_articles(&self, which: ListArticles) -> Listing<Article> {
        page::list(self.0.clone(), which.into_request())
    }

    /// Lists answers that cited a version that is not in force any more. For agents and supervisors.
    pub fn list_affected_answers(&self, which: ListAffectedAnswers) -> Listing<AffectedAnswer> {
        let request = v1::ListAffectedAnswersRequest {
            page_size: which.page_size.into_proto(),
            page_token: String::new(),
            article: which.article.into_proto(),
            answer_start_time: which.answer_start_time.into_proto(),
        };
        page::list(self.0.clone(), request)
    }

    /// Lists the questions that no article answered, the oldest first. For agents, units, supervisors, analysts and
    /// administrators.
    pub fn list_knowledge_gaps(&self, which: ListKnowledgeGaps) -> Listing<KnowledgeGap> {
        let request = v1::ListKnowledgeGapsRequest {
            page_size: which.page_size.into_proto(),
            page_token: String::new(),
            unit: which.unit.into_proto(),
            without_unit: which.without_unit,
            topic: which.topic.into_proto(),
            closed: which.closed,
        };
        page::list(self.0.clone(), request)
    }

    /// Closes a knowledge gap. For agents, supervisors, administrators, and for the unit that is responsible for it.
    ///
    /// # Errors
    /// `GAP_NOT_FOUND`, `GAP_CLOSED`, `ARTICLE_NOT_IN_FORCE`, `REQUEST_ID_REUSED`.
    pub async fn close_knowledge_gap(&self, command: CloseKnowledgeGap) -> Result<KnowledgeGap, Error> {
        self.0.command(command).await
    }
}

impl ListArticles {
    fn into_request(self) -> v1::ListArticlesRequest {
        v1::ListArticlesRequest {
            page_size: self.page_size.into_proto(),
            page_token: String::new(),
            state: self.state.into_proto(),
            topic: self.topic.into_proto(),
            district: self.district.into_proto(),
            owner_unit: self.owner_unit.into_proto(),
            ownerless: self.ownerless,
            expiring_before_time: self.expiring_before_time.into_proto(),
            unused_since_time: self.unused_since_time.into_proto(),
        }
    }
}

/// Commands of the knowledge base: `Name = Request { field, … } -> Changed`.
macro_rules! commands {
    ($($name:ident = $request:ident { $($field:ident),+ } -> $changed:ident)+) => { $(
        impl Command for $name {
            type Request = v1::$request;
            type Changed = $changed;

            fn request_id(&self) -> Option<Uuid> {
                self.request_id
            }

            fn into_request(self, request_id: String) -> Self::Request {
                v1::$request { request_id, $($field: self.$field.into_proto()),+ }
            }
        }
    )+ };
}

commands! {
    DraftArticle = DraftArticleRequest { article, etag, content, note } -> Article
    ReviewArticle = ReviewArticleRequest { article, version, etag, decision, note } -> Article
    PublishArticle = PublishArticleRequest { article, version, etag } -> Article
    RetireArticle = RetireArticleRequest { article, etag, note } -> Article
    CloseKnowledgeGap = CloseKnowledgeGapRequest { gap_number, article, version, note } -> KnowledgeGap
}

answers! {
    Article:
        DraftArticleResponse.article,
        ReviewArticleResponse.article,
        PublishArticleResponse.article,
        RetireArticleResponse.article,
        GetArticleResponse.article;
    KnowledgeGap: CloseKnowledgeGapResponse.gap;
}
