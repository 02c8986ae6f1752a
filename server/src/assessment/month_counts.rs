//! The counts of a month, read from the rollups. What complains about a unit is taken away here, by the unit tree of
//! the moment. So a ticket that comes to accuse a unit leaves its totals at once, also before the follower has seen it.

use std::collections::BTreeMap;

use hotline_proto::v1::ErrorReason;
use sea_orm::Statement;
use sea_orm::entity::prelude::*;

use super::rows::{fact_of, instant_of, rollup};
use super::score::scheme::CountedBy;
use super::score::{
    Fact, Month, Place, Properties, RollupRow, Scheme, Tally, UnitScore, rank, rollup as pure,
};
use crate::desk::directory::UnitGroup;
use crate::desk::directory::units::{self, UnitFilter};
use crate::platform::Fault;
use crate::ticket::UnitCode;

/// The groups that units are ranked in.
pub const GROUPS: [UnitGroup; 4] =
    [UnitGroup::Department, UnitGroup::District, UnitGroup::PublicServiceEnterprise, UnitGroup::Coordinator];
/// Units that are read together.
const UNITS: u64 = 1_000;

/// Begins a statement: `lineage` has each unit with itself, the units above it, and those whose work they took over. A
/// ticket that accuses one of them does not count for the unit.
pub(super) const LINEAGE: &str = "WITH RECURSIVE above (unit, code) AS (SELECT code, code FROM unit \
     UNION SELECT above.unit, unit.parent FROM above JOIN unit ON unit.code = above.code \
     WHERE unit.parent IS NOT NULL), \
     lineage (unit, code) AS (SELECT unit, code FROM above \
     UNION SELECT lineage.unit, unit.code FROM lineage JOIN unit ON unit.successor = lineage.code)";

/// The facts of tickets that complain about the unit that they would count for, or about a unit above it.
const CONFLICTS: &str = "SELECT DISTINCT f.unit, f.ticket_number, f.cycle, f.document FROM assessment_case AS c \
     JOIN ticket_accused AS a ON a.ticket_number = c.ticket_number \
     JOIN lineage AS l ON l.unit = c.unit AND l.code = a.unit \
     JOIN assessment_fact AS f ON f.ticket_number = c.ticket_number AND f.unit = c.unit \
     WHERE c.month = $1";

/// The rows of one unit.
type UnitRows = BTreeMap<(CountedBy, Properties), u64>;

/// The counts of units in a month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthCounts {
    month: Month,
    units: BTreeMap<String, UnitRows>,
}

/// Reads the counts of a month, of one unit or of all. Both statements have to see the same state, so `db` is a
/// snapshot, or a unit of work that has the turn of the follower.
///
/// # Errors
/// If the database refuses, or a row can't be read.
pub async fn read(
    db: &impl ConnectionTrait,
    month: Month,
    unit: Option<&UnitCode>,
) -> Result<MonthCounts, Fault> {
    use rollup::Column;
    let mut query = rollup::Entity::find()
        .filter(Column::Kind.eq(rollup::BY_UNIT))
        .filter(Column::Month.eq(month.number()));
    if let Some(unit) = unit {
        query = query.filter(Column::Owner.eq(unit.as_str()));
    }
    let mut counts = MonthCounts { month, units: BTreeMap::new() };
    for row in query.all(db).await? {
        let key = (instant_of(row.counted_by)?, Properties(row.properties));
        counts.units.entry(row.owner).or_default().insert(key, row.cases.max(0).unsigned_abs());
    }
    for ((unit, _), facts) in conflicts(db, month, unit).await? {
        counts.take_away(&unit, &facts);
    }
    Ok(counts)
}

/// The facts to take away, by unit and ticket.
async fn conflicts(
    db: &impl ConnectionTrait,
    month: Month,
    unit: Option<&UnitCode>,
) -> Result<BTreeMap<(String, i64), Vec<Fact>>, Fault> {
    let (mut sql, mut values) = (format!("{LINEAGE} {CONFLICTS}"), vec![month.number().into()]);
    if let Some(unit) = unit {
        sql.push_str(" AND c.unit = $2");
        values.push(unit.as_str().into());
    }
    sql.push_str(" ORDER BY f.ticket_number, f.cycle");
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    let mut found: BTreeMap<(String, i64), Vec<Fact>> = BTreeMap::new();
    for row in db.query_all_raw(statement).await? {
        let document: String = row.try_get_by_index(3)?;
        let key = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        found.entry(key).or_default().push(fact_of(&document)?);
    }
    Ok(found)
}

impl MonthCounts {
    fn take_away(&mut self, unit: &str, facts: &[Fact]) {
        let Some(rows) = self.units.get_mut(unit) else { return };
        for case in pure::cases(facts).iter().filter(|case| case.month == self.month) {
            if let Some(cases) = rows.get_mut(&(case.counted_by, case.properties)) {
                *cases = cases.saturating_sub(1);
            }
        }
    }

    /// The score of a unit, also of one without cases.
    #[must_use]
    pub fn score(&self, scheme: &Scheme, unit: &UnitCode) -> UnitScore {
        let rows: Vec<_> = self.units.get(unit.as_str()).into_iter().flatten().collect();
        let row = |(key, cases): (&(CountedBy, Properties), &u64)| RollupRow {
            counted_by: key.0,
            properties: key.1,
            cases: *cases,
        };
        let rows: Vec<_> = rows.into_iter().map(row).collect();
        UnitScore::of(scheme, &Tally::of_rollup(scheme, false, &rows))
    }

    /// Ranks some units.
    #[must_use]
    pub fn rank(&self, scheme: &Scheme, units: &[UnitCode]) -> Vec<Place> {
        rank(scheme, units.iter().map(|unit| (unit.clone(), self.score(scheme, unit))).collect())
    }

    fn has(&self, unit: &UnitCode) -> bool {
        self.units.get(unit.as_str()).is_some_and(|rows| rows.values().any(|cases| *cases > 0))
    }
}

/// The units of a group that are listed in a month: the active ones, and those that had a case in it.
///
/// # Errors
/// If the database refuses, or a row can't be read.
pub async fn members(
    db: &impl ConnectionTrait,
    group: UnitGroup,
    counts: &MonthCounts,
) -> Result<Vec<UnitCode>, Fault> {
    let (mut found, mut after) = (Vec::new(), None::<String>);
    let filter = UnitFilter { group: Some(group), is_active_only: false };
    loop {
        let page = units::page(db, filter, after.as_deref(), UNITS).await?;
        let is_last = (page.len() as u64) < UNITS;
        after = page.last().map(|unit| unit.code.0.clone());
        let listed = page.into_iter().filter(|unit| unit.is_active || counts.has(&unit.code));
        found.extend(listed.map(|unit| unit.code));
        if is_last {
            return Ok(found);
        }
    }
}

/// Refuses a unit that does not exist.
///
/// # Errors
/// `UNIT_NOT_FOUND`.
pub(super) async fn check_unit(db: &impl ConnectionTrait, unit: &UnitCode) -> Result<(), Fault> {
    let found = units::find(db, unit).await?;
    let absent = || Fault::new(ErrorReason::UnitNotFound).with("unit", unit.as_str());
    found.map(|_| ()).ok_or_else(absent)
}
