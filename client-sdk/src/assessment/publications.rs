//! The commands about published months.

use uuid::Uuid;

use crate::convert::{answers, setters};
use crate::model::Publication;

/// Proposes the publication of a month that is over.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProposePublication {
    /// The month.
    pub month: String,
    /// Why, 1 to 500 characters.
    pub reason: String,
    /// `None` lets the library choose it.
    pub request_id: Option<Uuid>,
}

impl ProposePublication {
    /// What it needs.
    pub fn new(month: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { month: month.into(), reason: reason.into(), request_id: None }
    }
}

setters! {
    ProposePublication {
        month: String,
        reason: String,
        request_id: Option<Uuid>,
    }
}

/// Proposes a correction of a published month.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CorrectMonth {
    /// The month.
    pub month: String,
    /// Why, 1 to 500 characters.
    pub reason: String,
    /// `None` lets the library choose it.
    pub request_id: Option<Uuid>,
}

impl CorrectMonth {
    /// What it needs.
    pub fn new(month: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { month: month.into(), reason: reason.into(), request_id: None }
    }
}

setters! {
    CorrectMonth {
        month: String,
        reason: String,
        request_id: Option<Uuid>,
    }
}

/// Publishes a month that another person proposed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ApprovePublication {
    /// The month.
    pub month: String,
    /// The number in the month.
    pub number: u32,
    /// The etag as the caller read it.
    pub etag: String,
    /// `None` lets the library choose it.
    pub request_id: Option<Uuid>,
}

impl ApprovePublication {
    /// A publication as it was read.
    #[must_use]
    pub fn of(publication: &Publication) -> Self {
        let (month, etag) = (publication.month.clone(), publication.etag.clone());
        Self { month, number: publication.number, etag, request_id: None }
    }
}

setters! {
    ApprovePublication {
        month: String,
        number: u32,
        etag: String,
        request_id: Option<Uuid>,
    }
}

commands! {
    ProposePublication = ProposePublicationRequest { month, reason } -> Publication
    CorrectMonth = CorrectMonthRequest { month, reason } -> Publication
    ApprovePublication = ApprovePublicationRequest { month, number, etag } -> Publication
}

answers! {
    Publication:
        ProposePublicationResponse.publication,
        CorrectMonthResponse.publication,
        ApprovePublicationResponse.publication;
}
