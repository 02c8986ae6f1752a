//! `hotline.v1.AdminService`: what is in force, and what is proposed. Its commands are in `proposing`, its clients in
//! `clients`.

use std::sync::Arc;

use hotline_proto::v1 as pb;
use pb::admin_service_server::AdminService;
use prost::Message as _;
use tonic::{Request, Response, Status};

use super::fields::Fields;
use super::page::{self, Page};
use super::{clients, permit_of, rules, status};
use crate::access::Permit;
use crate::closed_loop::ClosedLoop;
use crate::deadline::{Calendar, RuleBook, RuleInForce, RuleKind, Rules, in_force};
use crate::desk::rules::changes::{self, ValueChange};
use crate::desk::rules::{Proposal, dry_run, proposal};
use crate::ledger::list::Cursor;
use crate::platform::Fault;
use crate::ticket::Instant;

/// Serves the administration of the rules and of the clients.
#[derive(Debug, Clone)]
pub struct AdminSwitchboard {
    /// The database, the clock and the rules.
    pub closed_loop: ClosedLoop,
}

/// What a proposal would change.
async fn changes_of(
    db: &impl sea_orm::ConnectionTrait,
    book: &RuleBook,
    proposal: &Proposal,
) -> Result<Vec<ValueChange>, Fault> {
    let (base, version) = (&proposal.base_version, &proposal.version);
    Ok(match proposal.kind {
        RuleKind::Policy => {
            changes::of_policies(&*book.policy(db, base).await?, &*book.policy(db, version).await?)
        }
        RuleKind::Calendar => {
            changes::of_calendars(&*book.calendar(db, base).await?, &*book.calendar(db, version).await?)
        }
    })
}

/// A proposal and what it would change, as administrators read it.
pub(super) async fn shown(
    db: &impl sea_orm::ConnectionTrait,
    book: &RuleBook,
    proposal: &Proposal,
) -> Result<Option<pb::Proposal>, Fault> {
    Ok(Some(rules::encode_proposal(proposal, changes_of(db, book, proposal).await?)))
}

impl AdminSwitchboard {
    pub(super) fn book(&self) -> &RuleBook {
        self.closed_loop.ledger.rules()
    }

    fn instant(&self, asked: Option<Instant>) -> Instant {
        asked.unwrap_or_else(|| self.closed_loop.clock.now())
    }

    async fn policy(&self, request: &pb::GetPolicyRequest) -> Result<pb::GetPolicyResponse, Fault> {
        let mut fields = Fields::default();
        let version = fields.optional("version", &request.version, 64);
        let at = fields.time("effective_time", request.effective_time.as_ref());
        let version = fields.finish(version)?;
        let (db, book) = (self.closed_loop.store.reader(), self.book());
        if let Some(version) = version {
            let found = book.find_policy(db, &version).await?;
            let policy = rules::found("policy_version", &version, found)?;
            return Ok(pb::GetPolicyResponse { version, policy: Some(rules::encode_policy(&policy)) });
        }
        let Rules { policy, policy_version: version, .. } = book.in_force(db, self.instant(at)).await?;
        Ok(pb::GetPolicyResponse { version, policy: Some(rules::encode_policy(&policy)) })
    }

    async fn calendar(&self, request: &pb::GetCalendarRequest) -> Result<pb::GetCalendarResponse, Fault> {
        let mut fields = Fields::default();
        let version = fields.optional("version", &request.version, 64);
        let at = fields.time("effective_time", request.effective_time.as_ref());
        let version = fields.finish(version)?;
        let (db, book) = (self.closed_loop.store.reader(), self.book());
        let calendar: Arc<Calendar> = match version {
            Some(version) => {
                rules::found("calendar_version", &version, book.find_calendar(db, &version).await?)?
            }
            None => book.in_force(db, self.instant(at)).await?.calendar,
        };
        let years = calendar.years().filter(|year| request.year == 0 || request.year == *year);
        let years = years.filter_map(|year| calendar.year(year)).map(rules::encode_year).collect();
        Ok(pb::GetCalendarResponse { version: calendar.version().to_owned(), years })
    }

    async fn list_in_force(
        &self,
        permit: &Permit,
        request: &pb::ListRulesInForceRequest,
    ) -> Result<pb::ListRulesInForceResponse, Fault> {
        let mut fields = Fields::default();
        fields.page_size(request.page_size);
        let kind = fields.choice("kind", request.kind, RuleKind::Policy);
        let kind = fields.finish(kind)?;
        let filter = request.kind.to_string();
        let page =
            Page::read(request.page_size, &request.page_token, permit.method().path, filter.as_bytes())?;
        let before = match page.key::<1>()? {
            Some([micros]) => chrono::DateTime::from_timestamp_micros(page::parse(&micros)?),
            None => None,
        };
        let found = in_force::page(self.closed_loop.store.reader(), kind, before, page.reach()).await?;
        let key = |rule: &RuleInForce| rule.effective_from.timestamp_micros().to_string();
        let (rules, next_page_token) = page.show(&found, key, rules::encode_in_force);
        Ok(pb::ListRulesInForceResponse { rules, next_page_token })
    }

