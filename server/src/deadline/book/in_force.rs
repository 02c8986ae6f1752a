//! Which version is in force when: a list of instants for each kind of rules. A version is in force from its instant
//! until the next one.

use chrono::DateTime;
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{DbBackend, QueryOrder as _, QuerySelect as _};

use crate::platform::{Fault, Work};
use crate::ticket::Instant;

/// The table of versions in force.
mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "rule_in_force")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub kind: i16,
        #[sea_orm(primary_key, auto_increment = false)]
        pub effective_from: i64,
        pub version: String,
        pub proposal: Option<i32>,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The instant from which the first rules of a database are in force: before every ticket.
pub(super) const FIRST_EFFECTIVE_FROM: Instant = DateTime::UNIX_EPOCH;

/// Versions of a kind that may be approved in advance; rules change a few times a year.
const AHEAD_MAX: u64 = 1_000;

/// A kind of rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RuleKind {
    /// What the rules of the service leave to the operator.
    Policy,
    /// The working days.
    Calendar,
}

impl RuleKind {
    /// The other kind, which limits are also counted by.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Policy => Self::Calendar,
            Self::Calendar => Self::Policy,
        }
    }

    /// The number in the tables.
    #[must_use]
    pub const fn stored(self) -> i16 {
        match self {
            Self::Policy => 1,
            Self::Calendar => 2,
        }
    }

    /// The kind of a number in the tables.
    #[must_use]
    pub const fn of_stored(number: i16) -> Option<Self> {
        match number {
            1 => Some(Self::Policy),
            2 => Some(Self::Calendar),
            _ => None,
        }
    }
}

/// A version, and the instant from which it is in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleInForce {
    /// What it is about.
    pub kind: RuleKind,
    /// The version.
    pub version: String,
    /// From when, until the next one of its kind; 1970 for the version that the database was created with.
    pub effective_from: Instant,
    /// The proposal that brought it; `None` for the version that the database was created with.
    pub proposal: Option<u32>,
}

/// The version that a database was created with, if there is one.
pub(super) async fn first_version(work: &Work, kind: RuleKind) -> Result<Option<String>, Fault> {
    let found = row::Entity::find_by_id((kind.stored(), FIRST_EFFECTIVE_FROM.timestamp_micros()))
        .one(&work.tx)
        .await?;
    Ok(found.map(|row| row.version))
}

/// The versions of policy and calendar in force at an instant.
///
/// # Errors
/// If the database refuses; an internal error if there are none, which cannot happen after its creation.
pub async fn versions(db: &impl ConnectionTrait, at: Instant) -> Result<(String, String), Fault> {
    // Rules change a few times a year, so the whole list is a few dozen short rows.
    let rows: Vec<(i16, String)> = row::Entity::find()
        .select_only()
        .column(row::Column::Kind)
        .column(row::Column::Version)
        .filter(row::Column::EffectiveFrom.lte(at.timestamp_micros()))
        .order_by_desc(row::Column::EffectiveFrom)
        .into_tuple()
        .all(db)
        .await?;
    let newest = |kind: RuleKind| {
        let found = rows.iter().find(|(stored, _)| *stored == kind.stored());
        found
            .map(|(_, version)| version.clone())
            .ok_or_else(|| Fault::internal(format!("no {kind:?} in force at {at}")))
    };
    Ok((newest(RuleKind::Policy)?, newest(RuleKind::Calendar)?))
}

/// Keeps other transactions from changing the list until the unit of work ends. Reads go on.
///
/// # Errors
/// Refusals of the database.
pub async fn lock(work: &Work) -> Result<(), Fault> {
    if work.tx.get_database_backend() == DbBackend::Postgres {
        // Whether a version may follow depends on more rows than the new one.
        work.tx.execute_unprepared("LOCK TABLE rule_in_force IN SHARE ROW EXCLUSIVE MODE").await?;
    }
    Ok(())
}

