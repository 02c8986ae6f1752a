//! The knowledge base: articles that answers cite, from draft over review and publication to retirement.

mod commands;
mod lists;
mod similar;
mod suggest;

use hotline_proto::v1;

pub use commands::{
    CloseKnowledgeGap, DraftArticle, ImportArticles, PublishArticle, RetireArticle, ReviewArticle,
};
pub use lists::{ListAffectedAnswers, ListArticles, ListKnowledgeGaps};
pub use similar::{FindSimilarTickets, GetSuggestionQuality, SearchArticles, SuggestDispatch};
pub use suggest::SuggestClassification;

use crate::call::Core;
use crate::convert::IntoProto as _;
use crate::error::Error;
use crate::model::{
    AffectedAnswer, Article, ArticleHit, DispatchSuggestions, ImportedArticle, KnowledgeGap, SimilarTickets,
    SuggestionReport, TopicSuggestions,
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

    /// Writes a draft for each article that differs from its last version, all or none. The same import changes nothing
    /// the second time. For agents, supervisors and administrators.
    ///
    /// # Errors
    /// `UNIT_UNKNOWN`, `REQUEST_ID_REUSED`.
    pub async fn import_articles(&self, command: ImportArticles) -> Result<Vec<ImportedArticle>, Error> {
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
        page::list(self.0.clone(), which.into_request())
    }

    /// Lists the questions that no article answered, the oldest first. For agents, units, supervisors, analysts and
    /// administrators.
    pub fn list_knowledge_gaps(&self, which: ListKnowledgeGaps) -> Listing<KnowledgeGap> {
        page::list(self.0.clone(), which.into_request())
    }

    /// Closes a knowledge gap. For agents, supervisors, administrators, and for the unit that is responsible for it.
    ///
    /// # Errors
    /// `GAP_NOT_FOUND`, `GAP_CLOSED`, `ARTICLE_NOT_IN_FORCE`, `REQUEST_ID_REUSED`.
    pub async fn close_knowledge_gap(&self, command: CloseKnowledgeGap) -> Result<KnowledgeGap, Error> {
        self.0.command(command).await
    }

    /// Suggests topics for a ticket, or for a text before intake. Nothing is classified. For agents, dispatchers,
    /// coordinators and supervisors.
    ///
    /// ```no_run
    /// # async fn example(agent: hotline_client::HotlineClient) -> Result<(), hotline_client::Error> {
    /// use hotline_client::SuggestClassification;
    ///
    /// let text = SuggestClassification::of_text("营业执照变更", "变更申请至今没有答复。");
    /// let found = agent.knowledge().suggest_classification(text).await?;
    /// for suggestion in &found.suggestions {
    ///     println!("{} because of {}", suggestion.topic, suggestion.words.join("、"));
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `TICKET_NOT_FOUND`.
    pub async fn suggest_classification(&self, of: SuggestClassification) -> Result<TopicSuggestions, Error> {
        self.0.query(of.into_request()).await
    }

    /// Searches articles by words, the best first; versions in force come first. For everyone but telephony.
    ///
    /// ```no_run
    /// # async fn example(agent: hotline_client::HotlineClient) -> Result<(), hotline_client::Error> {
    /// use hotline_client::SearchArticles;
    ///
    /// let which = SearchArticles::new("企业名称申报").in_force_only(true);
    /// for hit in agent.knowledge().search_articles(which).take_up_to(3).await? {
    ///     println!("{} {}", hit.article.content.title, hit.text.text);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn search_articles(&self, which: SearchArticles) -> Listing<ArticleHit> {
        page::list(self.0.clone(), which.into_request())
    }

    /// Suggests units for a ticket, or for a text before intake, with closed tickets like it. Nothing is dispatched.
    /// For agents, dispatchers, coordinators and supervisors.
    ///
    /// # Errors
    /// `TICKET_NOT_FOUND`, `SEARCH_INDEX_BEHIND`.
    pub async fn suggest_dispatch(&self, of: SuggestDispatch) -> Result<DispatchSuggestions, Error> {
        self.0.query(of.into_request()).await
    }

    /// Finds tickets that repeat a ticket, or a text before intake, or that have the same cause. Nothing is merged. For
    /// agents, dispatchers, coordinators and supervisors.
    ///
    /// # Errors
    /// `TICKET_NOT_FOUND`, `SEARCH_INDEX_BEHIND`.
    pub async fn find_similar_tickets(&self, to: FindSimilarTickets) -> Result<SimilarTickets, Error> {
        self.0.query(to.into_request()).await
    }

    /// Counts by month how often people decided as suggested. For supervisors, analysts and administrators.
    ///
    /// # Errors
    /// Those of every call.
    pub async fn get_suggestion_quality(&self, of: GetSuggestionQuality) -> Result<SuggestionReport, Error> {
        self.0.query(of.into_request()).await
    }
}
