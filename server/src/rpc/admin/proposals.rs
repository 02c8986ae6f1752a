//! `GetProposal`, `ListProposals`, `ListTicketDifferences`, and the changes of a proposal: `DryRunProposal`,
//! `ApproveProposal`, `WithdrawProposal`.

use hotline_proto::v1 as pb;
use prost::Message as _;

use super::AdminApi;
use crate::access::Permit;
use crate::desk::rules::approve_proposal::ApproveProposal;
use crate::desk::rules::changes::ValueChange;
use crate::desk::rules::proposal::{Proposal, ProposalFilter, ProposalStep};
use crate::desk::rules::propose::ProposalMeta;
use crate::desk::rules::withdraw_proposal::WithdrawProposal;
use crate::desk::rules::{DryRun, ProposalDetails, TicketDifference, TierDifference};
use crate::ledger::list::Cursor;
use crate::platform::Fault;
use crate::rpc::enums::ContractEnum as _;
use crate::rpc::fields::{Fields, Lines};
use crate::rpc::handler::Handler;
use crate::rpc::idempotent::request_key;
use crate::rpc::page::{self, Page};
use crate::rpc::scalars::{count, optional_time, time};

/// The longest reason or note, in characters.
const REASON_CHARS_MAX: usize = 500;
/// The longest etag, in characters.
const ETAG_CHARS_MAX: usize = 64;

/// Who proposes, from when, and why: everything but the rules.
pub(super) fn meta(
    permit: &Permit,
    effective_time: Option<&prost_types::Timestamp>,
    reason: &str,
    fields: &mut Fields,
) -> ProposalMeta {
    ProposalMeta {
        principal: permit.principal().to_owned(),
        effective_from: fields.required_time("effective_time", effective_time),
        reason: fields.text("reason", reason, 1..=REASON_CHARS_MAX, Lines::Many),
    }
}

/// The number of a proposal.
fn proposal_number(number: i32, fields: &mut Fields) -> u32 {
    let read = u32::try_from(number).ok().filter(|number| *number > 0);
    if read.is_none() {
        fields.wrong("proposal_number", "is required, from 1");
    }
    read.unwrap_or_default()
}

impl Handler<AdminApi> for pb::DryRunProposalRequest {
    async fn handle(&self, api: &AdminApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let key = request_key(permit, &self.request_id, self, &mut fields);
        let number = proposal_number(self.proposal_number, &mut fields);
        let number = fields.finish(number)?;
        let answer = |details: &ProposalDetails| pb::DryRunProposalResponse {
            proposal: Some(encode_details(details)),
        };
        api.rules.dry_run_proposal(permit, key, number, answer).await
    }
}

impl Handler<AdminApi> for pb::ApproveProposalRequest {
    async fn handle(&self, api: &AdminApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let key = request_key(permit, &self.request_id, self, &mut fields);
        let command = ApproveProposal {
            number: proposal_number(self.proposal_number, &mut fields),
            etag: fields.text("etag", &self.etag, 1..=ETAG_CHARS_MAX, Lines::One),
        };
        let answer = |details: &ProposalDetails| pb::ApproveProposalResponse {
            proposal: Some(encode_details(details)),
        };
        api.rules.approve_proposal(permit, key, fields.finish(command)?, answer).await
    }
}

impl Handler<AdminApi> for pb::WithdrawProposalRequest {
    async fn handle(&self, api: &AdminApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let key = request_key(permit, &self.request_id, self, &mut fields);
        let command = WithdrawProposal {
            number: proposal_number(self.proposal_number, &mut fields),
            etag: fields.optional("etag", &self.etag, ETAG_CHARS_MAX),
            note: fields.text("note", &self.note, 0..=REASON_CHARS_MAX, Lines::Many),
        };
        let answer = |details: &ProposalDetails| pb::WithdrawProposalResponse {
            proposal: Some(encode_details(details)),
        };
        api.rules.withdraw_proposal(permit, key, fields.finish(command)?, answer).await
    }
}

impl Handler<AdminApi> for pb::GetProposalRequest {
    async fn handle(&self, api: &AdminApi, _: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let number = proposal_number(self.proposal_number, &mut fields);
        let details = api.rules.get_proposal(fields.finish(number)?).await?;
        Ok(pb::GetProposalResponse { proposal: Some(encode_details(&details)) })
    }
}

