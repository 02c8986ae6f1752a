//! `hotline message`: what the company of a ticket is told, and how it wishes to be told.

use clap::Args;
use hotline_client::{ChooseMessages, MessageChannel, MessageLanguage};

use crate::context::{Context, Done, ListLimit, RequestId};
use crate::flags::names;
use crate::output::Column;
use crate::verbs::verbs;

const COLUMNS: &[Column] = &[
    ("EVENT", "event"),
    ("STATE", "state"),
    ("CHANNEL", "channel"),
    ("CREATED", "create_time"),
    ("ENDED", "end_time"),
    ("ATTEMPTS", "attempts"),
    ("TEXT", "text"),
];

verbs! {
    /// Lists the messages to the company of a ticket, the oldest first.
    List = List, calls "ListMessages";
    /// Records how the company of a ticket wishes to be told. For agents.
    Choose = Choose, calls "ChooseMessages";
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct List {
    /// The ticket's number.
    #[arg(value_name = "TICKET", id = "ticket_number")]
    ticket: String,
    #[command(flatten)]
    limit: ListLimit,
}

impl List {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let listing = context.client().await?.messages().list_messages(self.ticket);
        context.list(COLUMNS, listing, self.limit).await
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Choose {
    /// The ticket's number.
    #[arg(value_name = "TICKET", id = "ticket_number")]
    ticket: String,
    /// By which channel.
    #[arg(value_parser = names!(MessageChannel))]
    channel: MessageChannel,
    /// In which language; Chinese if it is left out.
    #[arg(long, value_parser = names!(MessageLanguage))]
    text_language: Option<MessageLanguage>,
    /// The address for e-mail; the one on record if it is left out.
    #[arg(long)]
    email: Option<String>,
    #[command(flatten)]
    request: RequestId,
}

impl Choose {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let Self { ticket, channel, text_language, email, request } = self;
        let command = ChooseMessages::new(ticket, channel).language(text_language).email(email);
        let command = command.request_id(request.id);
        context.record(&context.client().await?.messages().choose_messages(command).await?)
    }
}
