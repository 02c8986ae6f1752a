//! What suggestions are asked for.

use hotline_proto::v1;

/// A text to suggest topics for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SuggestClassification {
    /// The redacted texts of a ticket.
    Ticket {
        /// Its number.
        number: String,
    },
    /// A text before intake, which is not stored. One of both is not empty.
    Text {
        /// One line of at most 200 characters.
        subject: String,
        /// At most 10,000 characters.
        content: String,
    },
}

impl SuggestClassification {
    /// For the texts of a ticket.
    pub fn of_ticket(number: impl Into<String>) -> Self {
        Self::Ticket { number: number.into() }
    }

    /// For a text before intake.
    pub fn of_text(subject: impl Into<String>, content: impl Into<String>) -> Self {
        Self::Text { subject: subject.into(), content: content.into() }
    }

    pub(super) fn into_request(self) -> v1::SuggestClassificationRequest {
        match self {
            Self::Ticket { number } => {
                v1::SuggestClassificationRequest { ticket_number: number, ..Default::default() }
            }
            Self::Text { subject, content } => {
                v1::SuggestClassificationRequest { ticket_number: String::new(), subject, content }
            }
        }
    }
}
