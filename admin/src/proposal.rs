//! `hotline proposal`: new rules on their way into force. One administrator proposes, another one approves.

use clap::Args;
use hotline_client::{ApproveProposal, ProposalState, RuleKind, WithdrawProposal};

use crate::context::{Context, Done, ListLimit, RequestId};
use crate::flags::{names, text};
use crate::output::Column;
use crate::verbs::{list_verb, verbs};

const COLUMNS: &[Column] = &[
    ("PROPOSAL", "number"),
    ("KIND", "kind"),
    ("STATE", "state"),
    ("VERSION", "version"),
    ("FROM", "effective_time"),
    ("PROPOSER", "proposer"),
    ("REASON", "reason"),
];
const DIFFERENCE_COLUMNS: &[Column] = &[
    ("TICKET", "ticket_number"),
    ("TIER", "tier"),
    ("DUE", "due_time"),
    ("PROPOSED", "proposed_due_time"),
    ("RUNG", "rung"),
    ("PROPOSED RUNG", "proposed_rung"),
];

verbs! {
    /// Lists proposals.
    List = List, calls "ListProposals";
    /// Prints a proposal.
    Show = Show, calls "GetProposal";
    /// Tries a proposal on the open tickets, and changes none.
    DryRun = DryRun, calls "DryRunProposal";
    /// Lists the tickets that the last dry run would have changed.
    Differences = Differences, calls "ListTicketDifferences";
    /// Approves the proposal of another administrator.
    Approve = Approve, calls "GetProposal", "ApproveProposal";
    /// Withdraws a proposal.
    Withdraw = Withdraw, calls "WithdrawProposal";
}

list_verb! {
    List = admin.list_proposals(ListProposals), COLUMNS => {
        /// Of this kind.
        #[arg(long, value_parser = names!(RuleKind))]
        kind: Option<RuleKind>,
        /// In this state.
        #[arg(long, value_parser = names!(ProposalState))]
        state: Option<ProposalState>,
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// The proposal's number.
    proposal_number: u32,
}

impl Show {
    pub(crate) async fn run(self, context: &Context) -> Done {
        context.record(&context.client().await?.admin().get_proposal(self.proposal_number).await?)
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct DryRun {
    /// The proposal's number.
    proposal_number: u32,
    #[command(flatten)]
    request: RequestId,
}

impl DryRun {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let admin = context.client().await?.admin();
        context.record(&admin.dry_run_proposal(self.proposal_number, self.request.id).await?)
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Differences {
    /// The proposal's number.
    proposal_number: u32,
    #[command(flatten)]
    limit: ListLimit,
}

impl Differences {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let listing = context.client().await?.admin().list_ticket_differences(self.proposal_number);
        context.list(DIFFERENCE_COLUMNS, listing, self.limit).await
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Approve {
    /// The proposal's number.
    proposal_number: u32,
    /// The etag that was read; the default is the present one.
    #[arg(long)]
    etag: Option<String>,
    #[command(flatten)]
    request: RequestId,
}

impl Approve {
    pub(crate) async fn run(self, context: &Context) -> Done {
        context.confirm(&format!("proposal {} is approved", self.proposal_number))?;
        let admin = context.client().await?.admin();
        let etag = match self.etag {
            Some(etag) => etag,
            None => admin.get_proposal(self.proposal_number).await?.etag,
        };
        let command = ApproveProposal::new(self.proposal_number, etag).request_id(self.request.id);
        context.record(&admin.approve_proposal(command).await?)
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Withdraw {
    /// The proposal's number.
    proposal_number: u32,
    /// The etag that was read.
    #[arg(long)]
    etag: Option<String>,
    /// Why.
    #[arg(long, value_parser = text)]
    note: Option<String>,
    #[command(flatten)]
    request: RequestId,
}

impl Withdraw {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let command = WithdrawProposal::new(self.proposal_number)
            .etag(self.etag)
            .note(self.note)
            .request_id(self.request.id);
        context.record(&context.client().await?.admin().withdraw_proposal(command).await?)
    }
}
