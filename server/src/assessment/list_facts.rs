//! `ListFacts`: the facts behind the scores, by day of intake, ticket and cycle. The fact of a ticket that complains
//! about the unit of the fact, or about a unit above it, is in no list, as it counts in no score.

use sea_orm::Statement;
use sea_orm::entity::prelude::*;

use super::analysis::Days;
use super::rows::fact_of;
use super::score::Fact;
use super::{Assessment, follow, month_counts};
use crate::platform::Fault;
use crate::ticket::UnitCode;

/// The place of a fact in the list: its day of intake, for example 20191012, its ticket and its cycle.
pub type FactPlace = (i32, i64, i32);

/// A page of facts to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListFacts {
    /// The days of intake.
    pub days: Days,
    /// The facts of this unit only.
    pub unit: Option<UnitCode>,
    /// After this place.
    pub after: Option<FactPlace>,
    /// Maximum number.
    pub limit: u64,
}

impl ListFacts {
    fn statement(&self, db: &impl ConnectionTrait) -> Statement {
        let (first, last) = self.days.numbers();
        let lineage = month_counts::LINEAGE;
        let mut values =
            vec![first.into(), last.into(), i64::try_from(self.limit).unwrap_or(i64::MAX).into()];
        let of_unit = self.unit.as_ref().map_or_else(String::new, |unit| {
            values.push(unit.as_str().into());
            format!(" AND f.unit = ${}", values.len())
        });
        let behind = self.after.map_or_else(String::new, |(day, number, cycle)| {
            values.extend([day.into(), number.into(), cycle.into()]);
            let [day, number, cycle] = [2, 1, 0].map(|back| values.len() - back);
            format!(" AND (t.received_day, f.ticket_number, f.cycle) > (${day}, ${number}, ${cycle})")
        });
        let sql = format!(
            "{lineage} SELECT t.received_day, f.ticket_number, f.cycle, f.document FROM analysis_ticket AS t \
             JOIN assessment_fact AS f ON f.ticket_number = t.ticket_number \
             WHERE t.received_day BETWEEN $1 AND $2 AND NOT EXISTS (SELECT 1 FROM ticket_accused AS a \
             JOIN lineage AS l ON l.code = a.unit WHERE a.ticket_number = f.ticket_number AND l.unit = f.unit)\
             {of_unit}{behind} ORDER BY t.received_day, f.ticket_number, f.cycle LIMIT $3"
        );
        Statement::from_sql_and_values(db.get_database_backend(), sql, values)
    }
}

impl Assessment {
    /// The facts with their places, and how many entries of the feed are not counted yet.
    ///
    /// # Errors
    /// If the database refuses, or a row can't be read.
    pub async fn list_facts(&self, asked: &ListFacts) -> Result<(Vec<(FactPlace, Fact)>, u64), Fault> {
        let db = self.store.reader();
        let entries_behind = follow::behind(db).await?;
        let mut found = Vec::new();
        for row in db.query_all_raw(asked.statement(db)).await? {
            let place = (row.try_get_by_index(0)?, row.try_get_by_index(1)?, row.try_get_by_index(2)?);
            let document: String = row.try_get_by_index(3)?;
            found.push((place, fact_of(&document)?));
        }
        Ok((found, entries_behind))
    }
}
