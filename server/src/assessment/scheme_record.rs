//! A scheme as it is proposed, tried and approved. Every change of it locks its row.

use hotline_proto::v1::ErrorReason;
use sea_orm::ActiveValue::{Set, Unchanged};
use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder as _, QuerySelect as _};
use serde::{Deserialize, Serialize};

use super::Step;
use super::rows::month_of;
use super::score::{Month, Scheme};
use crate::platform::{Fault, Work};

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "assessment_scheme")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: i32,
        pub revision: i32,
        pub from_month: i32,
        pub state: i16,
        pub text: String,
        pub document: String,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
use row::Column;

/// Where a scheme is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SchemeState {
    /// Proposed.
    Proposed,
    /// Approved.
    Approved,
}

impl SchemeState {
    const fn stored(self) -> i16 {
        match self {
            Self::Proposed => 1,
            Self::Approved => 2,
        }
    }

    const fn of_stored(number: i16) -> Option<Self> {
        match number {
            1 => Some(Self::Proposed),
            2 => Some(Self::Approved),
            _ => None,
        }
    }
}

/// The last dry run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchemeTrial {
    /// The month that was counted.
    pub month: Month,
    /// When.
    pub at: chrono::DateTime<chrono::Utc>,
}

/// The history of a scheme, stored as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchemeHistory {
    /// Who proposed it.
    pub proposed: Step,
    /// The last dry run.
    pub tried: Option<SchemeTrial>,
    /// Who approved it.
    pub approved: Option<Step>,
}

/// A scheme with its history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemeRecord {
    /// Its number, from 1; 0 for the one that is shipped.
    pub number: u32,
    /// 1 for a new one; the etag is made from it.
    pub revision: u32,
    /// The first month that it counts.
    pub from_month: Month,
    /// Where it is.
    pub state: SchemeState,
    /// The document in TOML.
    pub text: String,
    /// The document as it was read.
    pub scheme: Scheme,
    /// Its history.
    pub history: SchemeHistory,
}

impl SchemeRecord {
    /// The etag: changes with every change.
    #[must_use]
    pub fn etag(&self) -> String {
        format!("v{}", self.revision)
    }
}

/// A scheme and its number; 0 for the one that is shipped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberedScheme {
    /// The number.
    pub number: u32,
    /// The scheme.
    pub scheme: Scheme,
}

impl NumberedScheme {
    /// The one that is shipped.
    pub(super) fn shipped() -> Result<Self, Fault> {
        let scheme = Scheme::equal_thirds();
        let scheme = scheme.map_err(|_| Fault::internal("the shipped scheme can't be read"))?;
        Ok(Self { number: 0, scheme })
    }

    /// The one of a row.
    pub(super) fn read(number: i64, text: &str) -> Result<Self, Fault> {
        let number = i32::try_from(number).unwrap_or_default();
        Ok(Self { number: number.unsigned_abs(), scheme: read_scheme(number, text)? })
    }
}

/// An approved scheme in the table.
pub(super) const APPROVED: i16 = SchemeState::Approved.stored();