/// Puts a version in force from an instant until the next one. It replaces a version with the same instant.
///
/// # Errors
/// Refusals of the database.
pub async fn put(
    work: &Work,
    kind: RuleKind,
    from: Instant,
    version: &str,
    proposal: Option<u32>,
) -> Result<(), Fault> {
    let row = row::ActiveModel {
        kind: Set(kind.stored()),
        effective_from: Set(from.timestamp_micros()),
        version: Set(version.to_owned()),
        proposal: Set(proposal.and_then(|number| i32::try_from(number).ok())),
    };
    let same_instant = OnConflict::columns([row::Column::Kind, row::Column::EffectiveFrom])
        .update_columns([row::Column::Version, row::Column::Proposal])
        .to_owned();
    row::Entity::insert(row).on_conflict(same_instant).exec_without_returning(&work.tx).await?;
    Ok(())
}

/// Removes the version that was to be in force from an instant.
///
/// # Errors
/// Refusals of the database.
pub async fn take_back(work: &Work, kind: RuleKind, from: Instant) -> Result<(), Fault> {
    row::Entity::delete_by_id((kind.stored(), from.timestamp_micros())).exec(&work.tx).await?;
    Ok(())
}

/// The last version of a kind, whether it is in force already or not.
///
/// # Errors
/// Refusals of the database; an internal error if there is none, which cannot happen after the creation of a database.
pub async fn last(db: &impl ConnectionTrait, kind: RuleKind) -> Result<RuleInForce, Fault> {
    let last = page(db, kind, None, 1).await?.pop();
    last.ok_or_else(|| Fault::internal(format!("no {kind:?} was ever in force")))
}

/// The versions of a kind in force at an instant or later, the newest first.
///
/// # Errors
/// Refusals of the database; an internal error if a row can't be read.
pub async fn from(db: &impl ConnectionTrait, kind: RuleKind, at: Instant) -> Result<Vec<RuleInForce>, Fault> {
    let mut all = page(db, kind, None, AHEAD_MAX).await?;
    // The one in force at the instant is the newest of those that began by then.
    if let Some(place) = all.iter().position(|rule| rule.effective_from <= at) {
        all.truncate(place + 1);
    }
    Ok(all)
}

/// Removes the versions of a restarted simulation that were to be in force later than now.
///
/// # Errors
/// Refusals of the database.
pub(super) async fn forget_later(work: &Work) -> Result<(), Fault> {
    row::Entity::delete_many()
        .filter(row::Column::EffectiveFrom.gt(work.now().timestamp_micros()))
        .filter(row::Column::EffectiveFrom.ne(FIRST_EFFECTIVE_FROM.timestamp_micros()))
        .exec(&work.tx)
        .await?;
    Ok(())
}

/// The versions of a kind that were, are and will be in force, the newest first, before an instant, at most `limit`.
///
/// # Errors
/// Refusals of the database; an internal error if a row can't be read.
pub async fn page(
    db: &impl ConnectionTrait,
    kind: RuleKind,
    before: Option<Instant>,
    limit: u64,
) -> Result<Vec<RuleInForce>, Fault> {
    let mut query = row::Entity::find()
        .filter(row::Column::Kind.eq(kind.stored()))
        .order_by_desc(row::Column::EffectiveFrom)
        .limit(limit);
    if let Some(before) = before {
        query = query.filter(row::Column::EffectiveFrom.lt(before.timestamp_micros()));
    }
    let rows = query.all(db).await?.into_iter();
    rows.map(|row| {
        let effective_from = DateTime::from_timestamp_micros(row.effective_from)
            .ok_or_else(|| Fault::internal("an instant out of range"))?;
        let proposal = row.proposal.map(i32::unsigned_abs);
        Ok(RuleInForce { kind, version: row.version, effective_from, proposal })
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::RuleKind;

    #[test]
    fn the_numbers_of_the_tables_stay_as_they_are() {
        let numbers = [(RuleKind::Policy, 1), (RuleKind::Calendar, 2)];
        for (kind, number) in numbers {
            assert_eq!((kind.stored(), RuleKind::of_stored(number)), (number, Some(kind)));
        }
        assert_eq!([0, 3, -1].map(RuleKind::of_stored), [None; 3]);
        assert_eq!(RuleKind::Policy.other(), RuleKind::Calendar);
        assert_eq!(RuleKind::Calendar.other(), RuleKind::Policy);
    }
}
