//! `hotline calendar`: public holidays and make-up workdays.

use std::path::PathBuf;

use clap::Args;
use hotline_client::{ProposeCalendar, RuleKind};

use crate::context::{Context, Done, ListLimit};
use crate::rules::{self, ProposeFlags, WhichFlags};
use crate::verbs::verbs;

verbs! {
    /// Prints the calendar.
    Show = Show, calls "GetCalendar";
    /// Lists the calendars that were and will be in force.
    History = History, calls "ListRulesInForce";
    /// Proposes years of the calendar and shows what they would have meant. For administrators.
    Propose = Propose, calls "ProposeCalendar", "DryRunProposal", "WithdrawProposal";
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// Only this year.
    #[arg(long)]
    year: Option<u32>,
    #[command(flatten)]
    which: WhichFlags,
}

impl Show {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let admin = context.client().await?.admin();
        context.record(&admin.get_calendar(self.which.which(), self.year).await?)
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct History {
    #[command(flatten)]
    limit: ListLimit,
}

impl History {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let listing = context.client().await?.admin().list_rules_in_force(RuleKind::Calendar);
        context.list(rules::IN_FORCE_COLUMNS, listing, self.limit).await
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Propose {
    /// A TOML file with `[[year]]` tables, in the form of the server's `calendar.toml`.
    file: PathBuf,
    #[command(flatten)]
    how: ProposeFlags,
}

impl Propose {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let years = rules::years(&self.file)?;
        let client = context.client().await?;
        let (admin, from) = (client.admin(), self.how.effective_time(&client).await);
        let command = ProposeCalendar::new(years, from, &*self.how.reason).request_id(self.how.request.id);
        let proposal = admin.propose_calendar(command).await?;
        self.how.finish(context, &admin, &proposal).await
    }
}
