//! `hotline scheme`: how scores are counted, from a month on.

use std::path::PathBuf;

use clap::Args;
use hotline_client::{ApproveScheme, ProposeScheme};

use crate::context::{Context, Done, ListLimit, RequestId};
use crate::failure::Failure;
use crate::output::Column;
use crate::verbs::verbs;

const COLUMNS: &[Column] = &[
    ("SCHEME", "number"),
    ("FROM", "from_month"),
    ("STATE", "state"),
    ("NAME", "name"),
    ("DRY_RUN", "dry_run_month"),
    ("PROPOSER", "proposer"),
    ("APPROVER", "approver"),
];

verbs! {
    /// Lists schemes, the newest first.
    List = List, calls "ListSchemes";
    /// Proposes the scheme of a TOML file. For supervisors and administrators.
    Propose = Propose, calls "ProposeScheme";
    /// Counts a past month under a proposed scheme; prints the units that would notice.
    DryRun = DryRun, calls "DryRunScheme";
    /// Approves a scheme of somebody else after a dry run.
    Approve = Approve, calls "ListSchemes", "ApproveScheme";
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct List {
    #[command(flatten)]
    limit: ListLimit,
}

impl List {
    pub(crate) async fn run(self, context: &Context) -> Done {
        context.list(COLUMNS, context.client().await?.assessment().list_schemes(), self.limit).await
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Propose {
    /// The TOML file of the scheme.
    file: PathBuf,
    /// The first month that it counts, for example 2019-11.
    #[arg(long)]
    from_month: String,
    /// Why it is proposed.
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    request: RequestId,
}

impl Propose {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let document = std::fs::read_to_string(&self.file)
            .map_err(|error| Failure::about(self.file.display(), error))?;
        let command = ProposeScheme::new(document, self.from_month, self.reason).request_id(self.request.id);
        context.record(&context.client().await?.assessment().propose_scheme(command).await?)
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct DryRun {
    /// The number of the scheme.
    scheme_number: u32,
    /// The month to count, for example 2019-10.
    month: String,
    #[command(flatten)]
    request: RequestId,
}

impl DryRun {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let assessment = context.client().await?.assessment();
        context.record(&assessment.dry_run_scheme(self.scheme_number, self.month, self.request.id).await?)
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Approve {
    /// The number of the scheme.
    scheme_number: u32,
    #[command(flatten)]
    request: RequestId,
}

impl Approve {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let assessment = context.client().await?.assessment();
        let mut schemes = assessment.list_schemes();
        while let Some(scheme) = schemes.try_next().await? {
            if scheme.number == self.scheme_number {
                let command = ApproveScheme::of(&scheme).request_id(self.request.id);
                return context.record(&assessment.approve_scheme(command).await?);
            }
        }
        Err(Failure::new(format!("there is no scheme {}", self.scheme_number)))
    }
}
