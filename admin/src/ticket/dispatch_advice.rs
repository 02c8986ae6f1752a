//! The verbs about what waits for dispatch.

use clap::Args;
use hotline_client::{AdviceVerdict, AdviseDispatch};

use crate::context::{Context, Done, ListLimit, RequestId};
use crate::flags::{names, text};
use crate::output::Column;

const COLUMNS: &[Column] = &[
    ("TICKET", "ticket_number"),
    ("DUE", "due_time"),
    ("CATEGORY", "category"),
    ("TOPIC", "topic"),
    ("DISTRICT", "district"),
    ("SUBJECT", "subject"),
    ("ADVICE", "advice"),
];

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Awaiting {
    #[command(flatten)]
    limit: ListLimit,
}

impl Awaiting {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let listing = context.client().await?.tickets().list_awaiting_dispatch();
        context.list(COLUMNS, listing, self.limit).await
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Advise {
    /// The ticket's number.
    #[arg(value_name = "TICKET", id = "ticket_number")]
    ticket: String,
    /// Whether the unit is responsible.
    #[arg(long, value_parser = names!(AdviceVerdict))]
    verdict: AdviceVerdict,
    /// The rule that it relies on. Required if it is not responsible. `@FILE` reads a file.
    #[arg(long, value_parser = text)]
    rule: Option<String>,
    /// A note. `@FILE` reads a file.
    #[arg(long, value_parser = text)]
    note: Option<String>,
    #[command(flatten)]
    request: RequestId,
}

impl Advise {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let command = AdviseDispatch::new(self.ticket, self.verdict)
            .rule(self.rule)
            .note(self.note)
            .request_id(self.request.id);
        context.record(&context.client().await?.tickets().advise_dispatch(command).await?)
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Quality {
    /// The month, like 2019-10.
    month: String,
}

impl Quality {
    pub(crate) async fn run(self, context: &Context) -> Done {
        context.record(&context.client().await?.tickets().get_advice_quality(self.month).await?)
    }
}
