//! A verb of the contract as a form: who may use it, in which states, its fields, and the command that it sends.
//!
//! Every verb is a row of a table in `verbs/`. One page shows the form of any verb and sends its command, so a new
//! method of the hotline needs a row and nothing else.

use std::pin::Pin;

use chrono::{DateTime, Utc};
use hotline_client::{
    Article, Error, Exclusion, HotlineClient, PolicyVersion, Proposal, Publication, Revealed, Role, Scheme,
    TextTemplate, Ticket, TicketState, Token, Unit, Uuid,
};

use super::app::Directory;
use super::form::Field;
use super::language::Lang;
use super::values::Values;

/// What a verb is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    /// Something that does not exist yet, or that only has a name.
    Name,
    Ticket,
    Article,
    Unit,
    TextTemplate,
    Proposal,
    /// The policy in force.
    Policy,
    /// An objection, or a request of a supervisor to leave a case out, by its number.
    Exclusion,
    /// A scheme of the assessment, by its number.
    Scheme,
    /// A publication of a month, as `2019-10.1`.
    Publication,
}

impl Subject {
    /// Whether it is found in a list, so that it may be missing.
    pub(crate) const fn is_listed(self) -> bool {
        matches!(self, Self::Exclusion | Self::Scheme | Self::Publication)
    }
}

/// What a form is about, as it was read.
#[derive(Debug)]
pub(crate) enum Loaded {
    Nothing,
    Ticket(Box<Ticket>),
    Article(Box<Article>),
    Unit(Box<Unit>),
    TextTemplate(Box<TextTemplate>),
    Proposal(Box<Proposal>),
    Policy(Box<PolicyVersion>),
    Exclusion(Box<Exclusion>),
    Scheme(Box<Scheme>),
    Publication(Box<Publication>),
}

/// What the fields of a form depend on.
#[derive(Debug)]
pub(crate) struct Setting<'a> {
    pub(crate) lang: Lang,
    pub(crate) names: &'a Directory,
    pub(crate) now: DateTime<Utc>,
    pub(crate) roles: &'a [Role],
    pub(crate) loaded: &'a Loaded,
    /// The values of the address, for example a call that a ticket is made from.
    pub(crate) query: &'a Values,
    /// Published articles on the topic of the ticket, as choices.
    pub(crate) articles: Vec<(String, String)>,
    /// The topic that the hotline suggests, with the words that it goes by.
    pub(crate) suggested_topic: Option<String>,
    /// The unit that the dispatch catalogue names.
    pub(crate) catalogue_unit: Option<String>,
}

impl Setting<'_> {
    /// One of two texts.
    pub(crate) fn t<'t>(&self, zh: &'t str, en: &'t str) -> &'t str {
        self.lang.t(zh, en)
    }

    /// The ticket, if the form is about one.
    pub(crate) fn ticket(&self) -> Option<&Ticket> {
        match self.loaded {
            Loaded::Ticket(ticket) => Some(ticket),
            _ => None,
        }
    }
}

/// What was posted.
#[derive(Debug)]
pub(crate) struct Input {
    pub(crate) subject: String,
    pub(crate) values: Values,
    pub(crate) request_id: Uuid,
    pub(crate) etag: Option<String>,
}

/// What a command did.
#[derive(Debug)]
pub(crate) enum Done {
    /// Go on with a page.
    Page(String),
    /// Show who called, once.
    Caller(String, Box<Revealed>),
    /// Show a token, once.
    Token(String, Option<Token>),
}

impl Done {
    /// Go on with a ticket.
    pub(crate) fn ticket(ticket: &Ticket) -> Self {
        Self::Page(format!("/tickets/{}", ticket.number))
    }
}

/// Why a command did nothing.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// The hotline refused it.
    Refused(Error),
    /// A value cannot be sent: the field, and the sentence in both languages.
    Field(&'static str, &'static str, &'static str),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

/// A command that runs.
pub(crate) type Running = Pin<Box<dyn Future<Output = Result<Done, Trouble>> + Send>>;

/// A verb.
#[derive(Debug)]
pub(crate) struct Verb {
    /// Its name in addresses.
    pub(crate) key: &'static str,
    pub(crate) zh: &'static str,
    pub(crate) en: &'static str,
    /// Who may use it.
    pub(crate) roles: &'static [Role],
    /// The states of the ticket in which it is offered; empty for all.
    pub(crate) states: &'static [TicketState],
    pub(crate) subject: Subject,
    pub(crate) fields: fn(&Setting<'_>) -> Vec<Field>,
    pub(crate) run: fn(HotlineClient, Input) -> Running,
}

impl Verb {
    /// Its name in a language.
    pub(crate) const fn title(&self, lang: Lang) -> &'static str {
        lang.t(self.zh, self.en)
    }

    /// Whether it is offered to somebody with these roles.
    pub(crate) fn is_for(&self, roles: &[Role]) -> bool {
        self.roles.iter().any(|role| roles.contains(role))
    }

    /// Whether it is offered on a ticket in a state.
    pub(crate) fn fits(&self, state: TicketState) -> bool {
        self.subject == Subject::Ticket && (self.states.is_empty() || self.states.contains(&state))
    }
}

/// A time of a form, or the sentence that there is none.
pub(crate) fn time_of(values: &Values, name: &'static str) -> Result<DateTime<Utc>, Trouble> {
    values.time(name).ok_or(Trouble::Field(name, "请填写日期和时间。", "Give a date and a time."))
}
