//! `hotline policy`: the rules of limits, the ladder, returns and follow-up.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::Args;
use hotline_client::{Category, Complexity, PreviewDeadline, ProposePolicy, RuleKind, Which};

use crate::context::{Context, Done, ListLimit};
use crate::flags::names;
use crate::instant;
use crate::rules::{self, ProposeFlags, WhichFlags};
use crate::verbs::verbs;

verbs! {
    /// Prints the policy.
    Show = Show, calls "GetPolicy";
    /// Lists the policies that were and will be in force.
    History = History, calls "ListRulesInForce";
    /// Proposes a policy and shows what it would have meant for the open tickets. For administrators.
    Propose = Propose, calls "GetPolicy", "ProposePolicy", "DryRunProposal", "WithdrawProposal";
    /// Shows the limit that a request would have.
    Preview = Preview, calls "PreviewDeadline";
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Show {
    #[command(flatten)]
    which: WhichFlags,
}

impl Show {
    pub(crate) async fn run(self, context: &Context) -> Done {
        context.record(&context.client().await?.admin().get_policy(self.which.which()).await?)
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
        let listing = context.client().await?.admin().list_rules_in_force(RuleKind::Policy);
        context.list(rules::IN_FORCE_COLUMNS, listing, self.limit).await
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Propose {
    /// A TOML file with the `[policy]` values to change, in the form of the server's configuration.
    file: PathBuf,
    #[command(flatten)]
    how: ProposeFlags,
}

impl Propose {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let client = context.client().await?;
        let (admin, from) = (client.admin(), self.how.effective_time(&client).await);
        let policy = rules::changed(admin.get_policy(Which::At(from)).await?.policy, &self.file)?;
        let command = ProposePolicy::new(policy, from, &*self.how.reason).request_id(self.how.request.id);
        let proposal = admin.propose_policy(command).await?;
        self.how.finish(context, &admin, &proposal).await
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Preview {
    /// The category.
    #[arg(long, value_parser = names!(Category))]
    category: Category,
    /// The complexity.
    #[arg(long, value_parser = names!(Complexity))]
    complexity: Complexity,
    /// Whether several units are involved.
    #[arg(long)]
    several_units: bool,
    /// Taken in at this day or time; the default is now.
    #[arg(long = "intake", value_name = "TIME", value_parser = instant::parse)]
    intake_time: Option<DateTime<Utc>>,
    /// By this policy; the default is the one in force.
    #[arg(long, value_name = "VERSION")]
    policy_version: Option<String>,
    /// By this calendar; the default is the one in force.
    #[arg(long, value_name = "VERSION")]
    calendar_version: Option<String>,
}

impl Preview {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let question = PreviewDeadline::new(self.category, self.complexity)
            .several_units(self.several_units)
            .intake_time(self.intake_time)
            .policy_version(self.policy_version)
            .calendar_version(self.calendar_version);
        context.record(&context.client().await?.directory().preview_deadline(question).await?)
    }
}
