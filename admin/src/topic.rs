//! `hotline topic`: what requests are about.

use clap::{ArgGroup, Args};
use hotline_client::SuggestClassification;

use crate::context::{Context, Done, ListLimit};
use crate::flags::text;
use crate::output::{Column, Format};
use crate::verbs::verbs;

const COLUMNS: &[Column] = &[("TOPIC", "code"), ("NAME", "name"), ("ENGLISH", "name_en")];
const SUGGESTION_COLUMNS: &[Column] = &[("TOPIC", "topic"), ("SCORE", "score"), ("WORDS", "words")];

verbs! {
    /// Lists the topics.
    List = List, calls "ListTopics";
    /// Suggests topics for a ticket or a text.
    Suggest = Suggest, calls "SuggestClassification";
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct List {
    #[command(flatten)]
    limit: ListLimit,
}

impl List {
    pub(crate) async fn run(self, context: &Context) -> Done {
        context.list(COLUMNS, context.client().await?.directory().list_topics(), self.limit).await
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("of").args(["ticket_number", "subject"]).required(true))]
pub(crate) struct Suggest {
    /// For this ticket.
    #[arg(value_name = "TICKET", id = "ticket_number")]
    ticket: Option<String>,
    /// For a text with this subject.
    #[arg(long)]
    subject: Option<String>,
    /// The text. `@FILE` reads a file.
    #[arg(long, value_parser = text, requires = "subject")]
    content: Option<String>,
}

impl Suggest {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let of = match self.ticket {
            Some(ticket) => SuggestClassification::of_ticket(ticket),
            None => SuggestClassification::of_text(
                self.subject.unwrap_or_default(),
                self.content.unwrap_or_default(),
            ),
        };
        let suggested = context.client().await?.knowledge().suggest_classification(of).await?;
        if context.output == Format::Json {
            return context.record(&suggested);
        }
        if !suggested.sure {
            context.note("the model is not sure of these");
        }
        context.output.list(SUGGESTION_COLUMNS, &suggested.suggestions)
    }
}
