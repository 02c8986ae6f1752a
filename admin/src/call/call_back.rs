//! Companies that are to be called back.

use clap::Args;
use hotline_client::{CallBackState, RecordCallBack};

use crate::context::{Context, Done, ListLimit, RequestId};
use crate::flags::names;
use crate::output::Column;

const COLUMNS: &[Column] = &[
    ("CALL", "call_id"),
    ("DUE", "due_time"),
    ("CAUSE", "cause"),
    ("STATE", "state"),
    ("TICKET", "ticket_number"),
];

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct List {
    /// In this state; the open ones by default.
    #[arg(long, value_parser = names!(CallBackState))]
    state: Option<CallBackState>,
    #[command(flatten)]
    limit: ListLimit,
}

impl List {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let listing = context.client().await?.calls().list_call_backs(self.state);
        context.list(COLUMNS, listing, self.limit).await
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Record {
    /// The call that the company is called back for.
    call_id: String,
    /// The company was reached, and this ticket names the call.
    #[arg(long, required_unless_present_any = ["not_reached", "dropped"])]
    ticket: Option<String>,
    /// Nobody was reached; the company is to be called again.
    #[arg(long, conflicts_with_all = ["ticket", "dropped"])]
    not_reached: bool,
    /// Nobody is to be called any more.
    #[arg(long, conflicts_with = "ticket")]
    dropped: bool,
    #[command(flatten)]
    request: RequestId,
}

impl Record {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let command = match self.ticket {
            Some(ticket) => RecordCallBack::reached(self.call_id, ticket),
            None if self.dropped => RecordCallBack::dropped(self.call_id),
            None => RecordCallBack::not_reached(self.call_id),
        };
        let command = command.request_id(self.request.id);
        context.record(&context.client().await?.calls().record_call_back(command).await?)
    }
}
