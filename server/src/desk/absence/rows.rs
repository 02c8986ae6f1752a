//! The table of absences: one row for each clerk of a unit.

use chrono::DateTime;
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{QueryOrder as _, QuerySelect as _};

use super::Absence;
use crate::platform::{Fault, Work};
use crate::ticket::{Instant, UnitCode};

/// Absences of one unit that have not ended.
pub(super) const PER_UNIT_MAX: u64 = 200;

pub(super) mod absence {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "unit_absence")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub unit: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub clerk: String,
        pub substitute: String,
        pub from_at: i64,
        pub until_at: i64,
        pub set_by: String,
        pub set_at: i64,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

fn instant(microseconds: i64) -> Result<Instant, Fault> {
    DateTime::from_timestamp_micros(microseconds)
        .ok_or_else(|| Fault::internal(format!("an absence at {microseconds}")))
}

pub(super) fn absence_of(row: absence::Model) -> Result<Absence, Fault> {
    Ok(Absence {
        unit: UnitCode(row.unit),
        clerk: row.clerk,
        substitute: row.substitute,
        from: instant(row.from_at)?,
        until: instant(row.until_at)?,
        set_by: row.set_by,
        set_at: instant(row.set_at)?,
    })
}

/// Writes an absence in the place of the one of the same clerk.
pub(super) async fn put(work: &Work, put: &Absence) -> Result<(), Fault> {
    use absence::Column;
    let row = absence::ActiveModel {
        unit: Set(put.unit.0.clone()),
        clerk: Set(put.clerk.clone()),
        substitute: Set(put.substitute.clone()),
        from_at: Set(put.from.timestamp_micros()),
        until_at: Set(put.until.timestamp_micros()),
        set_by: Set(put.set_by.clone()),
        set_at: Set(put.set_at.timestamp_micros()),
    };
    let instead = OnConflict::columns([Column::Unit, Column::Clerk])
        .update_columns([Column::Substitute, Column::FromAt, Column::UntilAt, Column::SetBy, Column::SetAt])
        .to_owned();
    absence::Entity::insert(row).on_conflict(instead).exec_without_returning(&work.tx).await?;
    Ok(())
}

/// The absences of a unit that count at an instant, by clerk. The caller of the server's own connection checks whose
/// they are.
///
/// # Errors
/// If the database refuses, or a row can't be read.
pub async fn present(db: &impl ConnectionTrait, unit: &UnitCode, at: Instant) -> Result<Vec<Absence>, Fault> {
    use absence::Column;
    let rows = absence::Entity::find()
        .filter(Column::Unit.eq(unit.as_str()))
        .filter(Column::FromAt.lte(at.timestamp_micros()))
        .filter(Column::UntilAt.gt(at.timestamp_micros()))
        .order_by_asc(Column::Clerk)
        .limit(PER_UNIT_MAX)
        .all(db)
        .await?;
    rows.into_iter().map(absence_of).collect()
}
