//! The commands of `hotline.v1.AdminService`: proposing, trying, approving and withdrawing rules, each once for its request
//! id.

use std::sync::Arc;

use hotline_proto::v1 as pb;
use serde_json::json;

use super::admin_service::{AdminSwitchboard, shown};
use super::fields::{Fields, Lines};
use super::once::{answered, once};
use super::rules;
use super::ticket_service::key_of;
use crate::access::Permit;
use crate::audit_log::records;
use crate::desk::rules::propose::{self, Motion};
use crate::desk::rules::{Proposal, decide, dry_run};
use crate::platform::{Fault, Work};
use crate::ticket::Actor;

/// Who does what to a proposal.
#[derive(Debug)]
struct Deed {
    actor: Actor,
    method: &'static str,
}

impl Deed {
    fn of(permit: &Permit) -> Self {
        Self { actor: permit.actor(), method: permit.method().method }
    }

    /// Records it, in the transaction that does it.
    async fn record(&self, work: &Work, proposal: &Proposal) -> Result<(), Fault> {
        let subject = format!("proposal/{}", proposal.number);
        let details = json!({ "version": proposal.version, "etag": proposal.etag() });
        records::record(work, &self.actor, self.method, &subject, details).await
    }
}

impl AdminSwitchboard {
    /// What is asked beside the rules themselves.
    fn motion(
        permit: &Permit,
        effective_time: Option<&prost_types::Timestamp>,
        reason: &str,
        fields: &mut Fields,
    ) -> Motion {
        Motion {
            principal: permit.principal().to_owned(),
            effective_from: fields.required_time("effective_time", effective_time),
            reason: rules::reason(reason, fields),
        }
    }

    pub(super) async fn propose_policy(
        &self,
        permit: &Permit,
        request: &pb::ProposePolicyRequest,
    ) -> Result<pb::ProposePolicyResponse, Fault> {
        let mut fields = Fields::default();
        let key = key_of(permit, &request.request_id, request, &mut fields);
        let policy = rules::policy(request.policy.as_ref(), &mut fields);
        let motion = Self::motion(permit, request.effective_time.as_ref(), &request.reason, &mut fields);
        if let Some(answered) = answered(&self.closed_loop, &key).await? {
            return Ok(answered);
        }
        let (reader, now) = (self.closed_loop.store.reader(), self.closed_loop.clock.now());
        let asked = (policy, motion);
        let checked = propose::check_policy(reader, self.book(), asked, now, fields.into_wrong()).await?;
        let asked = Arc::new((self.book().clone(), checked, Deed::of(permit)));
        once(&self.closed_loop, key, move |work| {
            let asked = Arc::clone(&asked);
            Box::pin(async move {
                let proposal = propose::write(work, &asked.0, &asked.1).await?;
                asked.2.record(work, &proposal).await?;
                Ok(pb::ProposePolicyResponse { proposal: shown(&work.tx, &asked.0, &proposal).await? })
            })
        })
        .await
    }

    pub(super) async fn propose_calendar(
        &self,
        permit: &Permit,
        request: &pb::ProposeCalendarRequest,
    ) -> Result<pb::ProposeCalendarResponse, Fault> {
        let mut fields = Fields::default();
        let key = key_of(permit, &request.request_id, request, &mut fields);
        let years = rules::years(&request.years, &mut fields);
        let motion = Self::motion(permit, request.effective_time.as_ref(), &request.reason, &mut fields);
        if let Some(answered) = answered(&self.closed_loop, &key).await? {
            return Ok(answered);
        }
        let (reader, now) = (self.closed_loop.store.reader(), self.closed_loop.clock.now());
        let asked = (years, motion);
        let checked = propose::check_calendar(reader, self.book(), asked, now, fields.into_wrong()).await?;
        let asked = Arc::new((self.book().clone(), checked, Deed::of(permit)));
        once(&self.closed_loop, key, move |work| {
            let asked = Arc::clone(&asked);
            Box::pin(async move {
                let proposal = propose::write(work, &asked.0, &asked.1).await?;
                asked.2.record(work, &proposal).await?;
                Ok(pb::ProposeCalendarResponse { proposal: shown(&work.tx, &asked.0, &proposal).await? })
            })
        })
        .await
    }

    pub(super) async fn dry_run(
        &self,
        permit: &Permit,
        request: &pb::DryRunProposalRequest,
    ) -> Result<pb::DryRunProposalResponse, Fault> {
        let mut fields = Fields::default();
        let key = key_of(permit, &request.request_id, request, &mut fields);
        let number = rules::proposal_number(request.proposal_number, &mut fields);
        let number = fields.finish(number)?;
        if let Some(answered) = answered(&self.closed_loop, &key).await? {
            return Ok(answered);
        }
        let proposal = self.find(number).await?;
        proposal.check_undecided()?;
        // Counted before the unit of work begins: it takes seconds for a city, and nobody shall wait for it.
        let (reader, now) = (self.closed_loop.store.reader(), self.closed_loop.clock.now());
        let report = dry_run::run(reader, self.book(), &proposal, permit.principal(), now).await?;
        let asked = Arc::new((self.book().clone(), report, Deed::of(permit)));
        once(&self.closed_loop, key, move |work| {
            let asked = Arc::clone(&asked);
            Box::pin(async move {
                let (book, report, deed) = &*asked;
                let proposal = decide::report(work, number, report.clone()).await?;
                deed.record(work, &proposal).await?;
                Ok(pb::DryRunProposalResponse { proposal: shown(&work.tx, book, &proposal).await? })
            })
        })
        .await
    }

    pub(super) async fn approve(
        &self,
        permit: &Permit,
        request: &pb::ApproveProposalRequest,
    ) -> Result<pb::ApproveProposalResponse, Fault> {
        let mut fields = Fields::default();
        let key = key_of(permit, &request.request_id, request, &mut fields);
        let number = rules::proposal_number(request.proposal_number, &mut fields);
        let etag = fields.text("etag", &request.etag, 1..=64, Lines::One);
        let number = fields.finish(number)?;
        let asked = Arc::new((self.book().clone(), Deed::of(permit), etag));
        once(&self.closed_loop, key, move |work| {
            let asked = Arc::clone(&asked);
            Box::pin(async move {
                let (book, deed, etag) = &*asked;
                let proposal = decide::approve(work, &deed.actor.principal, number, etag).await?;
                deed.record(work, &proposal).await?;
                Ok(pb::ApproveProposalResponse { proposal: shown(&work.tx, book, &proposal).await? })
            })
        })
        .await
    }

    pub(super) async fn withdraw(
        &self,
        permit: &Permit,
        request: &pb::WithdrawProposalRequest,
    ) -> Result<pb::WithdrawProposalResponse, Fault> {
        let mut fields = Fields::default();
        let key = key_of(permit, &request.request_id, request, &mut fields);
        let number = rules::proposal_number(request.proposal_number, &mut fields);
        let etag = fields.optional("etag", &request.etag, 64);
        let note = rules::note(&request.note, &mut fields);
        let number = fields.finish(number)?;
        let asked = Arc::new((self.book().clone(), Deed::of(permit), etag, note));
        once(&self.closed_loop, key, move |work| {
            let asked = Arc::clone(&asked);
            Box::pin(async move {
                let (book, deed, etag, note) = &*asked;
                let principal = &deed.actor.principal;
                let proposal = decide::withdraw(work, principal, number, etag.as_deref(), note).await?;
                deed.record(work, &proposal).await?;
                Ok(pb::WithdrawProposalResponse { proposal: shown(&work.tx, book, &proposal).await? })
            })
        })
        .await
    }
}