impl Handler<AdminApi> for pb::ListProposalsRequest {
    async fn handle(&self, api: &AdminApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        fields.page_size(self.page_size);
        let kind = fields.optional_choice("kind", self.kind);
        let state = fields.optional_choice("state", self.state);
        let filter = fields.finish(ProposalFilter { kind, state })?;
        let rest = Self { page_size: 0, page_token: String::new(), ..*self };
        let page = Page::read(self.page_size, &self.page_token, permit.method().path, &rest.encode_to_vec())?;
        let below = match page.cursor::<1>()? {
            Some([number]) => Some(page::parse(&number)?),
            None => None,
        };
        let found = api.rules.list_proposals(filter, below, page.fetch_limit()).await?;
        let cursor = |proposal: &Proposal| proposal.number.to_string();
        let (proposals, next_page_token) = page.encode(&found, cursor, |proposal| encode(proposal, &[]));
        Ok(pb::ListProposalsResponse { proposals, next_page_token })
    }
}

impl Handler<AdminApi> for pb::ListTicketDifferencesRequest {
    async fn handle(&self, api: &AdminApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        fields.page_size(self.page_size);
        let number = proposal_number(self.proposal_number, &mut fields);
        let number = fields.finish(number)?;
        let filter = number.to_string();
        let page = Page::read(self.page_size, &self.page_token, permit.method().path, filter.as_bytes())?;
        let after = match page.cursor::<2>()? {
            Some([instant, number]) => {
                Some(Cursor { instant: page::parse(&instant)?, number: page::parse(&number)? })
            }
            None => None,
        };
        let limit = usize::try_from(page.size).unwrap_or(usize::MAX);
        let (found, next) = api.rules.list_ticket_differences(number, after, limit).await?;
        let next = next.map(|next| page.token(&format!("{}\n{}", next.instant, next.number)));
        let differences = found.iter().map(encode_difference).collect();
        Ok(pb::ListTicketDifferencesResponse { differences, next_page_token: next.unwrap_or_default() })
    }
}

/// A proposal and what it would change.
pub(super) fn encode_details(details: &ProposalDetails) -> pb::Proposal {
    encode(&details.proposal, &details.changes)
}

fn encode(proposal: &Proposal, changes: &[ValueChange]) -> pb::Proposal {
    let history = &proposal.history;
    let by = |step: &Option<ProposalStep>| step.as_ref().map(|step| step.by.clone()).unwrap_or_default();
    let at = |step: &Option<ProposalStep>| optional_time(step.as_ref().map(|step| step.at));
    let change = |change: &ValueChange| pb::ValueChange {
        path: change.path.clone(),
        before: change.before.clone(),
        after: change.after.clone(),
    };
    pb::Proposal {
        number: count(proposal.number),
        kind: proposal.kind.number(),
        version: proposal.version.clone(),
        base_version: proposal.base_version.clone(),
        effective_time: Some(time(proposal.effective_from)),
        state: proposal.state.number(),
        reason: history.proposed.note.clone(),
        proposer: history.proposed.by.clone(),
        propose_time: Some(time(history.proposed.at)),
        changes: changes.iter().map(change).collect(),
        dry_run: history.dry_run.as_ref().map(encode_dry_run),
        approver: by(&history.approved),
        approve_time: at(&history.approved),
        withdrawer: by(&history.withdrawn),
        withdraw_time: at(&history.withdrawn),
        withdrawal_note: history.withdrawn.as_ref().map(|step| step.note.clone()).unwrap_or_default(),
        etag: proposal.etag(),
        warnings: history.warnings.clone(),
    }
}

fn large(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn encode_dry_run(dry_run: &DryRun) -> pb::DryRun {
    let tier = |tier: &TierDifference| pb::TierDifference {
        tier: tier.tier.number(),
        tickets: large(tier.tickets),
        earlier: large(tier.earlier),
        later: large(tier.later),
        newly_overdue: large(tier.newly_overdue),
        no_longer_overdue: large(tier.no_longer_overdue),
        higher_rung: large(tier.higher_rung),
        lower_rung: large(tier.lower_rung),
    };
    pb::DryRun {
        run_time: Some(time(dry_run.run_at)),
        principal: dry_run.principal.clone(),
        open_tickets: large(dry_run.open_tickets),
        carried_over_tickets: large(dry_run.carried_over_tickets),
        tiers: dry_run.tiers.iter().map(tier).collect(),
    }
}

fn encode_difference(one: &TicketDifference) -> pb::TicketDifference {
    pb::TicketDifference {
        ticket_number: one.number.to_string(),
        tier: one.tier.number(),
        due_time: Some(time(one.due_at)),
        proposed_due_time: Some(time(one.proposed_due_at)),
        rung: one.rung.number(),
        proposed_rung: one.proposed_rung.number(),
    }
}
