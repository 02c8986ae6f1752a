//! `hotline export tickets`: the records behind the counts of the analysis.

use chrono::{DateTime, Utc};
use clap::Args;
use hotline_client::{AnalyseTickets, TicketRecord};

use super::target::Target;
use super::ticket_row::{COLUMNS, row};
use crate::analysis::selection::Selection;
use crate::context::{Context, Done};
use crate::instant;

/// The records of a page: as many as the server allows.
const PAGE_SIZE: u32 = 200;

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Tickets {
    #[command(flatten)]
    selection: Selection,
    /// The day or time at which a ticket has its age, or is late; the present time of the server, unless it is given.
    #[arg(long, value_name = "TIME", value_parser = instant::parse)]
    as_of: Option<DateTime<Utc>>,
    #[command(flatten)]
    target: Target,
}

impl Tickets {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let client = context.client().await?;
        let at = match self.as_of {
            Some(at) => at,
            None => client.tickets().who_am_i().await?.now,
        };
        let selection = &self.selection;
        let all = AnalyseTickets::new(selection.first_day, selection.last_day).filter(selection.filter());
        let counted = client.analysis().analyse_tickets(all).await?;
        if counted.entries_behind > 0 {
            context.note(&format!("{} entries of the feed are not counted yet", counted.entries_behind));
        }
        let asked = format!("export tickets {}", selection.flags());
        let listing = client.analysis().export_tickets(selection.records(PAGE_SIZE));
        let rows_of = |record: TicketRecord| vec![row(&record, at)];
        self.target.export(context, &asked, COLUMNS, listing, rows_of, Some(counted.total.tickets)).await
    }
}
