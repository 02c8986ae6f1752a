//! Messages to the company: templates, choices, what was told, and the progress of a ticket.

use hotline_proto::v1;
use uuid::Uuid;

use crate::call::{Command, Core};
use crate::convert::{IntoProto as _, answers, setters};
use crate::error::Error;
use crate::model::{
    CompanyMessage, MessageChannel, MessageChoice, MessageEvent, MessageLanguage, MessageTemplate,
    TicketProgress,
};
use crate::page::{self, Listing};

/// Messages to companies. Made by [`HotlineClient::messages`](crate::HotlineClient::messages).
///
/// ```no_run
/// use hotline_client::{ChooseMessages, HotlineClient, MessageChannel};
///
/// # async fn example(agent: HotlineClient, public_page: HotlineClient) -> Result<(), hotline_client::Error> {
/// let number = "1910120000178";
/// agent.messages().choose_messages(ChooseMessages::new(number, MessageChannel::Sms)).await?;
/// let progress = public_page.messages().get_progress(number, "7K2M-94QX").await?;
/// println!("{} {:?}", progress.stage, progress.unit_name);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Messages(Core);

/// Puts the next version of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PutTemplate {
    /// What it tells.
    pub event: MessageEvent,
    /// Its language.
    pub language: MessageLanguage,
    /// The text, 1 to 500 characters, with the placeholders of its event.
    pub text: String,
    /// `None` lets the library choose it.
    pub request_id: Option<Uuid>,
}

impl PutTemplate {
    /// A template with its text.
    pub fn new(event: MessageEvent, language: MessageLanguage, text: impl Into<String>) -> Self {
        Self { event, language, text: text.into(), request_id: None }
    }
}

setters! {
    PutTemplate {
        request_id: Option<Uuid>,
    }
}

impl Command for PutTemplate {
    type Request = v1::PutTemplateRequest;
    type Changed = MessageTemplate;

    fn request_id(&self) -> Option<Uuid> {
        self.request_id
    }

    fn into_request(self, request_id: String) -> Self::Request {
        let template = v1::MessageTemplate {
            event: self.event.into_proto(),
            language: self.language.into_proto(),
            text: self.text,
            ..Default::default()
        };
        v1::PutTemplateRequest { request_id, template: Some(template) }
    }
}

/// Records how the company of a ticket wishes to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChooseMessages {
    /// The ticket.
    pub ticket_number: String,
    /// The channel.
    pub channel: MessageChannel,
    /// The language; Chinese if it is not set.
    pub language: Option<MessageLanguage>,
    /// The address for e-mail; the one on record if it is not set.
    pub email: Option<String>,
    /// `None` lets the library choose it.
    pub request_id: Option<Uuid>,
}

impl ChooseMessages {
    /// A channel for the company of a ticket.
    pub fn new(ticket_number: impl Into<String>, channel: MessageChannel) -> Self {
        Self { ticket_number: ticket_number.into(), channel, language: None, email: None, request_id: None }
    }
}

setters! {
    ChooseMessages {
        language: Option<MessageLanguage>,
        email: Option<String>,
        request_id: Option<Uuid>,
    }
}

impl Command for ChooseMessages {
    type Request = v1::ChooseMessagesRequest;
    type Changed = MessageChoice;

    fn request_id(&self) -> Option<Uuid> {
        self.request_id
    }

    fn into_request(self, request_id: String) -> Self::Request {
        v1::ChooseMessagesRequest {
            request_id,
            ticket_number: self.ticket_number,
            channel: self.channel.into_proto(),
            language: self.language.into_proto(),
            email: self.email.into_proto(),
        }
    }
}

impl Messages {
    pub(crate) fn new(core: Core) -> Self {
        Self(core)
    }

    /// Puts the next version of a template. For administrators.
    ///
    /// # Errors
    /// `REQUEST_ID_REUSED`.
    pub async fn put_template(&self, command: PutTemplate) -> Result<MessageTemplate, Error> {
        self.0.command(command).await
    }

    /// Lists every version of the templates. For agents, supervisors and administrators.
    pub fn list_templates(&self) -> Listing<MessageTemplate> {
        page::list(self.0.clone(), v1::ListTemplatesRequest::default())
    }

    /// Records how the company of a ticket wishes to be told. For agents.
    ///
    /// # Errors
    /// `TICKET_NOT_FOUND`, `MESSAGE_ADDRESS_MISSING`, `REQUEST_ID_REUSED`.
    pub async fn choose_messages(&self, command: ChooseMessages) -> Result<MessageChoice, Error> {
        self.0.command(command).await
    }

    /// Lists the messages to the company of a ticket, the oldest first. For agents, dispatchers and supervisors.
    pub fn list_messages(&self, ticket_number: impl Into<String>) -> Listing<CompanyMessage> {
        let ticket_number = ticket_number.into();
        page::list(self.0.clone(), v1::ListMessagesRequest { ticket_number, ..Default::default() })
    }

    /// Tells a company where its ticket is. For telephony and public pages with the code from the first message; for
    /// agents, who have checked who asks, with an empty code.
    ///
    /// # Errors
    /// `PROGRESS_NOT_FOUND`, `RATE_LIMITED`.
    pub async fn get_progress(
        &self,
        ticket_number: impl Into<String>,
        code: impl Into<String>,
    ) -> Result<TicketProgress, Error> {
        let request = v1::GetProgressRequest { ticket_number: ticket_number.into(), code: code.into() };
        self.0.query(request).await
    }
}

answers! {
    MessageTemplate: PutTemplateResponse.template;
    TicketProgress: GetProgressResponse.progress;
}