    pub(super) async fn find(&self, number: u32) -> Result<Proposal, Fault> {
        let found = proposal::find(self.closed_loop.store.reader(), number).await?;
        found.ok_or_else(|| proposal::not_found(number))
    }

    async fn proposal(&self, number: i32) -> Result<pb::GetProposalResponse, Fault> {
        let mut fields = Fields::default();
        let number = rules::proposal_number(number, &mut fields);
        let proposal = self.find(fields.finish(number)?).await?;
        let reader = self.closed_loop.store.reader();
        Ok(pb::GetProposalResponse { proposal: shown(reader, self.book(), &proposal).await? })
    }

    async fn list_proposals(
        &self,
        permit: &Permit,
        request: &pb::ListProposalsRequest,
    ) -> Result<pb::ListProposalsResponse, Fault> {
        let mut fields = Fields::default();
        fields.page_size(request.page_size);
        let kind = fields.optional_choice("kind", request.kind);
        let state = fields.optional_choice("state", request.state);
        let filter = fields.finish(proposal::Filter { kind, state })?;
        let rest = pb::ListProposalsRequest { page_size: 0, page_token: String::new(), ..*request };
        let page =
            Page::read(request.page_size, &request.page_token, permit.method().path, &rest.encode_to_vec())?;
        let below = match page.key::<1>()? {
            Some([number]) => Some(page::parse(&number)?),
            None => None,
        };
        let reader = self.closed_loop.store.reader();
        let found = proposal::page(reader, filter, below, page.reach()).await?;
        let key = |proposal: &Proposal| proposal.number.to_string();
        let show = |proposal: &Proposal| rules::encode_proposal(proposal, Vec::new());
        let (proposals, next_page_token) = page.show(&found, key, show);
        Ok(pb::ListProposalsResponse { proposals, next_page_token })
    }

    async fn list_differences(
        &self,
        permit: &Permit,
        request: &pb::ListTicketDifferencesRequest,
    ) -> Result<pb::ListTicketDifferencesResponse, Fault> {
        let mut fields = Fields::default();
        fields.page_size(request.page_size);
        let number = rules::proposal_number(request.proposal_number, &mut fields);
        let number = fields.finish(number)?;
        let filter = number.to_string();
        let page =
            Page::read(request.page_size, &request.page_token, permit.method().path, filter.as_bytes())?;
        let behind = match page.key::<2>()? {
            Some([due_at, number]) => {
                Some(Cursor { due_at: page::parse(&due_at)?, number: page::parse(&number)? })
            }
            None => None,
        };
        let proposal = self.find(number).await?;
        let (reader, now) = (self.closed_loop.store.reader(), self.closed_loop.clock.now());
        let size = usize::try_from(page.size).unwrap_or(usize::MAX);
        let (found, next) = dry_run::differences(reader, self.book(), &proposal, now, behind, size).await?;
        let next = next.map(|next| page.token(&format!("{}\n{}", next.due_at, next.number)));
        let differences = found.iter().map(rules::encode_difference).collect();
        Ok(pb::ListTicketDifferencesResponse { differences, next_page_token: next.unwrap_or_default() })
    }
}

#[tonic::async_trait]
impl AdminService for AdminSwitchboard {
    async fn get_policy(
        &self,
        request: Request<pb::GetPolicyRequest>,
    ) -> Result<Response<pb::GetPolicyResponse>, Status> {
        permit_of(&request)?;
        self.policy(request.get_ref()).await.map(Response::new).map_err(status::of)
    }

    async fn get_calendar(
        &self,
        request: Request<pb::GetCalendarRequest>,
    ) -> Result<Response<pb::GetCalendarResponse>, Status> {
        permit_of(&request)?;
        self.calendar(request.get_ref()).await.map(Response::new).map_err(status::of)
    }

    async fn list_rules_in_force(
        &self,
        request: Request<pb::ListRulesInForceRequest>,
    ) -> Result<Response<pb::ListRulesInForceResponse>, Status> {
        let permit = permit_of(&request)?;
        self.list_in_force(&permit, request.get_ref()).await.map(Response::new).map_err(status::of)
    }

