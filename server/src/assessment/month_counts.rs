//! The counts of a month, read from the rollups in one statement, which sees one state of the database. What complains
//! about a unit is taken away here, by the unit tree of the moment. So a ticket that comes to accuse a unit leaves its
//! totals at once, also before the follower has seen it.

use std::collections::BTreeMap;

use hotline_proto::v1::ErrorReason;
use sea_orm::entity::prelude::*;
use sea_orm::{QueryResult, Statement};

use super::rows::{fact_of, instant_of, rollup};
use super::scheme_record::{self, NumberedScheme};
use super::score::scheme::CountedBy;
use super::score::{
    Fact, Month, Place, Properties, RollupRow, Scheme, Tally, UnitScore, rank, rollup as pure,
};
use crate::desk::directory::{UnitGroup, units};
use crate::platform::Fault;
use crate::ticket::UnitCode;

/// The groups that units are ranked in.
pub const GROUPS: [UnitGroup; 4] =
    [UnitGroup::Department, UnitGroup::District, UnitGroup::PublicServiceEnterprise, UnitGroup::Coordinator];

/// Begins a statement: `lineage` has each unit with itself, the units above it, and those whose work they took over. A
/// ticket that accuses one of them does not count for the unit.
pub(super) const LINEAGE: &str = "WITH RECURSIVE above (unit, code) AS (SELECT code, code FROM unit \
     UNION SELECT above.unit, unit.parent FROM above JOIN unit ON unit.code = above.code \
     WHERE unit.parent IS NOT NULL), \
     lineage (unit, code) AS (SELECT unit, code FROM above \
     UNION SELECT lineage.unit, unit.code FROM lineage JOIN unit ON unit.successor = lineage.code)";

// The parts of the statement, each with its number, a unit, three whole numbers and a text.
/// A row of the rollup: the instant, the properties and the cases.
const ROLLUPS: i16 = 1;
/// A fact of a ticket that complains about the unit that it would count for, or about a unit above it: the ticket and
/// the cycle, with the document.
const CONFLICTS: i16 = 2;
/// A unit: its group, and whether it is active.
const UNITS: i16 = 3;
/// The scheme that counts the month: its number and text.
const SCHEME: i16 = 4;
/// How many entries of the feed are not counted yet.
const BEHIND: i16 = 5;

/// The rows of one unit.
type UnitRows = BTreeMap<(CountedBy, Properties), u64>;

/// The counts of units in a month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthCounts {
    pub(super) month: Month,
    rows: BTreeMap<String, UnitRows>,
    /// The units that were read, with their groups, and whether they are active.
    units: BTreeMap<UnitCode, (UnitGroup, bool)>,
    /// The scheme that counts the month.
    pub(super) scheme: NumberedScheme,
    /// Events that are not counted yet.
    pub(super) behind: u64,
}

/// The statement; `$1` is the month, `$2` the unit if there is one.
fn statement(of_one_unit: bool) -> String {
    let only = |column: &str| if of_one_unit { format!(" AND {column} = $2") } else { String::new() };
    let (by_unit, approved) = (rollup::BY_UNIT, scheme_record::APPROVED);
    format!(
        "{LINEAGE} \
         SELECT {ROLLUPS} AS part, owner AS unit, CAST(counted_by AS BIGINT) AS a, properties AS b, cases AS c, \
         '' AS text FROM assessment_rollup WHERE kind = {by_unit} AND month = $1{of_owner} \
         UNION ALL SELECT {CONFLICTS}, unit, ticket_number, CAST(cycle AS BIGINT), 0, document FROM ( \
         SELECT DISTINCT f.unit, f.ticket_number, f.cycle, f.document FROM assessment_case AS c \
         JOIN ticket_accused AS a ON a.ticket_number = c.ticket_number \
         JOIN lineage AS l ON l.unit = c.unit AND l.code = a.unit \
         JOIN assessment_fact AS f ON f.ticket_number = c.ticket_number AND f.unit = c.unit \
         WHERE c.month = $1{of_case}) AS conflict \
         UNION ALL SELECT {UNITS}, code, CAST(unit_group AS BIGINT), CASE WHEN is_active THEN 1 ELSE 0 END, 0, '' \
         FROM unit WHERE unit_group > 0{of_code} \
         UNION ALL SELECT {SCHEME}, '', CAST(number AS BIGINT), 0, 0, text FROM ( \
         SELECT number, text FROM assessment_scheme WHERE state = {approved} AND from_month <= $1 \
         ORDER BY from_month DESC LIMIT 1) AS scheme \
         UNION ALL SELECT {BEHIND}, '', COALESCE((SELECT max(position) FROM feed), 0) \
         - COALESCE((SELECT position FROM assessment_state), 0), 0, 0, ''",
        of_owner = only("owner"),
        of_case = only("c.unit"),
        of_code = only("code"),
    )
}

