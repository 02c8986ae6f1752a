//! What every command has at hand: the connection, the form of the output, and the talk with the person.
//!
//! Results go to the standard output, everything else to the standard error.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use clap::Args;
use hotline_client::{HotlineClient, Listing, Ticket, Uuid};
use serde::Serialize;

use crate::connection::ConnectionOptions;
use crate::failure::Failure;
use crate::output::{Column, Format};

/// What a command ends with: the text for the standard output, or why it failed.
pub(crate) type Done = Result<String, Failure>;

/// Items of a list, unless the caller wants another number.
const LIMIT_DEFAULT: usize = 100;

/// The columns of tickets, for a list and for the answer of a change.
const TICKET_COLUMNS: &[Column] = &[
    ("TICKET", "number"),
    ("STATE", "state"),
    ("CATEGORY", "category"),
    ("DUE", "cycle.due_time"),
    ("RUNG", "cycle.rung"),
    ("UNIT", "dispatch.lead_unit"),
    ("SUBJECT", "subject"),
];

/// What every command has at hand.
#[derive(Debug, Args)]
pub(crate) struct Context {
    /// Which server is called, with whose token.
    #[command(flatten)]
    pub(crate) connection: ConnectionOptions,
    /// How results are printed.
    #[arg(long, global = true, value_enum, default_value = "table")]
    pub(crate) output: Format,
    /// Write no notes and no progress to the standard error. Errors are still written.
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// Do not ask before a change that can't be undone.
    #[arg(long, short, global = true)]
    pub(crate) yes: bool,
}

impl Context {
    /// Connects to the server.
    pub(crate) async fn client(&self) -> Result<HotlineClient, Failure> {
        self.connection.connect().await
    }

    /// A list by its columns, up to the limit. A note says if there is more.
    pub(crate) async fn list<T: Serialize>(
        &self,
        columns: &[Column],
        listing: Listing<T>,
        limit: ListLimit,
    ) -> Done {
        let items = self.items(listing, limit).await?;
        self.output.list(columns, &items)
    }

    /// The items of a list, up to the limit. A note says if there is more.
    pub(crate) async fn items<T>(&self, listing: Listing<T>, limit: ListLimit) -> Result<Vec<T>, Failure> {
        let max = limit.items();
        let mut items = listing.take_up_to(max.saturating_add(1)).await?;
        if items.len() > max {
            items.truncate(max);
            self.note(&format!("these are the first {max}; there are more (--limit 0 lists all)"));
        }
        Ok(items)
    }

    /// All that an object says.
    pub(crate) fn record(&self, value: &impl Serialize) -> Done {
        self.output.record(value)
    }

    /// The ticket that a change left: one line for people.
    pub(crate) fn ticket(&self, ticket: &Ticket) -> Done {
        match self.output {
            Format::Json => self.output.record(ticket),
            _ => self.output.list(TICKET_COLUMNS, std::slice::from_ref(ticket)),
        }
    }

    /// A list of tickets.
    pub(crate) async fn tickets(&self, listing: Listing<Ticket>, limit: ListLimit) -> Done {
        self.list(TICKET_COLUMNS, listing, limit).await
    }

    /// Says something that is no result.
    pub(crate) fn note(&self, text: &str) {
        if !self.quiet {
            let _ = writeln!(io::stderr(), "{text}");
        }
    }

    /// Asks before something that can't be undone. Without a terminal, `--yes` must have been given.
    pub(crate) fn confirm(&self, what: &str) -> Result<(), Failure> {
        if self.yes {
            return Ok(());
        }
        if !io::stdin().is_terminal() {
            return Err(Failure::usage(format!("{what}: this can't be undone; confirm it with --yes")));
        }
        let _ = write!(io::stderr(), "{what}: this can't be undone. Go on? [y/N] ");
        let mut answer = String::new();
        let _ = io::stdin().lock().read_line(&mut answer);
        match answer.trim() {
            "y" | "Y" | "yes" => Ok(()),
            _ => Err(Failure::usage("nothing was done")),
        }
    }
}

/// How many items of a list are printed.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct ListLimit {
    /// Print at most this many items; 0 prints all.
    #[arg(long, value_name = "NUMBER", default_value_t = LIMIT_DEFAULT)]
    limit: usize,
}

impl ListLimit {
    const fn items(self) -> usize {
        if self.limit == 0 { usize::MAX } else { self.limit }
    }
}

/// The ticket that a command changes.
#[derive(Debug, Args)]
pub(crate) struct OnTicket {
    /// The ticket's number, as printed or with spaces or hyphens.
    #[arg(value_name = "TICKET", id = "ticket_number")]
    pub(crate) ticket: String,
    /// The etag that was read, so that the command fails if the ticket has changed since.
    #[arg(long)]
    pub(crate) etag: Option<String>,
    #[command(flatten)]
    pub(crate) request: RequestId,
}

/// The id of a change.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct RequestId {
    /// The request id. Give that of a command whose answer was lost to repeat it: nothing happens twice.
    #[arg(long = "request-id", value_name = "UUID")]
    pub(crate) id: Option<Uuid>,
}