    async fn propose_policy(
        &self,
        request: Request<pb::ProposePolicyRequest>,
    ) -> Result<Response<pb::ProposePolicyResponse>, Status> {
        let permit = permit_of(&request)?;
        self.propose_policy(&permit, request.get_ref()).await.map(Response::new).map_err(status::of)
    }

    async fn propose_calendar(
        &self,
        request: Request<pb::ProposeCalendarRequest>,
    ) -> Result<Response<pb::ProposeCalendarResponse>, Status> {
        let permit = permit_of(&request)?;
        self.propose_calendar(&permit, request.get_ref()).await.map(Response::new).map_err(status::of)
    }

    async fn dry_run_proposal(
        &self,
        request: Request<pb::DryRunProposalRequest>,
    ) -> Result<Response<pb::DryRunProposalResponse>, Status> {
        let permit = permit_of(&request)?;
        self.dry_run(&permit, request.get_ref()).await.map(Response::new).map_err(status::of)
    }

    async fn approve_proposal(
        &self,
        request: Request<pb::ApproveProposalRequest>,
    ) -> Result<Response<pb::ApproveProposalResponse>, Status> {
        let permit = permit_of(&request)?;
        self.approve(&permit, request.get_ref()).await.map(Response::new).map_err(status::of)
    }

    async fn withdraw_proposal(
        &self,
        request: Request<pb::WithdrawProposalRequest>,
    ) -> Result<Response<pb::WithdrawProposalResponse>, Status> {
        let permit = permit_of(&request)?;
        self.withdraw(&permit, request.get_ref()).await.map(Response::new).map_err(status::of)
    }

    async fn get_proposal(
        &self,
        request: Request<pb::GetProposalRequest>,
    ) -> Result<Response<pb::GetProposalResponse>, Status> {
        permit_of(&request)?;
        self.proposal(request.get_ref().proposal_number).await.map(Response::new).map_err(status::of)
    }

    async fn list_proposals(
        &self,
        request: Request<pb::ListProposalsRequest>,
    ) -> Result<Response<pb::ListProposalsResponse>, Status> {
        let permit = permit_of(&request)?;
        self.list_proposals(&permit, request.get_ref()).await.map(Response::new).map_err(status::of)
    }

    async fn list_ticket_differences(
        &self,
        request: Request<pb::ListTicketDifferencesRequest>,
    ) -> Result<Response<pb::ListTicketDifferencesResponse>, Status> {
        let permit = permit_of(&request)?;
        self.list_differences(&permit, request.get_ref()).await.map(Response::new).map_err(status::of)
    }

    async fn create_client(
        &self,
        request: Request<pb::CreateClientRequest>,
    ) -> Result<Response<pb::CreateClientResponse>, Status> {
        let permit = permit_of(&request)?;
        clients::create_client(&self.closed_loop, &permit, request.get_ref())
            .await
            .map(Response::new)
            .map_err(status::of)
    }

    async fn get_client(
        &self,
        request: Request<pb::GetClientRequest>,
    ) -> Result<Response<pb::GetClientResponse>, Status> {
        permit_of(&request)?;
        clients::client(&self.closed_loop, request.get_ref()).await.map(Response::new).map_err(status::of)
    }

    async fn list_clients(
        &self,
        request: Request<pb::ListClientsRequest>,
    ) -> Result<Response<pb::ListClientsResponse>, Status> {
        let permit = permit_of(&request)?;
        clients::clients(&self.closed_loop, &permit, request.get_ref())
            .await
            .map(Response::new)
            .map_err(status::of)
    }

    async fn issue_credential(
        &self,
        request: Request<pb::IssueCredentialRequest>,
    ) -> Result<Response<pb::IssueCredentialResponse>, Status> {
        let permit = permit_of(&request)?;
        clients::issue_credential(&self.closed_loop, &permit, request.get_ref())
            .await
            .map(Response::new)
            .map_err(status::of)
    }

    async fn revoke_credential(
        &self,
        request: Request<pb::RevokeCredentialRequest>,
    ) -> Result<Response<pb::RevokeCredentialResponse>, Status> {
        let permit = permit_of(&request)?;
        clients::revoke_credential(&self.closed_loop, &permit, request.get_ref())
            .await
            .map(Response::new)
            .map_err(status::of)
    }

    async fn revoke_client(
        &self,
        request: Request<pb::RevokeClientRequest>,
    ) -> Result<Response<pb::RevokeClientResponse>, Status> {
        let permit = permit_of(&request)?;
        clients::revoke_client(&self.closed_loop, &permit, request.get_ref())
            .await
            .map(Response::new)
            .map_err(status::of)
    }
}
