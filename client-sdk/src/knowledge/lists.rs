//! The filters of the lists of the knowledge base.

use chrono::{DateTime, Utc};
use hotline_proto::v1;

use crate::convert::{IntoProto as _, setters};
use crate::model::ArticleState;

/// A filter of versions of articles; by default those that are in force.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
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

setters! {
    ListArticles {
        state: Option<ArticleState>,
        topic: Option<String>,
        district: Option<String>,
        owner_unit: Option<String>,
        ownerless: bool,
        expiring_before_time: Option<DateTime<Utc>>,
        unused_since_time: Option<DateTime<Utc>>,
        page_size: Option<u32>,
    }
}

/// A filter of answers that cited a version that is not in force any more.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListAffectedAnswers {
    /// That cited this article only.
    pub article: Option<String>,
    /// Given at this instant or later.
    pub answer_start_time: Option<DateTime<Utc>>,
    /// Items per page: 50 by default, at most 200.
    pub page_size: Option<u32>,
}

setters! {
    ListAffectedAnswers {
        article: Option<String>,
        answer_start_time: Option<DateTime<Utc>>,
        page_size: Option<u32>,
    }
}

/// A filter of knowledge gaps; by default the open ones.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
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

setters! {
    ListKnowledgeGaps {
        unit: Option<String>,
        without_unit: bool,
        topic: Option<String>,
        closed: bool,
        page_size: Option<u32>,
    }
}

impl ListArticles {
    pub(super) fn into_request(self) -> v1::ListArticlesRequest {
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

impl ListAffectedAnswers {
    pub(super) fn into_request(self) -> v1::ListAffectedAnswersRequest {
        v1::ListAffectedAnswersRequest {
            page_size: self.page_size.into_proto(),
            page_token: String::new(),
            article: self.article.into_proto(),
            answer_start_time: self.answer_start_time.into_proto(),
        }
    }
}

impl ListKnowledgeGaps {
    pub(super) fn into_request(self) -> v1::ListKnowledgeGapsRequest {
        v1::ListKnowledgeGapsRequest {
            page_size: self.page_size.into_proto(),
            page_token: String::new(),
            unit: self.unit.into_proto(),
            without_unit: self.without_unit,
            topic: self.topic.into_proto(),
            closed: self.closed,
        }
    }
}
