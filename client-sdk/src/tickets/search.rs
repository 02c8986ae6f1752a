//! The query and the filter of a search.

use chrono::{DateTime, Utc};
use hotline_proto::v1;

use super::queries::mask;
use crate::convert::{IntoProto as _, setters};
use crate::model::{Category, TicketState};

/// What to search for. All conditions that are set must hold.
///
/// ```
/// use hotline_client::{SearchTickets, TicketState};
///
/// let which = SearchTickets::new("京政办发〔2023〕12号").states(vec![TicketState::Closed]);
/// # assert_eq!(which.page_size, None);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SearchTickets {
    /// Words of the subject or the content, in 1 to 100 characters. The word at the end may still be typed.
    pub query: String,
    /// One of these states; empty for all.
    pub states: Vec<TicketState>,
    /// This category.
    pub category: Option<Category>,
    /// This district.
    pub district: Option<String>,
    /// This topic leaf.
    pub topic: Option<String>,
    /// The code of the lead unit. A unit's own scope also applies.
    pub lead_unit: Option<String>,
    /// Taken in at or after this instant.
    pub intake_start_time: Option<DateTime<Utc>>,
    /// Taken in before this instant.
    pub intake_end_time: Option<DateTime<Utc>>,
    /// The fields of a ticket to read, as in [`ListTickets`](crate::ListTickets).
    pub read_mask: Vec<String>,
    /// Items per page: 50 by default, at most 200.
    pub page_size: Option<u32>,
}

setters! {
    SearchTickets {
        states: Vec<TicketState>,
        category: Option<Category>,
        district: Option<String>,
        topic: Option<String>,
        lead_unit: Option<String>,
        intake_start_time: Option<DateTime<Utc>>,
        intake_end_time: Option<DateTime<Utc>>,
        read_mask: Vec<String>,
        page_size: Option<u32>,
    }
}

impl SearchTickets {
    /// A search of all tickets that the caller may see.
    #[must_use]
    pub fn new(query: impl Into<String>) -> Self {
        Self { query: query.into(), ..Self::default() }
    }

    pub(super) fn into_request(self) -> v1::SearchTicketsRequest {
        v1::SearchTicketsRequest {
            page_size: self.page_size.into_proto(),
            page_token: String::new(),
            query: self.query,
            filter: Some(v1::TicketSearchFilter {
                states: self.states.into_proto(),
                category: self.category.into_proto(),
                district: self.district.into_proto(),
                topic: self.topic.into_proto(),
                lead_unit: self.lead_unit.into_proto(),
                intake_start_time: self.intake_start_time.into_proto(),
                intake_end_time: self.intake_end_time.into_proto(),
            }),
            read_mask: mask(&self.read_mask),
        }
    }
}
