//! Commands of the intake: take a request in, answer, decline, classify; merge repeats, withdraw, redact.

use chrono::{DateTime, Utc};
use hotline_proto::v1;
use uuid::Uuid;

use super::Tickets;
use super::command::ticket_command;
use crate::call::Command;
use crate::convert::{IntoProto as _, setters};
use crate::error::Error;
use crate::model::{
    ArticleCitation, Category, Certificate, Channel, Complexity, Contact, CreatedTicket, DeclineReason,
    Enterprise, Responsibility, Source, Ticket,
};

impl Tickets {
    /// Takes a request in (受理). A second intake by the same principal with the same source returns the first ticket.
    /// For telephony, agents, and units with requests at their own counter.
    ///
    /// # Errors
    /// `OUTSIDE_HOURS`, `CALL_TOO_OLD`, `SOURCE_REUSED`, `REQUEST_ID_REUSED`, `UNIT_UNKNOWN`, `CONFLICT_OF_INTEREST`,
    /// `NUMBERS_EXHAUSTED`, `FOLLOWED_TICKET_UNFIT`, `CALL_NOT_FOUND`.
    pub async fn create_ticket(&self, command: CreateTicket) -> Result<Ticket, Error> {
        Ok(self.create_ticket_with_warnings(command).await?.ticket)
    }

    /// The same, with what was kept of the request without being verified: a number that could not be read, or a code
    /// whose check character does not fit. No request is refused for such a thing.
    ///
    /// # Errors
    /// Those of [`Tickets::create_ticket`].
    pub async fn create_ticket_with_warnings(&self, command: CreateTicket) -> Result<CreatedTicket, Error> {
        self.0.command(command).await
    }

    /// Answers a general consultation on the spot, citing knowledge articles. For agents.
    ///
    /// # Errors
    /// `NOT_A_GENERAL_CONSULTATION`, `RETURN_PENDING`, `ARTICLE_NOT_IN_FORCE`.
    pub async fn answer_ticket(&self, command: AnswerTicket) -> Result<Ticket, Error> {
        self.0.command(command).await
    }

    /// Declines a request (不予受理), and records where to turn instead. For agents.
    ///
    /// # Errors
    /// `RETURN_PENDING`.
    pub async fn decline_ticket(&self, command: DeclineTicket) -> Result<Ticket, Error> {
        self.0.command(command).await
    }

    /// Classifies a ticket again; its deadline is counted again from the intake, unless it has passed. For agents and
    /// dispatchers; after the limit, for supervisors.
    ///
    /// # Errors
    /// `PLAN_NOT_CALLED_FOR`, `UNIT_UNKNOWN`, `RETURN_PENDING`, `SUPERVISOR_NEEDED`.
    pub async fn classify_ticket(&self, command: ClassifyTicket) -> Result<Ticket, Error> {
        self.0.command(command).await
    }

    /// Withdraws a ticket at the company's request. For agents.
    ///
    /// # Errors
    /// Those of every command.
    pub async fn withdraw_ticket(&self, command: WithdrawTicket) -> Result<Ticket, Error> {
        self.0.command(command).await
    }

    /// Links a repeat to the open ticket about the same matter, and returns the repeat. The open ticket keeps the
    /// earlier limit and the higher rung. For agents.
    ///
    /// # Errors
    /// `MERGE_TARGET_UNFIT`, `CONFLICT_OF_INTEREST`.
    pub async fn merge_ticket(&self, command: MergeTicket) -> Result<Ticket, Error> {
        self.0.command(command).await
    }

    /// Rewrites a ticket's texts so that they do not identify the caller, or confirms that they do not. A held ticket
    /// can be dispatched then. For agents.
    ///
    /// # Errors
    /// Those of every command.
    pub async fn redact_ticket(&self, command: RedactTicket) -> Result<Ticket, Error> {
        self.0.command(command).await
    }
}

/// Takes a request in (受理).
///
/// ```
/// use hotline_client::{Category, Channel, Complexity, CreateTicket, Source};
///
/// let command = CreateTicket::new(
///     Category::Appeal,
///     Complexity::General,
///     Channel::Web,
///     "Licence not issued",
///     "The counter has had all papers for three weeks.",
/// )
/// .source(Source::new("web-1", "message-77"))
/// .district("110105");
/// assert_eq!(command.confidential, None, "the rules of the category decide");
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct CreateTicket {
    /// What the company wants.
    pub category: Category,
    /// How much work it is.
    pub complexity: Complexity,
    /// How the request reached the hotline. Telephony may use `Telephone` only, a unit `Partner` only.
    pub channel: Channel,
    /// One line that names the matter, 1 to 200 characters.
    pub subject: String,
    /// What the company asks, 1 to 10,000 characters.
    pub content: String,
    /// Whether several units are involved.
    pub several_units: bool,
    /// The topic leaf, at most 64 characters of `[a-z0-9.-]`.
    pub topic: Option<String>,
    /// The administrative division code of the place, 6 digits.
    pub district: Option<String>,
    /// The company's industry, at most 64 characters.
    pub industry: Option<String>,
    /// The company; `None` if an individual calls on its behalf.
    pub enterprise: Option<Enterprise>,
    /// The person to speak to.
    pub contact: Option<Contact>,
    /// A certificate of the company or the person, other than the social credit code.
    pub certificate: Option<Certificate>,
    /// The system and reference that the request comes from. Required for telephony, so that a call never becomes two
    /// tickets.
    pub source: Option<Source>,
    /// When the call began. Required for `Telephone`; the opening hours are checked against it.
    pub call_start_time: Option<DateTime<Utc>>,
    /// Whether the caller asks that identity be withheld. `None`: yes for complaint-reports, no otherwise.
    pub confidential: Option<bool>,
    /// The codes of the units complained about; for complaint-reports only, at most 10.
    pub accused_units: Vec<String>,
    /// The number of the closed ticket that this request follows: the same matter again.
    pub follows_ticket_number: Option<String>,
    /// The id of the call that the request came from. Not with a source of `Telephone`, which names the call already.
    pub call_id: Option<String>,
    /// The id that the exchange keeps over transfers, for `Telephone` with a source. With it, the system of the source
    /// and this id are the natural key.
    pub call_end_to_end_id: Option<String>,
    /// `None` lets the library choose it. Set it to repeat a command whose answer was lost.
    pub request_id: Option<Uuid>,
}

