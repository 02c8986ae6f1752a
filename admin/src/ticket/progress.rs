//! `hotline ticket progress`: where a ticket is, as its company may know it.

use clap::Args;

use crate::context::{Context, Done};

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Progress {
    /// The ticket's number.
    #[arg(value_name = "TICKET", id = "ticket_number")]
    ticket: String,
    /// The code from the first message; agents need none.
    #[arg(long, default_value = "", hide_default_value = true)]
    code: String,
}

impl Progress {
    pub(crate) async fn run(self, context: &Context) -> Done {
        context.record(&context.client().await?.messages().get_progress(self.ticket, self.code).await?)
    }
}
