//! `policy_issue`: what was sent to units about their policies, and what they answered.

use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder as _, QuerySelect as _};

use super::policy_issue::{PolicyIssue, PolicyIssueFilter};
use crate::platform::{Fault, Work};
use crate::ticket::UnitCode;

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "policy_issue")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: i32,
        pub unit: String,
        pub last_day: i32,
        pub is_answered: bool,
        pub document: String,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
use row::Column;

fn issue_of(row: row::Model) -> Result<PolicyIssue, Fault> {
    let issue: PolicyIssue = serde_json::from_str(&row.document)
        .map_err(|error| Fault::internal(format!("policy issue {}: {error}", row.number)))?;
    Ok(PolicyIssue { number: row.number.unsigned_abs(), unit: UnitCode(row.unit), ..issue })
}

fn row_of(issue: &PolicyIssue) -> Result<row::ActiveModel, Fault> {
    let document = serde_json::to_string(issue).map_err(|error| Fault::internal(error.to_string()))?;
    Ok(row::ActiveModel {
        number: Set(i32::try_from(issue.number).unwrap_or(i32::MAX)),
        unit: Set(issue.unit.0.clone()),
        last_day: Set(issue.days().numbers().1),
        is_answered: Set(issue.answer.is_some()),
        document: Set(document),
    })
}

/// Adds an issue under the next number; returns it with that number.
///
/// # Errors
/// A conflict if another one takes the number at the same time; if the database refuses.
pub(super) async fn add(work: &Work, mut issue: PolicyIssue) -> Result<PolicyIssue, Fault> {
    let last: Option<Option<i32>> = row::Entity::find()
        .select_only()
        .column_as(Column::Number.max(), "last")
        .into_tuple()
        .one(&work.tx)
        .await?;
    issue.number = last.flatten().unwrap_or_default().unsigned_abs() + 1;
    row::Entity::insert(row_of(&issue)?).exec_without_returning(&work.tx).await?;
    Ok(issue)
}

/// Stores an issue that was read under its lock.
///
/// # Errors
/// If the database refuses.
pub(super) async fn update(work: &Work, issue: &PolicyIssue) -> Result<(), Fault> {
    row::Entity::update(row_of(issue)?).exec(&work.tx).await?;
    Ok(())
}

/// An issue, locked until the unit of work ends; `None` if there is none.
///
/// # Errors
/// If the database refuses, or the row can't be read.
pub(super) async fn lock(work: &Work, number: u32) -> Result<Option<PolicyIssue>, Fault> {
    let key = i32::try_from(number).unwrap_or(i32::MAX);
    let locked = row::Entity::find_by_id(key).lock_exclusive().one(&work.tx).await?;
    locked.map(issue_of).transpose()
}

/// Issues by number, after one, at most `limit`.
///
/// # Errors
/// If the database refuses, or a row can't be read.
pub(super) async fn page(
    db: &impl ConnectionTrait,
    filter: &PolicyIssueFilter,
    after: Option<u32>,
    limit: u64,
) -> Result<Vec<PolicyIssue>, Fault> {
    let mut query = row::Entity::find().order_by_asc(Column::Number).limit(limit);
    if let Some(unit) = &filter.unit {
        query = query.filter(Column::Unit.eq(unit.as_str()));
    }
    if let Some(first) = filter.first_day {
        query = query.filter(Column::LastDay.gte(first));
    }
    if let Some(last) = filter.last_day {
        query = query.filter(Column::LastDay.lte(last));
    }
    if filter.is_open_only {
        query = query.filter(Column::IsAnswered.eq(false));
    }
    if let Some(after) = after {
        query = query.filter(Column::Number.gt(i32::try_from(after).unwrap_or(i32::MAX)));
    }
    query.all(db).await?.into_iter().map(issue_of).collect()
}
