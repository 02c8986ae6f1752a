//! `hotline objection`: cases that units object to, or that the hotline wants to leave out.

use clap::Args;
use hotline_client::{
    Assessment, DecideExclusion, DecideObjection, Exclusion, ExclusionState, FileObjection, ListObjections,
    RequestExclusion,
};

use crate::context::{Context, Done, RequestId};
use crate::failure::Failure;
use crate::flags::{names, text};
use crate::output::Column;
use crate::verbs::{list_verb, verbs};

const COLUMNS: &[Column] = &[
    ("NUMBER", "number"),
    ("LINE", "line"),
    ("UNIT", "unit"),
    ("MONTH", "month"),
    ("STATE", "state"),
    ("BY_UNIT", "objection"),
    ("REASON", "reason"),
];

verbs! {
    /// Lists objections and requests for exclusion. A unit lists its own.
    List = List, calls "ListObjections";
    /// Objects to a case of the own unit.
    File = File, calls "FileObjection";
    /// Decides an objection. For supervisors.
    Decide = Decide, calls "ListObjections", "DecideObjection";
    /// Asks to leave a case out, for the hotline. For supervisors.
    Exclude = Exclude, calls "RequestExclusion";
    /// Decides a request of another supervisor.
    DecideExclusion = DecideRequest, calls "ListObjections", "DecideExclusion";
}

list_verb! {
    List = assessment.list_objections(ListObjections), COLUMNS => {
        /// About cases of this unit.
        #[arg(long)]
        unit: Option<String>,
        /// About this month, for example 2019-10.
        #[arg(long)]
        month: Option<String>,
        /// In this state.
        #[arg(long, value_parser = names!(ExclusionState))]
        state: Option<ExclusionState>,
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct File {
    /// The line of the case, as `hotline score lines` prints it.
    line: String,
    /// The month, for example 2019-10.
    month: String,
    /// Why it must not count. `@FILE` reads a file.
    #[arg(long, value_parser = text)]
    reason: String,
    /// What proves it.
    #[arg(long, value_parser = text)]
    evidence: Option<String>,
    #[command(flatten)]
    request: RequestId,
}

impl File {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let command = FileObjection::new(self.line, self.month, self.reason)
            .evidence(self.evidence)
            .request_id(self.request.id);
        context.record(&context.client().await?.assessment().file_objection(command).await?)
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Exclude {
    /// The line of the case, as `hotline score lines` prints it.
    line: String,
    /// The month, for example 2019-10.
    month: String,
    /// The unit of the case.
    #[arg(long)]
    unit: String,
    /// Why it must not count. `@FILE` reads a file.
    #[arg(long, value_parser = text)]
    reason: String,
    /// What proves it.
    #[arg(long, value_parser = text)]
    evidence: Option<String>,
    #[command(flatten)]
    request: RequestId,
}

impl Exclude {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let command = RequestExclusion::new(self.line, self.month, self.reason, self.unit)
            .evidence(self.evidence)
            .request_id(self.request.id);
        context.record(&context.client().await?.assessment().request_exclusion(command).await?)
    }
}

/// A decision.
#[derive(Debug, Args)]
struct Decision {
    /// The number of the objection or request.
    number: u32,
    /// Leave the case out.
    #[arg(long, conflicts_with = "reject", required_unless_present = "reject")]
    accept: bool,
    /// Let it count.
    #[arg(long)]
    reject: bool,
    /// Why. `@FILE` reads a file.
    #[arg(long, value_parser = text)]
    note: String,
    #[command(flatten)]
    request: RequestId,
}

impl Decision {
    /// What is decided, as it is now.
    async fn find(&self, assessment: &Assessment) -> Result<Exclusion, Failure> {
        let mut all = assessment.list_objections(ListObjections::default());
        while let Some(exclusion) = all.try_next().await? {
            if exclusion.number == self.number {
                return Ok(exclusion);
            }
        }
        Err(Failure::new(format!("there is no objection or request {}", self.number)))
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Decide {
    #[command(flatten)]
    decision: Decision,
}

impl Decide {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let assessment = context.client().await?.assessment();
        let exclusion = self.decision.find(&assessment).await?;
        let Decision { accept, note, request, .. } = self.decision;
        let command = DecideObjection::of(&exclusion, accept, note).request_id(request.id);
        context.record(&assessment.decide_objection(command).await?)
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct DecideRequest {
    #[command(flatten)]
    decision: Decision,
}

impl DecideRequest {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let assessment = context.client().await?.assessment();
        let exclusion = self.decision.find(&assessment).await?;
        let Decision { accept, note, request, .. } = self.decision;
        let command = DecideExclusion::of(&exclusion, accept, note).request_id(request.id);
        context.record(&assessment.decide_exclusion(command).await?)
    }
}
