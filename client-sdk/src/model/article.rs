//! Articles of the knowledge base (知识库).

use chrono::{DateTime, Utc};

use crate::convert::{open_enum, record, writable};

record! {
    /// A version of an article. What it says never changes, because answers cite it.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    Article = Article {
        /// The article's code, for example `company-name-rules`.
        code: String,
        /// The version, from 1.
        version: u32,
        /// Where the version is between draft and retirement.
        state: ArticleState,
        /// What it says. Lists leave out its body.
        content: ArticleContent,
        /// In force from this instant on; `None` before it is published.
        in_force_start_time: Option<DateTime<Utc>>,
        /// In force until this instant; `None` if it has no end.
        in_force_end_time: Option<DateTime<Utc>>,
        /// Who wrote it, when and why.
        drafted: ArticleStep,
        /// The review by a second person.
        reviewed: Option<ArticleStep>,
        /// Who published it.
        published: Option<ArticleStep>,
        /// Who retired it, and why.
        retired: Option<ArticleStep>,
        /// Changes with every change of the version.
        etag: String,
    }
}

record! {
    /// What a version of an article says.
    #[derive(Debug, Clone, Default, PartialEq, Eq)]
    ArticleContent = ArticleContent {
        /// Its title, one line of 1 to 200 characters.
        title: String,
        /// The question that it answers, one line of 1 to 200 characters.
        standard_question: String,
        /// The same question in other words: at most 20 lines, each of 1 to 200 characters.
        similar_questions: Vec<String>,
        /// The answer in Markdown, 1 to 20,000 characters.
        body: String,
        /// The leaves of the topic tree that it belongs to, at most 20.
        topics: Vec<String>,
        /// The division codes of the districts that it holds for, at most 20; none for the whole city.
        districts: Vec<String>,
        /// The code of the unit that answers for what it says.
        owner_unit: Option<String>,
        /// The legal text that it rests on.
        source: LegalSource,
        /// It holds from this instant on; `None` from its publication on.
        effective_time: Option<DateTime<Utc>>,
        /// It holds until this instant; `None` without an end.
        expiry_time: Option<DateTime<Utc>>,
        /// When somebody has to look at it again.
        review_time: Option<DateTime<Utc>>,
    }
}
writable!(
    ArticleContent = ArticleContent {
        title,
        standard_question,
        similar_questions,
        body,
        topics,
        districts,
        owner_unit,
        source,
        effective_time,
        expiry_time,
        review_time,
    }
);

impl ArticleContent {
    /// What an article must say: its title, the question, and the answer in Markdown.
    pub fn new(title: impl Into<String>, question: impl Into<String>, body: impl Into<String>) -> Self {
        Self { title: title.into(), standard_question: question.into(), body: body.into(), ..Self::default() }
    }
}

record! {
    /// The legal text that an article rests on.
    #[derive(Debug, Clone, Default, PartialEq, Eq)]
    LegalSource = LegalSource {
        /// The name of the document, at most 200 characters.
        document_name: Option<String>,
        /// Its number, for example 国务院令第746号, at most 100 characters.
        document_number: Option<String>,
        /// Where it is published: an `https://` or `http://` address of at most 500 characters.
        link: Option<String>,
    }
}
writable!(LegalSource = LegalSource { document_name, document_number, link });

record! {
    /// A step in the history of a version.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    ArticleStep = ArticleStep {
        /// The principal, for agents, supervisors and administrators.
        principal: Option<String>,
        /// When.
        time: DateTime<Utc>,
        /// Why, in their words, for agents, supervisors and administrators.
        note: Option<String>,
    }
}

open_enum! {
    /// Where a version of an article is between draft and retirement.
    ArticleState = ArticleState {
        /// Written, and not reviewed yet.
        Draft = "草稿",
        /// Approved by a second person.
        Reviewed = "已审核",
        /// Refused by a second person.
        Rejected = "审核未通过",
        /// Published: in force between its start and its end.
        Published = "已发布",
        /// Taken out of force.
        Retired = "已停用",
    }
}

open_enum! {
    /// The outcome of a review.
    ReviewDecision = ReviewDecision {
        /// The version may be published.
        Approved = "通过",
        /// It may not, and the note says why.
        Rejected = "不通过",
    }
}

record! {
    /// An answer that cited a version that is not in force any more.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    AffectedAnswer = AffectedAnswer {
        /// The ticket that was answered.
        ticket_number: String,
        /// The cited article.
        article: String,
        /// The cited version.
        version: u32,
        /// When it was cited.
        answer_time: DateTime<Utc>,
        /// When the version ended.
        end_time: DateTime<Utc>,
        /// The version of the article that is in force now; 0 if there is none.
        current_version: u32,
    }
}

record! {
    /// A question of a general consultation that no article answered (知识缺口).
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    KnowledgeGap = KnowledgeGap {
        /// Its number.
        number: i64,
        /// The question.
        question: String,
        /// The ticket's topic.
        topic: Option<String>,
        /// The ticket's district.
        district: Option<String>,
        /// The unit that is responsible for it.
        unit: Option<String>,
        /// When it was asked.
        ask_time: DateTime<Utc>,
        /// The ticket whose answer left it open. `None` for a unit.
        ticket_number: Option<String>,
        /// How it was closed; `None` while it is open.
        closing: Option<GapClosing>,
    }
}

record! {
    /// The end of a knowledge gap.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    GapClosing = GapClosing {
        /// The article that answers the question; `None` if it needs none.
        article: Option<String>,
        /// Its version; 0 without an article.
        version: u32,
        /// Why.
        note: Option<String>,
        /// By whom. `None` for a unit.
        principal: Option<String>,
        /// When.
        time: DateTime<Utc>,
    }
}

record! {
    /// What an import has done to an article, or would do.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    ImportedArticle = ImportedArticle {
        /// The article's code.
        article: String,
        /// What was done, or would be.
        outcome: ImportOutcome,
        /// Its last version, after the import.
        version: u32,
    }
}

open_enum! {
    /// What an import does to an article.
    ImportOutcome = ImportOutcome {
        /// There was no article of this code; its first draft was written.
        Created = "新建",
        /// Its last version said something else; a draft of the next one was written.
        Changed = "更新",
        /// Its last version says the same.
        Unchanged = "未变",
    }
}
