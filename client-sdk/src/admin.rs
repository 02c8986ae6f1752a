//! What administrators do: bring new versions of the policy and of the calendar into force without a release. Clients
//! are in `clients`.

use chrono::{DateTime, Utc};
use hotline_proto::v1;
use uuid::Uuid;

use crate::call::{Command, Core};
use crate::convert::{IntoProto as _, answers, setters};
use crate::error::Error;
use crate::model::{
    CalendarVersion, CalendarYear, Policy, PolicyVersion, Proposal, ProposalState, RuleInForce, RuleKind,
    TicketDifference,
};
use crate::page::{self, Listing};

/// The administration of the rules. Made by [`HotlineClient::admin`](crate::HotlineClient::admin).
///
/// A new version must pass four checks. It must be complete and monotone, or it can't be proposed. It must have been
/// tried on the open tickets and approved by a second administrator, or it never takes effect.
///
/// ```no_run
/// use chrono::{TimeDelta, Utc};
/// use hotline_client::{ApproveProposal, HotlineClient, ProposePolicy, Which};
///
/// # async fn example(one: HotlineClient, other: HotlineClient) -> Result<(), hotline_client::Error> {
/// let mut policy = one.admin().get_policy(Which::Now).await?.policy;
/// policy.ladder.supervise_after_hours = 12;
/// let tomorrow = Utc::now() + TimeDelta::days(1);
/// let proposal = one.admin().propose_policy(ProposePolicy::new(policy, tomorrow, "督办提前到12小时")).await?;
/// let tried = one.admin().dry_run_proposal(proposal.number, None).await?;
/// println!("{:?}\n{:?}", tried.changes, tried.dry_run);
/// // Another administrator reads the same and approves what it has read.
/// other.admin().approve_proposal(ApproveProposal::of(&tried)).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Admin(pub(crate) Core);

/// Which version of the rules to read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Which {
    /// The version in force now.
    #[default]
    Now,
    /// The version in force at an instant, past or future.
    At(DateTime<Utc>),
    /// This version, as named by a ticket.
    Version(String),
}

impl Which {
    fn into_parts(self) -> (String, Option<DateTime<Utc>>) {
        match self {
            Self::Now => (String::new(), None),
            Self::At(instant) => (String::new(), Some(instant)),
            Self::Version(version) => (version, None),
        }
    }
}

/// Proposes a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProposePolicy {
    /// The whole policy.
    pub policy: Policy,
    /// The instant from which it is in force. At least a minute must be left at its approval.
    pub effective_time: DateTime<Utc>,
    /// Why, 1 to 500 characters.
    pub reason: String,
    /// `None` lets the library choose it.
    pub request_id: Option<Uuid>,
}

impl ProposePolicy {
    /// Proposes a policy from an instant on, for a reason.
    pub fn new(policy: Policy, effective_time: DateTime<Utc>, reason: impl Into<String>) -> Self {
        Self { policy, effective_time, reason: reason.into(), request_id: None }
    }
}

setters! {
    ProposePolicy {
        policy: Policy,
        effective_time: DateTime<Utc>,
        reason: String,
        request_id: Option<Uuid>,
    }
}

/// Proposes some years of the calendar. They replace the same years of the calendar that is in force then.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProposeCalendar {
    /// The years, each whole and once.
    pub years: Vec<CalendarYear>,
    /// The instant from which they are in force. At least a minute must be left at their approval.
    pub effective_time: DateTime<Utc>,
    /// Why, 1 to 500 characters.
    pub reason: String,
    /// `None` lets the library choose it.
    pub request_id: Option<Uuid>,
}

impl ProposeCalendar {
    /// Proposes years from an instant on, for a reason.
    pub fn new(years: Vec<CalendarYear>, effective_time: DateTime<Utc>, reason: impl Into<String>) -> Self {
        Self { years, effective_time, reason: reason.into(), request_id: None }
    }
}

setters! {
    ProposeCalendar {
        years: Vec<CalendarYear>,
        effective_time: DateTime<Utc>,
        reason: String,
        request_id: Option<Uuid>,
    }
}

