//! What dispatch suggestions and similar tickets are asked for, and searches of articles.

use chrono::{DateTime, Utc};
use hotline_proto::v1;

use crate::convert::{IntoProto as _, setters};

/// A ticket or a text before intake, to suggest units for.
///
/// ```
/// use hotline_client::SuggestDispatch;
///
/// let text = SuggestDispatch::of_text("夜间施工", "酒店旁的工地夜里打桩。").district("110105");
/// # assert_eq!(text.district.as_deref(), Some("110105"));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SuggestDispatch {
    /// The ticket whose redacted texts, topic and district are looked at.
    pub ticket_number: Option<String>,
    /// The subject of a text before intake: one line of at most 200 characters.
    pub subject: Option<String>,
    /// Its content, at most 10,000 characters.
    pub content: Option<String>,
    /// Its topic leaf.
    pub topic: Option<String>,
    /// The division code of the company's district.
    pub district: Option<String>,
}

setters! {
    SuggestDispatch {
        topic: Option<String>,
        district: Option<String>,
    }
}

impl SuggestDispatch {
    /// For a ticket.
    #[must_use]
    pub fn of_ticket(number: impl Into<String>) -> Self {
        Self { ticket_number: Some(number.into()), ..Self::default() }
    }

    /// For a text before intake. One of both is not empty.
    #[must_use]
    pub fn of_text(subject: impl Into<String>, content: impl Into<String>) -> Self {
        Self { subject: Some(subject.into()), content: Some(content.into()), ..Self::default() }
    }

    pub(super) fn into_request(self) -> v1::SuggestDispatchRequest {
        v1::SuggestDispatchRequest {
            ticket_number: self.ticket_number.into_proto(),
            subject: self.subject.into_proto(),
            content: self.content.into_proto(),
            topic: self.topic.into_proto(),
            district: self.district.into_proto(),
        }
    }
}

/// A ticket or a text before intake, to find similar tickets for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FindSimilarTickets {
    /// The ticket whose redacted texts, topic, district and intake are looked at.
    pub ticket_number: Option<String>,
    /// The subject of a text before intake: one line of at most 200 characters.
    pub subject: Option<String>,
    /// Its content, at most 10,000 characters.
    pub content: Option<String>,
    /// Its topic leaf.
    pub topic: Option<String>,
    /// The division code of the company's district.
    pub district: Option<String>,
    /// Open tickets only.
    pub open_only: bool,
    /// How many tickets: 10 by default, at most 100.
    pub tickets_max: Option<u32>,
}

setters! {
    FindSimilarTickets {
        topic: Option<String>,
        district: Option<String>,
        open_only: bool,
        tickets_max: Option<u32>,
    }
}

impl FindSimilarTickets {
    /// For a ticket.
    #[must_use]
    pub fn of_ticket(number: impl Into<String>) -> Self {
        Self { ticket_number: Some(number.into()), ..Self::default() }
    }

    /// For a text before intake. One of both is not empty.
    #[must_use]
    pub fn of_text(subject: impl Into<String>, content: impl Into<String>) -> Self {
        Self { subject: Some(subject.into()), content: Some(content.into()), ..Self::default() }
    }

    pub(super) fn into_request(self) -> v1::FindSimilarTicketsRequest {
        v1::FindSimilarTicketsRequest {
            ticket_number: self.ticket_number.into_proto(),
            subject: self.subject.into_proto(),
            content: self.content.into_proto(),
            topic: self.topic.into_proto(),
            district: self.district.into_proto(),
            open_only: self.open_only,
            tickets_max: self.tickets_max.into_proto(),
        }
    }
}

/// What to search for among articles.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SearchArticles {
    /// Words of the title, the questions or the body, in 1 to 100 characters. The word at the end may still be typed.
    pub query: String,
    /// The district of the company. Articles for it come first, and those for other districts last.
    pub district: Option<String>,
    /// About this topic only.
    pub topic: Option<String>,
    /// Versions in force only.
    pub in_force_only: bool,
    /// Items per page: 50 by default and at most.
    pub page_size: Option<u32>,
}

setters! {
    SearchArticles {
        district: Option<String>,
        topic: Option<String>,
        in_force_only: bool,
        page_size: Option<u32>,
    }
}

impl SearchArticles {
    /// A search of all articles that the caller may read.
    #[must_use]
    pub fn new(query: impl Into<String>) -> Self {
        Self { query: query.into(), ..Self::default() }
    }

    pub(super) fn into_request(self) -> v1::SearchArticlesRequest {
        v1::SearchArticlesRequest {
            page_size: self.page_size.into_proto(),
            page_token: String::new(),
            query: self.query,
            district: self.district.into_proto(),
            topic: self.topic.into_proto(),
            in_force_only: self.in_force_only,
        }
    }
}

/// The months of a report about suggestions; by default the last twelve.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct GetSuggestionQuality {
    /// An instant of the first month.
    pub start_time: Option<DateTime<Utc>>,
    /// An instant of the last month.
    pub end_time: Option<DateTime<Utc>>,
}

setters! {
    GetSuggestionQuality {
        start_time: Option<DateTime<Utc>>,
        end_time: Option<DateTime<Utc>>,
    }
}

impl GetSuggestionQuality {
    pub(super) fn into_request(self) -> v1::GetSuggestionQualityRequest {
        v1::GetSuggestionQualityRequest {
            start_time: self.start_time.into_proto(),
            end_time: self.end_time.into_proto(),
        }
    }
}
