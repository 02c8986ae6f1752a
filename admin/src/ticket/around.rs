//! Around the work on a ticket: notes, assignments inside a unit, questions to the company, supplements, and help.

use chrono::{DateTime, Utc};
use clap::Args;
use hotline_client::AssignInside;
use serde::Serialize;

use crate::context::{Context, Done, RequestId};
use crate::failure::Failure;
use crate::flags::text;
use crate::instant;
use crate::output::Column;
use crate::verbs::ticket_verb;

ticket_verb! {
    Note = add_note(AddNote) {
        /// The note. `@FILE` reads a file.
        #[arg(long = "text", value_parser = text)]
        note: String,
    }
}

ticket_verb! {
    Ask = ask_company(AskCompany) {
        /// The question. `@FILE` reads a file.
        #[arg(long, value_parser = text)]
        question: String,
        |
        /// The material that is wanted.
        #[arg(long, value_parser = text)]
        wanted: Option<String>,
    }
}

ticket_verb! {
    Supplement = add_supplement(AddSupplement) {
        /// What came. `@FILE` reads a file.
        #[arg(long, value_parser = text)]
        content: String,
    }
}

ticket_verb! {
    AskHelp = request_help(RequestHelp) {
        |
        /// The lead unit asks: why.
        #[arg(long, value_parser = text, required_unless_present = "answer")]
        reason: Option<String>,
        /// A supervisor answers.
        #[arg(long, value_parser = text, conflicts_with = "reason")]
        answer: Option<String>,
    }
}

ticket_verb! {
    Link = link_tickets(LinkTickets) {
        /// The other ticket.
        #[arg(long = "to", value_name = "TICKET")]
        other_ticket_number: String,
        |
        /// What they have in common.
        #[arg(long, value_parser = text)]
        note: Option<String>,
    }
}

/// The columns of an assignment of many tickets.
const COLUMNS: &[Column] = &[("TICKET", "number"), ("CLERK", "clerk"), ("BUREAU", "bureau")];

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Assign {
    /// The tickets. Each is a change of its own: what fails for one stops nothing.
    #[arg(value_name = "TICKET", required = true)]
    tickets: Vec<String>,
    /// The principal of the clerk.
    #[arg(long, value_name = "PRINCIPAL", required_unless_present = "bureau")]
    clerk: Option<String>,
    /// The bureau of the unit.
    #[arg(long)]
    bureau: Option<String>,
    /// The inner limit, not after the ticket's limit.
    #[arg(long = "due", value_name = "TIME", value_parser = instant::parse)]
    inner_due_time: Option<DateTime<Utc>>,
    /// A note for the clerk.
    #[arg(long, value_parser = text)]
    note: Option<String>,
    #[command(flatten)]
    request: RequestId,
}

/// A ticket that was assigned.
#[derive(Debug, Serialize)]
struct Assigned {
    number: String,
    clerk: Option<String>,
    bureau: Option<String>,
}

impl Assign {
    pub(crate) async fn run(self, context: &Context) -> Done {
        if self.request.id.is_some() && self.tickets.len() > 1 {
            return Err(Failure::usage("--request-id repeats the assignment of one ticket"));
        }
        let Self { clerk, bureau, inner_due_time, note, request, .. } = self;
        let commands = self.tickets.into_iter().map(|ticket| {
            AssignInside::new(ticket)
                .clerk(clerk.clone())
                .bureau(bureau.clone())
                .inner_due_time(inner_due_time)
                .note(note.clone())
                .request_id(request.id)
        });
        let (mut assigned, mut failed) = (Vec::new(), None);
        for (number, result) in context.client().await?.tickets().assign_inside_all(commands).await {
            match result {
                Ok(ticket) => assigned.push(Assigned {
                    number: ticket.number,
                    clerk: clerk.clone(),
                    bureau: bureau.clone(),
                }),
                Err(error) => {
                    context.note(&format!("{number} was not assigned"));
                    failed.get_or_insert(error);
                }
            }
        }
        if let Some(error) = failed {
            for one in &assigned {
                context.note(&format!("{} was assigned", one.number));
            }
            return Err(error.into());
        }
        context.output.list(COLUMNS, &assigned)
    }
}
