//! The change of the tables of the assessment when tickets are counted again: what they counted before is taken away,
//! and what they count now is added.

use std::collections::BTreeMap;

use sea_orm::ActiveValue::Set;
use sea_orm::Value;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict};

use super::analysis::{self, AnalysedTicket};
use super::rows::{self, RollupKey, case, fact, rollup};
use super::score::{Fact, rollup as pure};
use crate::platform::bulk_sql::rows_max;
use crate::platform::writes::Writes;
use crate::platform::{Fault, Work};

/// Values of a row of the rollup.
const ROLLUP_VALUES: usize = 7;

/// What changes in the tables.
#[derive(Default)]
pub(super) struct Change {
    facts: Vec<fact::ActiveModel>,
    ended: Vec<(i64, i32)>,
    cases: Vec<case::ActiveModel>,
    left: Vec<(String, i32, i64)>,
    rollup: BTreeMap<RollupKey, i64>,
}

impl Change {
    /// Adds what a ticket counted before and what it counts now.
    pub(super) fn add(&mut self, number: i64, before: &[Fact], after: &[Fact]) -> Result<(), Fault> {
        if before == after {
            return Ok(());
        }
        let cycle = |fact: &Fact| i32::try_from(fact.cycle).unwrap_or(i32::MAX);
        for fact in after.iter().filter(|fact| !before.contains(fact)) {
            self.facts.push(fact::ActiveModel {
                ticket_number: Set(number),
                cycle: Set(cycle(fact)),
                unit: Set(rows::stored_unit(fact.unit.as_ref())),
                is_recheck_due: Set(fact.is_recheck_due),
                document: Set(rows::document(fact)?),
            });
        }
        let is_there = |cycle| after.iter().any(|fact| fact.cycle == cycle);
        let ended = before.iter().filter(|fact| !is_there(fact.cycle));
        self.ended.extend(ended.map(|fact| (number, cycle(fact))));
        let (old, new) = (pure::cases(before), pure::cases(after));
        let (old_places, new_places) = (rows::places(&old), rows::places(&new));
        let place = |(unit, month): &(String, i32)| (unit.clone(), *month, number);
        self.left.extend(old_places.difference(&new_places).map(place));
        self.cases.extend(new_places.difference(&old_places).map(|(unit, month)| case::ActiveModel {
            unit: Set(unit.clone()),
            month: Set(*month),
            ticket_number: Set(number),
        }));
        for (cases, count) in [(old, -1), (new, 1)] {
            for key in cases.iter().flat_map(rows::rollup_keys) {
                *self.rollup.entry(key).or_default() += count;
            }
        }
        self.rollup.retain(|_, count| *count != 0);
        Ok(())
    }

    /// Writes the change, and the rows of the analysis.
    pub(super) async fn write(self, work: &Work, analysed: &[AnalysedTicket]) -> Result<(), Fault> {
        let mut writes = Writes::new(work);
        let column = |values: Vec<Value>| values;
        let ended = |value: fn(&(i64, i32)) -> Value| column(self.ended.iter().map(value).collect());
        writes.delete::<fact::Entity>(vec![
            ("ticket_number", ended(|key| key.0.into())),
            ("cycle", ended(|key| key.1.into())),
        ])?;
        let left = |value: fn(&(String, i32, i64)) -> Value| column(self.left.iter().map(value).collect());
        writes.delete::<case::Entity>(vec![
            ("unit", left(|key| key.0.clone().into())),
            ("month", left(|key| key.1.into())),
            ("ticket_number", left(|key| key.2.into())),
        ])?;
        writes.put(self.facts, &["ticket_number", "cycle"])?;
        writes.insert_missing(self.cases)?;
        analysis::put(&mut writes, analysed)?;
        writes.execute(work).await?;
        add_to_rollup(work, self.rollup).await
    }
}

/// Adds to rows of the rollup, and deletes those that became empty.
async fn add_to_rollup(work: &Work, changes: BTreeMap<RollupKey, i64>) -> Result<(), Fault> {
    use rollup::Column;
    let key =
        [Column::Kind, Column::Month, Column::Owner, Column::District, Column::CountedBy, Column::Properties];
    let sum = Expr::col((rollup::Entity, Column::Cases)).add(Expr::col(("excluded", Column::Cases)));
    let added = OnConflict::columns(key).value(Column::Cases, sum).to_owned();
    let row = |((kind, month, owner, district, counted_by, properties), cases): (RollupKey, i64)| {
        rollup::ActiveModel {
            kind: Set(kind),
            month: Set(month),
            owner: Set(owner),
            district: Set(district),
            counted_by: Set(counted_by),
            properties: Set(properties),
            cases: Set(cases),
        }
    };
    let rows: Vec<_> = changes.into_iter().map(row).collect();
    let is_any_less = rows.iter().any(|row| matches!(row.cases, Set(cases) if cases < 0));
    for part in rows.chunks(rows_max(ROLLUP_VALUES)) {
        let insert = rollup::Entity::insert_many(part.to_vec()).on_conflict(added.clone());
        insert.exec_without_returning(&work.tx).await?;
    }
    if is_any_less {
        rollup::Entity::delete_many().filter(Column::Cases.eq(0)).exec(&work.tx).await?;
    }
    Ok(())
}