/// Approves a proposal of another administrator, as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ApproveProposal {
    /// The proposal.
    pub proposal_number: u32,
    /// The etag of the proposal with the dry run that was read.
    pub etag: String,
    /// `None` lets the library choose it.
    pub request_id: Option<Uuid>,
}

impl ApproveProposal {
    /// Approves a proposal as it was read.
    #[must_use]
    pub fn of(proposal: &Proposal) -> Self {
        Self { proposal_number: proposal.number, etag: proposal.etag.clone(), request_id: None }
    }
}

impl ApproveProposal {
    /// Approves a proposal by its number, as it was read with this etag.
    pub fn new(proposal_number: u32, etag: impl Into<String>) -> Self {
        Self { proposal_number, etag: etag.into(), request_id: None }
    }
}

setters! {
    ApproveProposal { proposal_number: u32, etag: String, request_id: Option<Uuid> }
}

/// Withdraws a proposal, even an approved one that is not in force yet.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct WithdrawProposal {
    /// The proposal.
    pub proposal_number: u32,
    /// Its etag, to be sure that it has not changed since it was read.
    pub etag: Option<String>,
    /// Why, at most 500 characters.
    pub note: Option<String>,
    /// `None` lets the library choose it.
    pub request_id: Option<Uuid>,
}

impl WithdrawProposal {
    /// Withdraws a proposal in any version.
    #[must_use]
    pub const fn new(proposal_number: u32) -> Self {
        Self { proposal_number, etag: None, note: None, request_id: None }
    }
}

setters! {
    WithdrawProposal {
        proposal_number: u32,
        etag: Option<String>,
        note: Option<String>,
        request_id: Option<Uuid>,
    }
}

/// A dry run of a proposal.
struct DryRunProposal {
    proposal_number: u32,
    request_id: Option<Uuid>,
}

/// Which proposals to list; by default all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListProposals {
    /// This kind only.
    pub kind: Option<RuleKind>,
    /// In this state only.
    pub state: Option<ProposalState>,
    /// Items per page: 50 by default, at most 200.
    pub page_size: Option<u32>,
}

setters! {
    ListProposals { kind: Option<RuleKind>, state: Option<ProposalState>, page_size: Option<u32> }
}

impl Admin {
    pub(crate) fn new(core: Core) -> Self {
        Self(core)
    }

    /// Reads a policy. For everyone but telephony.
    ///
    /// # Errors
    /// `RULES_NOT_FOUND`.
    pub async fn get_policy(&self, which: Which) -> Result<PolicyVersion, Error> {
        let (version, at) = which.into_parts();
        self.0.query(v1::GetPolicyRequest { version, effective_time: at.into_proto() }).await
    }

    /// Reads a calendar of working days, of one year or all. For everyone but telephony.
    ///
    /// # Errors
    /// `RULES_NOT_FOUND`.
    pub async fn get_calendar(&self, which: Which, year: Option<u32>) -> Result<CalendarVersion, Error> {
        let (version, at) = which.into_parts();
        let request =
            v1::GetCalendarRequest { version, effective_time: at.into_proto(), year: year.into_proto() };
        self.0.query(request).await
    }

    /// Lists the versions that were, are and will be in force, the newest first. For everyone but telephony.
    pub fn list_rules_in_force(&self, kind: RuleKind) -> Listing<RuleInForce> {
        let request = v1::ListRulesInForceRequest { kind: kind.into_proto(), ..Default::default() };
        page::list(self.0.clone(), request)
    }

    /// Proposes a policy. For administrators.
    ///
    /// # Errors
    /// `INVALID_FIELDS` with every value that is missing, out of bounds, or loses the order of limits;
    /// `REQUEST_ID_REUSED`.
    pub async fn propose_policy(&self, command: ProposePolicy) -> Result<Proposal, Error> {
        self.0.command(command).await
    }

    /// Proposes some years of the calendar. For administrators.
    ///
    /// # Errors
    /// `INVALID_FIELDS` with everything that is wrong with the years; `REQUEST_ID_REUSED`.
    pub async fn propose_calendar(&self, command: ProposeCalendar) -> Result<Proposal, Error> {
        self.0.command(command).await
    }

