//! The tables of the assessment that follow the feed.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::QuerySelect as _;
use sea_orm::entity::prelude::*;

use super::score::scheme::CountedBy;
use super::score::{CaseKey, Fact, Month};
use crate::platform::Fault;
use crate::platform::bulk_sql::is_among;
use crate::ticket::UnitCode;

/// `assessment_state`: one row, how far the facts have followed the feed.
pub(super) mod state {
    use sea_orm::entity::prelude::*;

    /// The key of the one row.
    pub(crate) const ID: i16 = 1;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "assessment_state")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i16,
        pub position: i64,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// `assessment_fact`: one for each ticket and cycle. `unit` is the one that leads at the end of the cycle.
pub(super) mod fact {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "assessment_fact")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub ticket_number: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub cycle: i32,
        pub unit: String,
        pub is_recheck_due: bool,
        pub document: String,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// `assessment_case`: which tickets a unit has in a month.
pub(super) mod case {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "assessment_case")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub unit: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub month: i32,
        #[sea_orm(primary_key, auto_increment = false)]
        pub ticket_number: i64,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// `assessment_rollup`: how many cases have the same instant and properties.
pub(super) mod rollup {
    use sea_orm::entity::prelude::*;

    /// Rows by unit.
    pub(crate) const BY_UNIT: i16 = 1;
    /// Rows by topic and district.
    pub(crate) const BY_TOPIC: i16 = 2;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "assessment_rollup")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub kind: i16,
        #[sea_orm(primary_key, auto_increment = false)]
        pub month: i32,
        #[sea_orm(primary_key, auto_increment = false)]
        pub owner: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub district: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub counted_by: i16,
        #[sea_orm(primary_key, auto_increment = false)]
        pub properties: i64,
        pub cases: i64,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The key of a row of the rollup: kind, month, owner, district, instant and properties.
pub(super) type RollupKey = (i16, i32, String, String, i16, i64);

/// How far the facts have followed the feed.
///
/// # Errors
/// If the database refuses.
pub(super) async fn position(db: &impl ConnectionTrait) -> Result<i64, Fault> {
    let row = state::Entity::find_by_id(state::ID).one(db).await?;
    Ok(row.map_or(0, |row| row.position))
}

/// A unit in a table; empty for the hotline.
pub(super) fn stored_unit(unit: Option<&UnitCode>) -> String {
    unit.map(|unit| unit.0.clone()).unwrap_or_default()
}

/// The number of an instant in tables.
pub(super) fn stored_instant(counted_by: CountedBy) -> i16 {
    let place = CountedBy::ALL.iter().position(|one| *one == counted_by).unwrap_or_default();
    i16::try_from(place).unwrap_or_default()
}

/// The instant of a number.
pub(super) fn instant_of(number: i16) -> Result<CountedBy, Fault> {
    let place = usize::try_from(number).ok().and_then(|place| CountedBy::ALL.get(place));
    place.copied().ok_or_else(|| Fault::internal(format!("the rollup has the instant {number}")))
}

/// The month of a number.
pub(super) fn month_of(number: i32) -> Result<Month, Fault> {
    Month::of_number(number).map_err(|fault| Fault::internal(format!("{number}: {fault}")))
}

/// The rows of the rollup in which a case counts.
pub(super) fn rollup_keys(case: &CaseKey) -> [RollupKey; 2] {
    let (month, counted_by) = (case.month.number(), stored_instant(case.counted_by));
    let key = |kind, owner, district| (kind, month, owner, district, counted_by, case.properties.0);
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    [
        key(rollup::BY_UNIT, stored_unit(case.unit.as_ref()), String::new()),
        key(rollup::BY_TOPIC, text(&case.topic), text(&case.district)),
    ]
}

/// The document of a fact: canonical JSON.
pub(super) fn document(fact: &Fact) -> Result<String, Fault> {
    serde_json::to_string(fact).map_err(|error| Fault::internal(format!("a fact: {error}")))
}

/// The fact of a document.
pub(super) fn fact_of(document: &str) -> Result<Fact, Fault> {
    serde_json::from_str(document).map_err(|error| Fault::internal(format!("a fact: {error}")))
}

/// The stored facts of some tickets, by ticket and cycle.
///
/// # Errors
/// If the database refuses, or a row can't be read.
pub(super) async fn facts(
    db: &impl ConnectionTrait,
    numbers: &[i64],
) -> Result<BTreeMap<i64, Vec<Fact>>, Fault> {
    let mut all: BTreeMap<i64, Vec<Fact>> = BTreeMap::new();
    if numbers.is_empty() {
        return Ok(all);
    }
    let rows: Vec<(i64, i32, String)> = fact::Entity::find()
        .select_only()
        .columns([fact::Column::TicketNumber, fact::Column::Cycle, fact::Column::Document])
        .filter(is_among(db, fact::Column::TicketNumber, numbers.to_vec()))
        .into_tuple()
        .all(db)
        .await?;
    let ordered: BTreeMap<(i64, i32), String> =
        rows.into_iter().map(|(number, cycle, document)| ((number, cycle), document)).collect();
    for ((number, _), document) in ordered {
        all.entry(number).or_default().push(fact_of(&document)?);
    }
    Ok(all)
}

/// The units and months under which a ticket is found.
pub(super) fn places(cases: &[CaseKey]) -> BTreeSet<(String, i32)> {
    cases.iter().map(|case| (stored_unit(case.unit.as_ref()), case.month.number())).collect()
}