/// Reads the counts of a month, of one unit or of all.
///
/// # Errors
/// If the database refuses, or a row can't be read.
pub async fn read(
    db: &impl ConnectionTrait,
    month: Month,
    unit: Option<&UnitCode>,
) -> Result<MonthCounts, Fault> {
    let values = [month.number().into()].into_iter().chain(unit.map(|unit| unit.as_str().into()));
    let statement =
        Statement::from_sql_and_values(db.get_database_backend(), statement(unit.is_some()), values);
    let (scheme, behind) = (NumberedScheme::shipped()?, 0);
    let mut counts = MonthCounts { month, rows: BTreeMap::new(), units: BTreeMap::new(), scheme, behind };
    let mut conflicts: BTreeMap<(String, i64), BTreeMap<i64, Fact>> = BTreeMap::new();
    for row in db.query_all_raw(statement).await? {
        let part = Part::read(&row)?;
        if part.kind == CONFLICTS {
            let facts = conflicts.entry((part.unit, part.first)).or_default();
            facts.insert(part.second, fact_of(&part.text)?);
        } else {
            counts.add(part)?;
        }
    }
    for ((unit, _), facts) in conflicts {
        counts.take_away(&unit, &facts.into_values().collect::<Vec<_>>());
    }
    Ok(counts)
}

/// A row of the statement.
struct Part {
    kind: i16,
    unit: String,
    first: i64,
    second: i64,
    third: i64,
    text: String,
}

impl Part {
    fn read(row: &QueryResult) -> Result<Self, Fault> {
        // SQLite has 64 bits for every whole number, and PostgreSQL 32 for a literal.
        let kind: i32 = row.try_get_by_index(0)?;
        Ok(Self {
            kind: i16::try_from(kind).unwrap_or_default(),
            unit: row.try_get_by_index(1)?,
            first: row.try_get_by_index(2)?,
            second: row.try_get_by_index(3)?,
            third: row.try_get_by_index(4)?,
            text: row.try_get_by_index(5)?,
        })
    }
}

impl MonthCounts {
    fn add(&mut self, row: Part) -> Result<(), Fault> {
        match row.kind {
            ROLLUPS => {
                let instant = instant_of(i16::try_from(row.first).unwrap_or(-1))?;
                let rows = self.rows.entry(row.unit).or_default();
                rows.insert((instant, Properties(row.second)), row.third.max(0).unsigned_abs());
            }
            UNITS => {
                let group = i16::try_from(row.first).ok().and_then(UnitGroup::of_stored);
                let group =
                    group.ok_or_else(|| Fault::internal(format!("a unit has the group {}", row.first)))?;
                self.units.insert(UnitCode(row.unit), (group, row.second != 0));
            }
            SCHEME => self.scheme = NumberedScheme::read(row.first, &row.text)?,
            _ => self.behind = u64::try_from(row.first).unwrap_or_default(),
        }
        Ok(())
    }

    fn take_away(&mut self, unit: &str, facts: &[Fact]) {
        let Some(rows) = self.rows.get_mut(unit) else { return };
        for case in pure::cases(facts).iter().filter(|case| case.month == self.month) {
            if let Some(cases) = rows.get_mut(&(case.counted_by, case.properties)) {
                *cases = cases.saturating_sub(1);
            }
        }
    }

    /// The score of a unit, also of one without cases.
    #[must_use]
    pub fn score(&self, scheme: &Scheme, unit: &UnitCode) -> UnitScore {
        let rows: Vec<_> = self.rows.get(unit.as_str()).into_iter().flatten().collect();
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
        self.rows.get(unit.as_str()).is_some_and(|rows| rows.values().any(|cases| *cases > 0))
    }

    /// Whether the unit that was asked for exists.
    pub(super) fn knows(&self, unit: &UnitCode) -> bool {
        self.units.contains_key(unit)
    }

    /// The units of a group that are listed in the month: the active ones, and those that had a case in it.
    pub(super) fn members(&self, group: UnitGroup) -> Vec<UnitCode> {
        let of_group = self.units.iter().filter(|(_, (own, _))| *own == group);
        let listed = of_group.filter(|(code, (_, is_active))| *is_active || self.has(code));
        listed.map(|(code, _)| code.clone()).collect()
    }
}

/// The refusal of a unit that does not exist.
pub(super) fn no_unit(unit: &UnitCode) -> Fault {
    Fault::new(ErrorReason::UnitNotFound).with("unit", unit.as_str())
}

/// Refuses a unit that does not exist.
///
/// # Errors
/// `UNIT_NOT_FOUND`.
pub(super) async fn check_unit(db: &impl ConnectionTrait, unit: &UnitCode) -> Result<(), Fault> {
    let found = units::find(db, unit).await?;
    found.map(|_| ()).ok_or_else(|| no_unit(unit))
}
