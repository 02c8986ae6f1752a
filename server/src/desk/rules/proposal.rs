//! A proposal: the version that it would bring, from when, and its history. Every change of it locks its row.

use chrono::{DateTime, TimeDelta, Utc};
use hotline_proto::v1::ErrorReason;
use sea_orm::ActiveValue::{Set, Unchanged};
use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder as _, QuerySelect as _};
use serde::{Deserialize, Serialize};

use super::dry_run_report::DryRun;
use crate::deadline::RuleKind;
use crate::platform::{Fault, Work};
use crate::ticket::Instant;

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "rule_proposal")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: i32,
        pub revision: i32,
        pub kind: i16,
        pub version: String,
        pub base_version: String,
        pub effective_from: i64,
        pub state: i16,
        pub document: String,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The time that an approval must leave until the effective time. No unit of work that read the rules before can then
/// still write a ticket after it.
pub const NOTICE: TimeDelta = TimeDelta::minutes(1);

/// The state of a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProposalState {
    /// Proposed, and checked as far as possible without the open tickets.
    Proposed,
    /// Approved by a second administrator.
    Approved,
    /// Withdrawn before it came into force.
    Withdrawn,
}

impl ProposalState {
    /// Its name in refusals.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Proposed => "PROPOSED",
            Self::Approved => "APPROVED",
            Self::Withdrawn => "WITHDRAWN",
        }
    }

    const fn stored(self) -> i16 {
        match self {
            Self::Proposed => 1,
            Self::Approved => 2,
            Self::Withdrawn => 3,
        }
    }

    const fn of_stored(number: i16) -> Option<Self> {
        match number {
            1 => Some(Self::Proposed),
            2 => Some(Self::Approved),
            3 => Some(Self::Withdrawn),
            _ => None,
        }
    }
}

/// A step in the history of a proposal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposalStep {
    /// The principal.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
    /// Why, in their words.
    pub note: String,
}

/// The history of a proposal, stored as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    /// Who proposed it.
    pub proposed: ProposalStep,
    /// The last version of the other kind that it was checked with.
    pub beside_version: String,
    /// Findings of its check that do not prevent it from coming into force.
    pub warnings: Vec<String>,
    /// The last dry run.
    pub dry_run: Option<DryRun>,
    /// Who approved it.
    pub approved: Option<ProposalStep>,
    /// Who withdrew it.
    pub withdrawn: Option<ProposalStep>,
}

/// A proposed version of the rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// Its number, from 1.
    pub number: u32,
    /// 1 for a new one; the etag is made from it.
    pub revision: u32,
    /// What it is about.
    pub kind: RuleKind,
    /// The version that it would bring.
    pub version: String,
    /// The version in force just before it.
    pub base_version: String,
    /// From when it would be in force.
    pub effective_from: Instant,
    /// Its state.
    pub state: ProposalState,
    /// Its history.
    pub history: History,
}

impl Proposal {
    /// The etag: changes with every change of the proposal.
    #[must_use]
    pub fn etag(&self) -> String {
        format!("v{}", self.revision)
    }

    /// Refuses a decided proposal.
    ///
    /// # Errors
    /// `PROPOSAL_DECIDED`, with its state.
    pub fn check_undecided(&self) -> Result<(), Fault> {
        if self.state == ProposalState::Proposed {
            return Ok(());
        }
        let decided = Fault::new(ErrorReason::ProposalDecided);
        Err(decided.with("proposal_number", self.number.to_string()).with("state", self.state.name()))
    }
}

/// `PROPOSAL_NOT_FOUND`.
#[must_use]
pub fn not_found(number: u32) -> Fault {
    Fault::new(ErrorReason::ProposalNotFound).with("proposal_number", number.to_string())
}

