//! The commands of the knowledge base.

use hotline_proto::v1;
use uuid::Uuid;

use crate::call::Command;
use crate::convert::{FromProto, IntoProto as _, Malformed, answers, setters};
use crate::model::{Article, ArticleContent, ImportedArticle, KnowledgeGap, ReviewDecision};

/// Closes a knowledge gap.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
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

setters! {
    CloseKnowledgeGap {
        gap_number: i64,
        article: Option<String>,
        version: u32,
        note: Option<String>,
        request_id: Option<Uuid>,
    }
}

/// Writes the next version of an article, or a new article.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
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

setters! {
    DraftArticle {
        article: String,
        etag: Option<String>,
        content: ArticleContent,
        note: Option<String>,
        request_id: Option<Uuid>,
    }
}

/// Imports articles: a draft is written for each one that differs from its last version, all or none.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ImportArticles {
    /// The codes of the articles and what they say: 1 to 20, each code once. A request has at most 256 KiB.
    pub articles: Vec<(String, ArticleContent)>,
    /// Whether nothing is written.
    pub dry_run: bool,
    /// Why they are imported, at most 500 characters.
    pub note: Option<String>,
    /// `None` lets the library choose it.
    pub request_id: Option<Uuid>,
}

impl ImportArticles {
    /// An import of these articles.
    #[must_use]
    pub const fn new(articles: Vec<(String, ArticleContent)>) -> Self {
        Self { articles, dry_run: false, note: None, request_id: None }
    }
}

setters! {
    ImportArticles {
        articles: Vec<(String, ArticleContent)>,
        dry_run: bool,
        note: Option<String>,
        request_id: Option<Uuid>,
    }
}

/// Reviews a draft of another person.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
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

setters! {
    ReviewArticle {
        article: String,
        version: u32,
        etag: Option<String>,
        decision: ReviewDecision,
        note: Option<String>,
        request_id: Option<Uuid>,
    }
}

/// Publishes a reviewed version.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
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

setters! {
    PublishArticle {
        article: String,
        version: u32,
        etag: Option<String>,
        request_id: Option<Uuid>,
    }
}

/// Takes an article out of force.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
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

setters! {
    RetireArticle {
        article: String,
        etag: Option<String>,
        note: String,
        request_id: Option<Uuid>,
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

impl Command for ImportArticles {
    type Request = v1::ImportArticlesRequest;
    type Changed = Vec<ImportedArticle>;

    fn request_id(&self) -> Option<Uuid> {
        self.request_id
    }

    fn into_request(self, request_id: String) -> Self::Request {
        let articles = self.articles.into_iter();
        let articles =
            articles.map(|(article, content)| v1::ArticleImport { article, content: content.into_proto() });
        let (articles, note) = (articles.collect(), self.note.into_proto());
        v1::ImportArticlesRequest { request_id, articles, dry_run: self.dry_run, note }
    }
}

impl FromProto<v1::ImportArticlesResponse> for Vec<ImportedArticle> {
    fn from_proto(value: v1::ImportArticlesResponse, at: &'static str) -> Result<Self, Malformed> {
        FromProto::from_proto(value.articles, at)
    }
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
