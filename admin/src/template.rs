//! `hotline template`: the texts of messages to companies.

use clap::Args;
use hotline_client::{MessageEvent, MessageLanguage, PutTemplate};

use crate::context::{Context, Done, ListLimit, RequestId};
use crate::flags::{names, text};
use crate::output::Column;
use crate::verbs::verbs;

const COLUMNS: &[Column] = &[
    ("EVENT", "event"),
    ("LANGUAGE", "language"),
    ("VERSION", "version"),
    ("PUT", "put_time"),
    ("TEXT", "text"),
];

verbs! {
    /// Lists every version of the templates. The last version of an event and a language is in use.
    List = List, calls "ListTemplates";
    /// Puts the next version of a template. For administrators.
    Put = Put, calls "PutTemplate";
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct List {
    #[command(flatten)]
    limit: ListLimit,
}

impl List {
    pub(crate) async fn run(self, context: &Context) -> Done {
        context.list(COLUMNS, context.client().await?.messages().list_templates(), self.limit).await
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Put {
    /// What it tells.
    #[arg(value_parser = names!(MessageEvent))]
    event: MessageEvent,
    /// Its language.
    #[arg(value_name = "LANGUAGE", value_parser = names!(MessageLanguage))]
    text_language: MessageLanguage,
    /// The text, with {ticket}, {code}, {unit} or {date} as the event has them. `@FILE` reads a file.
    #[arg(long, value_parser = text)]
    text: String,
    #[command(flatten)]
    request: RequestId,
}

impl Put {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let Self { event, text_language, text, request } = self;
        let command = PutTemplate::new(event, text_language, text).request_id(request.id);
        context.record(&context.client().await?.messages().put_template(command).await?)
    }
}