fn stored(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

fn proposal_of(row: row::Model) -> Result<Proposal, Fault> {
    let broken = |what: &dyn std::fmt::Display| Fault::internal(format!("proposal {}: {what}", row.number));
    Ok(Proposal {
        number: row.number.unsigned_abs(),
        revision: row.revision.unsigned_abs(),
        kind: RuleKind::of_stored(row.kind).ok_or_else(|| broken(&"unknown kind"))?,
        effective_from: DateTime::from_timestamp_micros(row.effective_from)
            .ok_or_else(|| broken(&"an instant out of range"))?,
        state: ProposalState::of_stored(row.state).ok_or_else(|| broken(&"unknown state"))?,
        history: serde_json::from_str(&row.document).map_err(|error| broken(&error))?,
        version: row.version,
        base_version: row.base_version,
    })
}

fn row_of(proposal: &Proposal) -> Result<row::ActiveModel, Fault> {
    let document =
        serde_json::to_string(&proposal.history).map_err(|error| Fault::internal(error.to_string()))?;
    Ok(row::ActiveModel {
        number: Set(stored(proposal.number)),
        revision: Set(stored(proposal.revision)),
        kind: Set(proposal.kind.stored()),
        version: Set(proposal.version.clone()),
        base_version: Set(proposal.base_version.clone()),
        effective_from: Set(proposal.effective_from.timestamp_micros()),
        state: Set(proposal.state.stored()),
        document: Set(document),
    })
}

/// Adds a proposal under the next number; returns it with that number.
///
/// # Errors
/// Refusals of the database; a conflict if another proposal takes the number at the same time.
pub(super) async fn add(work: &Work, mut proposal: Proposal) -> Result<Proposal, Fault> {
    let last: Option<Option<i32>> = row::Entity::find()
        .select_only()
        .column_as(row::Column::Number.max(), "last")
        .into_tuple()
        .one(&work.tx)
        .await?;
    proposal.number = last.flatten().unwrap_or_default().unsigned_abs() + 1;
    row::Entity::insert(row_of(&proposal)?).exec_without_returning(&work.tx).await?;
    Ok(proposal)
}

/// Stores a proposal that was read under its lock, as its next revision.
pub(super) async fn update(work: &Work, mut proposal: Proposal) -> Result<Proposal, Fault> {
    proposal.revision += 1;
    let mut row = row_of(&proposal)?;
    row.number = Unchanged(stored(proposal.number));
    row::Entity::update(row).exec(&work.tx).await?;
    Ok(proposal)
}

/// A proposal by its number.
///
/// # Errors
/// Refusals of the database, or a row that can't be read.
pub async fn find(db: &impl ConnectionTrait, number: u32) -> Result<Option<Proposal>, Fault> {
    row::Entity::find_by_id(stored(number)).one(db).await?.map(proposal_of).transpose()
}

/// A proposal, locked until the unit of work ends.
pub(super) async fn lock(work: &Work, number: u32) -> Result<Proposal, Fault> {
    let locked = row::Entity::find_by_id(stored(number)).lock_exclusive().one(&work.tx).await?;
    locked.map(proposal_of).transpose()?.ok_or_else(|| not_found(number))
}

/// A filter of proposals.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ProposalFilter {
    /// This kind only.
    pub kind: Option<RuleKind>,
    /// In this state only.
    pub state: Option<ProposalState>,
}

/// Proposals by falling number, below a number, at most `limit`.
///
/// # Errors
/// Refusals of the database, or a row that can't be read.
pub async fn page(
    db: &impl ConnectionTrait,
    filter: ProposalFilter,
    below: Option<u32>,
    limit: u64,
) -> Result<Vec<Proposal>, Fault> {
    let mut query = row::Entity::find().order_by_desc(row::Column::Number).limit(limit);
    if let Some(kind) = filter.kind {
        query = query.filter(row::Column::Kind.eq(kind.stored()));
    }
    if let Some(state) = filter.state {
        query = query.filter(row::Column::State.eq(state.stored()));
    }
    if let Some(below) = below {
        query = query.filter(row::Column::Number.lt(stored(below)));
    }
    query.all(db).await?.into_iter().map(proposal_of).collect()
}