    /// Tries a proposal on the open tickets, without changing them, and keeps the report with it. `None` lets the
    /// library choose the request id. For administrators.
    ///
    /// # Errors
    /// `PROPOSAL_NOT_FOUND`, `PROPOSAL_DECIDED`, `REQUEST_ID_REUSED`.
    pub async fn dry_run_proposal(
        &self,
        proposal_number: u32,
        request_id: Option<Uuid>,
    ) -> Result<Proposal, Error> {
        self.0.command(DryRunProposal { proposal_number, request_id }).await
    }

    /// Approves a proposal of another administrator. For administrators.
    ///
    /// # Errors
    /// `PROPOSAL_NOT_FOUND`, `PROPOSAL_DECIDED`, `ETAG_STALE`, `SECOND_ADMINISTRATOR_NEEDED`, `DRY_RUN_MISSING`,
    /// `PROPOSAL_OUTDATED`, `EFFECTIVE_TIME_TOO_SOON`, `REQUEST_ID_REUSED`.
    pub async fn approve_proposal(&self, command: ApproveProposal) -> Result<Proposal, Error> {
        self.0.command(command).await
    }

    /// Withdraws a proposal, even an approved one until a minute before its effective time. For administrators.
    ///
    /// # Errors
    /// `PROPOSAL_NOT_FOUND`, `PROPOSAL_DECIDED`, `PROPOSAL_BUILT_ON`, `EFFECTIVE_TIME_TOO_SOON`, `ETAG_STALE`,
    /// `REQUEST_ID_REUSED`.
    pub async fn withdraw_proposal(&self, command: WithdrawProposal) -> Result<Proposal, Error> {
        self.0.command(command).await
    }

    /// Reads a proposal with its last dry run. For administrators and supervisors.
    ///
    /// # Errors
    /// `PROPOSAL_NOT_FOUND`.
    pub async fn get_proposal(&self, proposal_number: u32) -> Result<Proposal, Error> {
        self.0.query(v1::GetProposalRequest { proposal_number: proposal_number.into_proto() }).await
    }

    /// Lists proposals without their changes, the newest first. For administrators and supervisors.
    pub fn list_proposals(&self, which: ListProposals) -> Listing<Proposal> {
        let request = v1::ListProposalsRequest {
            page_size: which.page_size.into_proto(),
            page_token: String::new(),
            kind: which.kind.into_proto(),
            state: which.state.into_proto(),
        };
        page::list(self.0.clone(), request)
    }

    /// Lists the open tickets that a proposal would change, as they are now, the earliest limit first. For
    /// administrators and supervisors.
    pub fn list_ticket_differences(&self, proposal_number: u32) -> Listing<TicketDifference> {
        let request = v1::ListTicketDifferencesRequest {
            proposal_number: proposal_number.into_proto(),
            ..Default::default()
        };
        page::list(self.0.clone(), request)
    }
}

/// A command on a proposal.
macro_rules! proposal_command {
    ($($command:ident = $request:ident { $($field:ident),+ })+) => { $(
        impl Command for $command {
            type Request = v1::$request;
            type Changed = Proposal;

            fn request_id(&self) -> Option<Uuid> {
                self.request_id
            }

            fn into_request(self, request_id: String) -> Self::Request {
                v1::$request { request_id, $($field: self.$field.into_proto()),+ }
            }
        }
    )+ };
}

proposal_command! {
    ProposePolicy = ProposePolicyRequest { policy, effective_time, reason }
    ProposeCalendar = ProposeCalendarRequest { years, effective_time, reason }
    DryRunProposal = DryRunProposalRequest { proposal_number }
    ApproveProposal = ApproveProposalRequest { proposal_number, etag }
    WithdrawProposal = WithdrawProposalRequest { proposal_number, etag, note }
}

answers! {
    Proposal: ProposePolicyResponse.proposal, ProposeCalendarResponse.proposal, DryRunProposalResponse.proposal,
        ApproveProposalResponse.proposal, WithdrawProposalResponse.proposal, GetProposalResponse.proposal;
}
