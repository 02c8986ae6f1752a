//! `hotline follow-up`: companies that are to be asked what became of their request.

use clap::Args;
use hotline_client::{FollowUpKind, LeaseFollowUps, ReleaseFollowUps};

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
    /// Second calls about surveyed tickets (回访复核), and not surveys.
    #[arg(long)]
    rechecks: bool,
    #[command(flatten)]
    limit: ListLimit,
}

impl List {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let assessment = context.client().await?.assessment();
        let due = if self.rechecks { assessment.list_rechecks() } else { assessment.list_follow_ups() };
        context.list(COLUMNS, due, self.limit).await
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Lease {
    /// How many.
    count: u32,
    /// Second calls about surveyed tickets (回访复核), and not surveys.
    #[arg(long)]
    rechecks: bool,
    #[command(flatten)]
    request: RequestId,
}

impl Lease {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let mut command = LeaseFollowUps::new(self.count).request_id(self.request.id);
        command.kind = self.rechecks.then_some(FollowUpKind::Recheck);
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