impl CreateTicket {
    /// The command with its required fields.
    pub fn new(
        category: Category,
        complexity: Complexity,
        channel: Channel,
        subject: impl Into<String>,
        content: impl Into<String>,
    ) -> Self {
        Self {
            category,
            complexity,
            channel,
            subject: subject.into(),
            content: content.into(),
            several_units: false,
            topic: None,
            district: None,
            industry: None,
            enterprise: None,
            contact: None,
            certificate: None,
            source: None,
            call_start_time: None,
            confidential: None,
            accused_units: Vec::new(),
            follows_ticket_number: None,
            call_id: None,
            call_end_to_end_id: None,
            request_id: None,
        }
    }
}

setters! {
    CreateTicket {
        category: Category,
        complexity: Complexity,
        channel: Channel,
        subject: String,
        content: String,
        several_units: bool,
        topic: Option<String>,
        district: Option<String>,
        industry: Option<String>,
        enterprise: Option<Enterprise>,
        contact: Option<Contact>,
        certificate: Option<Certificate>,
        source: Option<Source>,
        call_start_time: Option<DateTime<Utc>>,
        confidential: Option<bool>,
        accused_units: Vec<String>,
        follows_ticket_number: Option<String>,
        call_id: Option<String>,
        call_end_to_end_id: Option<String>,
        request_id: Option<Uuid>,
    }
}

impl Command for CreateTicket {
    type Request = v1::CreateTicketRequest;
    type Changed = CreatedTicket;

    fn request_id(&self) -> Option<Uuid> {
        self.request_id
    }

    fn into_request(self, request_id: String) -> Self::Request {
        v1::CreateTicketRequest {
            request_id,
            category: self.category.into_proto(),
            complexity: self.complexity.into_proto(),
            several_units: self.several_units,
            topic: self.topic.into_proto(),
            district: self.district.into_proto(),
            industry: self.industry.into_proto(),
            enterprise: self.enterprise.into_proto(),
            contact: self.contact.into_proto(),
            certificate: self.certificate.into_proto(),
            subject: self.subject,
            content: self.content,
            channel: self.channel.into_proto(),
            source: self.source.into_proto(),
            call_start_time: self.call_start_time.into_proto(),
            confidential: self.confidential,
            accused_units: self.accused_units,
            follows_ticket_number: self.follows_ticket_number.into_proto(),
            call_id: self.call_id.into_proto(),
            call_end_to_end_id: self.call_end_to_end_id.into_proto(),
        }
    }
}

ticket_command! {
    /// Answers a general consultation on the spot.
    AnswerTicket = AnswerTicketRequest {
        /// What was said, 1 to 10,000 characters.
        content: String,
        /// The articles it cites, 1 to 20; may be empty with an unanswered question.
        articles: Vec<ArticleCitation>,
        |
        /// The question that no article answers, at most 200 characters, without anything about the caller. It becomes
        /// a knowledge gap.
        unanswered_question: Option<String>,
    }
}

ticket_command! {
    /// Declines a request (不予受理).
    DeclineTicket = DeclineTicketRequest {
        /// Why.
        reason: DeclineReason,
        /// Where the company can turn instead, 1 to 2,000 characters.
        turn_to: String,
        |
        /// A note, at most 2,000 characters.
        note: Option<String>,
    }
}

ticket_command! {
    /// Classifies a ticket again. Category, complexity and whether several units are involved are always replaced.
    ClassifyTicket = ClassifyTicketRequest {
        /// What the company wants.
        category: Category,
        /// How much work it is.
        complexity: Complexity,
        |
        /// Whether several units are involved.
        several_units: bool,
        /// Whether it is clear which unit is responsible; `Overlapping` sends an appeal to the coordinator.
        responsibility: Option<Responsibility>,
        /// The topic leaf; `None` keeps the present one.
        topic: Option<String>,
        /// The district; `None` keeps the present one.
        district: Option<String>,
        /// The codes of the units complained about, added to the present ones; for complaint-reports only, at most 10.
        accused_units: Vec<String>,
        /// Why, at most 2,000 characters. Required if the limit has passed and the tier changes.
        note: Option<String>,
    }
}

ticket_command! {
    /// Withdraws a ticket at the company's request.
    WithdrawTicket = WithdrawTicketRequest {
        /// Why, 1 to 2,000 characters.
        note: String,
    }
}

ticket_command! {
    /// Links a repeat to the open ticket about the same matter. The ticket of the command is the repeat.
    MergeTicket = MergeTicketRequest {
        /// The number of the open ticket.
        into_ticket_number: String,
    }
}

ticket_command! {
    /// Rewrites a ticket's texts so that they do not identify the caller, or confirms that they do not.
    RedactTicket = RedactTicketRequest {
        /// What was done, or why the present texts are harmless, 1 to 2,000 characters.
        note: String,
        |
        /// The new subject, at most 200 characters; `None` if the present one is harmless.
        subject: Option<String>,
        /// The new content, at most 10,000 characters; `None` if the present one is harmless.
        content: Option<String>,
        /// Whether the numbers in the new texts identify nobody, as the note explains.
        keeps_numbers: bool,
    }
}
