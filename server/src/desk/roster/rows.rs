//! The tables of rosters and of the advice by instant.

use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder as _, QuerySelect as _};

use super::model::Roster;
use crate::platform::Fault;
use crate::ticket::UnitCode;

/// Rosters of one unit.
pub(super) const PER_UNIT_MAX: u64 = 32;

pub(super) mod roster {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "roster")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub code: String,
        pub name: String,
        pub unit: String,
        /// Separated by spaces.
        pub topics: String,
        /// Bits, Monday the lowest.
        pub weekdays: i16,
        pub opens_at: i16,
        pub closes_at: i16,
        pub is_active: bool,
        pub version: i32,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Which tickets have advice of which instant. The advice itself is in the ticket.
pub(super) mod dispatch_advice {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "dispatch_advice")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub advised_at: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub ticket_number: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub unit: String,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) fn roster_of(row: roster::Model) -> Roster {
    Roster {
        code: row.code,
        name: row.name,
        unit: UnitCode(row.unit),
        topics: row.topics.split_whitespace().map(str::to_owned).collect(),
        weekdays: (1..=7_u8).filter(|day| row.weekdays & (1 << (day - 1)) != 0).collect(),
        opens_at: row.opens_at.unsigned_abs(),
        closes_at: row.closes_at.unsigned_abs(),
        is_active: row.is_active,
        version: row.version.unsigned_abs(),
    }
}

pub(super) fn roster_row(roster: &Roster) -> roster::ActiveModel {
    let weekdays = roster.weekdays.iter().filter(|day| (1..=7).contains(*day));
    roster::ActiveModel {
        code: Set(roster.code.clone()),
        name: Set(roster.name.clone()),
        unit: Set(roster.unit.0.clone()),
        topics: Set(roster.topics.join(" ")),
        weekdays: Set(weekdays.fold(0, |bits, day| bits | 1 << (day - 1))),
        opens_at: Set(i16::try_from(roster.opens_at).unwrap_or(i16::MAX)),
        closes_at: Set(i16::try_from(roster.closes_at).unwrap_or(i16::MAX)),
        is_active: Set(roster.is_active),
        version: Set(i32::try_from(roster.version).unwrap_or(i32::MAX)),
    }
}

/// The active rosters of a unit.
pub(super) async fn active_of(db: &impl ConnectionTrait, unit: &UnitCode) -> Result<Vec<Roster>, Fault> {
    let active = roster::Entity::find()
        .filter(roster::Column::Unit.eq(unit.as_str()))
        .filter(roster::Column::IsActive.eq(true))
        .order_by_asc(roster::Column::Code)
        .limit(PER_UNIT_MAX);
    Ok(active.all(db).await?.into_iter().map(roster_of).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_roster_is_read_as_it_was_stored() {
        let roster = Roster {
            code: "tax-day".to_owned(),
            name: "税务驻场".to_owned(),
            unit: UnitCode("dept-tax".to_owned()),
            topics: vec!["tax.invoice".to_owned(), "tax.refund".to_owned()],
            weekdays: vec![1, 5, 7],
            opens_at: 480,
            closes_at: 1_440,
            is_active: true,
            version: 3,
        };
        let row = roster_row(&roster);
        let read = roster::Model {
            code: row.code.unwrap(),
            name: row.name.unwrap(),
            unit: row.unit.unwrap(),
            topics: row.topics.unwrap(),
            weekdays: row.weekdays.unwrap(),
            opens_at: row.opens_at.unwrap(),
            closes_at: row.closes_at.unwrap(),
            is_active: row.is_active.unwrap(),
            version: row.version.unwrap(),
        };
        assert_eq!(roster_of(read), roster);
    }
}