fn whole(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// `SCHEME_NOT_FOUND`.
pub(super) fn not_found(number: u32) -> Fault {
    Fault::new(ErrorReason::SchemeNotFound).with("scheme_number", number.to_string())
}

fn read_scheme(number: i32, text: &str) -> Result<Scheme, Fault> {
    Scheme::read(text).map_err(|_| Fault::internal(format!("the document of scheme {number} can't be read")))
}

fn record_of(row: row::Model) -> Result<SchemeRecord, Fault> {
    let broken = |what: &dyn std::fmt::Display| Fault::internal(format!("scheme {}: {what}", row.number));
    Ok(SchemeRecord {
        number: row.number.unsigned_abs(),
        revision: row.revision.unsigned_abs(),
        from_month: month_of(row.from_month)?,
        state: SchemeState::of_stored(row.state).ok_or_else(|| broken(&"unknown state"))?,
        scheme: read_scheme(row.number, &row.text)?,
        history: serde_json::from_str(&row.document).map_err(|error| broken(&error))?,
        text: row.text,
    })
}

fn row_of(one: &SchemeRecord) -> Result<row::ActiveModel, Fault> {
    let document = serde_json::to_string(&one.history).map_err(|error| Fault::internal(error.to_string()))?;
    Ok(row::ActiveModel {
        number: Set(whole(one.number)),
        revision: Set(whole(one.revision)),
        from_month: Set(one.from_month.number()),
        state: Set(one.state.stored()),
        text: Set(one.text.clone()),
        document: Set(document),
    })
}

/// Adds a scheme under the next number; returns it with that number.
///
/// # Errors
/// A conflict if another one takes the number at the same time; if the database refuses.
pub(super) async fn add(work: &Work, mut one: SchemeRecord) -> Result<SchemeRecord, Fault> {
    let last: Option<Option<i32>> = row::Entity::find()
        .select_only()
        .column_as(Column::Number.max(), "last")
        .into_tuple()
        .one(&work.tx)
        .await?;
    one.number = last.flatten().unwrap_or_default().unsigned_abs() + 1;
    row::Entity::insert(row_of(&one)?).exec_without_returning(&work.tx).await?;
    Ok(one)
}

/// Stores a scheme that was read under its lock, as its next revision.
///
/// # Errors
/// If the database refuses.
pub(super) async fn update(work: &Work, mut one: SchemeRecord) -> Result<SchemeRecord, Fault> {
    one.revision += 1;
    let mut row = row_of(&one)?;
    row.number = Unchanged(whole(one.number));
    row::Entity::update(row).exec(&work.tx).await?;
    Ok(one)
}

/// A scheme, locked until the unit of work ends.
///
/// # Errors
/// `SCHEME_NOT_FOUND`.
pub(super) async fn lock(work: &Work, number: u32) -> Result<SchemeRecord, Fault> {
    let locked = row::Entity::find_by_id(whole(number)).lock_exclusive().one(&work.tx).await?;
    locked.map(record_of).transpose()?.ok_or_else(|| not_found(number))
}

/// Schemes by falling number, below a number, at most `limit`.
///
/// # Errors
/// If the database refuses, or a row can't be read.
pub(super) async fn page(
    db: &impl ConnectionTrait,
    is_approved_only: bool,
    below: Option<u32>,
    limit: u64,
) -> Result<Vec<SchemeRecord>, Fault> {
    let mut query = row::Entity::find().order_by_desc(Column::Number).limit(limit);
    if is_approved_only {
        query = query.filter(Column::State.eq(SchemeState::Approved.stored()));
    }
    if let Some(below) = below {
        query = query.filter(Column::Number.lt(whole(below)));
    }
    query.all(db).await?.into_iter().map(record_of).collect()
}

/// The scheme that counts a month: the last approved one that begins with it or before.
///
/// # Errors
/// If the database refuses, or a row can't be read.
pub(super) async fn in_force(db: &impl ConnectionTrait, month: Month) -> Result<NumberedScheme, Fault> {
    let approved = row::Entity::find()
        .filter(Column::State.eq(SchemeState::Approved.stored()))
        .filter(Column::FromMonth.lte(month.number()))
        .order_by_desc(Column::FromMonth);
    match approved.one(db).await? {
        Some(row) => NumberedScheme::read(row.number.into(), &row.text),
        None => NumberedScheme::shipped(),
    }
}

/// Refuses a first month that is over, or that another scheme counts already.
///
/// # Errors
/// `SCHEME_OUTDATED`, with the first month of the last approved scheme.
pub(super) async fn check_from(work: &Work, from_month: Month) -> Result<(), Fault> {
    let last: Option<Option<i32>> = row::Entity::find()
        .select_only()
        .column_as(Column::FromMonth.max(), "last")
        .filter(Column::State.eq(SchemeState::Approved.stored()))
        .into_tuple()
        .one(&work.tx)
        .await?;
    let last = last.flatten();
    if from_month >= Month::of(work.now()) && last.is_none_or(|last| from_month.number() > last) {
        return Ok(());
    }
    let outdated = Fault::new(ErrorReason::SchemeOutdated);
    Err(match last {
        Some(last) => outdated.with("last_from_month", month_of(last)?.to_string()),
        None => outdated,
    })
}
