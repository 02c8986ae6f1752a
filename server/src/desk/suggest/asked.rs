//! What suggestions are asked for: a ticket, or a text before intake.

use hotline_proto::v1::ErrorReason;

use super::redacted::RedactedText;
use super::suggestions::Suggestions;
use crate::access::Permit;
use crate::feed::search::text_fingerprint;
use crate::ledger::read;
use crate::platform::Fault;
use crate::ticket::{Ticket, TicketNumber};

/// The text to suggest for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SuggestionText {
    /// That of a ticket.
    Ticket(TicketNumber),
    /// A text before intake.
    Given {
        /// The beginning of the text.
        text: RedactedText,
        /// The digest of the whole text, by which the ticket is found that is made of it.
        key: i64,
    },
}

impl SuggestionText {
    /// A text before intake. Numbers and addresses that identify somebody are taken out at once.
    #[must_use]
    pub fn given(subject: &str, content: &str) -> Self {
        let (text, whole_subject, whole_content) = RedactedText::with_whole(subject, content);
        Self::Given { text, key: text_fingerprint(&whole_subject, &whole_content) }
    }
}

/// A text with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The text.
    pub text: SuggestionText,
    /// The topic of a text before intake, if it is known.
    pub topic: Option<String>,
    /// The district of its company.
    pub district: Option<String>,
}

/// What was asked for, as it was read.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) text: RedactedText,
    pub(super) topic: Option<String>,
    pub(super) district: Option<String>,
    /// The ticket; `None` before intake.
    pub(super) ticket: Option<Ticket>,
    /// The key of its row in the log.
    pub(super) key: i64,
}

impl Suggestions {
    /// Reads what is asked for, if the caller may see it.
    ///
    /// # Errors
    /// `TICKET_NOT_FOUND`; if the database refuses.
    pub(super) async fn asked(&self, permit: &Permit, question: &Question) -> Result<Asked, Fault> {
        let Question { text, topic, district } = question.clone();
        let number = match text {
            SuggestionText::Given { text, key } => {
                return Ok(Asked { text, topic, district, ticket: None, key });
            }
            SuggestionText::Ticket(number) => number,
        };
        let found = read::find(self.store().reader(), &permit.scope(), number).await?;
        let not_found = || Fault::new(ErrorReason::TicketNotFound).with("ticket_number", number.to_string());
        let ticket = found.ok_or_else(not_found)?;
        Ok(Asked {
            text: RedactedText::of_ticket(&ticket),
            topic: ticket.topic.clone(),
            district: ticket.district.clone(),
            key: number.as_i64(),
            ticket: Some(ticket),
        })
    }
}
