//! `hotline follow-up`: companies that are to be asked what became of their request.

use clap::Args;
use hotline_client::{LeaseFollowUps, ReleaseFollowUps};

use crate::context::{Context, Done, ListLimit, RequestId};
use crate::output::Column;
use crate::verbs::verbs;

const COLUMNS: &[Column] = &[
    ("TICKET", "ticket_number"),
    ("COMPLETED", "complete_time"),
    ("DUE", "due_time"),
    ("ATTEMPTS", "attempt_times"),
    ("REPEATS", "repeat_ticket_numbers"),
    ("AGENT", "agent"),
    ("UNTIL", "lease_end_time"),
];

verbs! {
    /// Lists companies that are to be called, the oldest first.
    List = List, calls "ListFollowUps";
    /// Takes a batch of them for the calling agent: nobody else calls these.
    Lease = Lease, calls "LeaseFollowUps";
    /// Gives tickets of the batch back.
    Release = Release, calls "ReleaseFollowUps";
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct List {
    #[command(flatten)]
    limit: ListLimit,
}

impl List {
    pub(crate) async fn run(self, context: &Context) -> Done {
        context.list(COLUMNS, context.client().await?.assessment().list_follow_ups(), self.limit).await
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Lease {
    /// How many.
    count: u32,
    #[command(flatten)]
    request: RequestId,
}

impl Lease {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let command = LeaseFollowUps::new(self.count).request_id(self.request.id);
        let leased = context.client().await?.assessment().lease_follow_ups(command).await?;
        context.output.list(COLUMNS, &leased)
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Release {
    /// The tickets.
    #[arg(required = true)]
    tickets: Vec<String>,
    #[command(flatten)]
    request: RequestId,
}

impl Release {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let command = ReleaseFollowUps::new(self.tickets).request_id(self.request.id);
        let released = context.client().await?.assessment().release_follow_ups(command).await?;
        context.record(&serde_json::json!({ "ticket_numbers": released }))
    }
}
