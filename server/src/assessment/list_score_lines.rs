//! `ListScoreLines`: the cases of a unit in a month, ticket by ticket, and what each counts.

use std::collections::BTreeMap;

use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder as _, QuerySelect as _};

use super::exclusion::Exclusion;
use super::get_unit_score::check_own;
use super::rows::{self, case};
use super::score::{Fact, Month, Scheme};
use super::{Assessment, exclusion_rows, month_counts, scheme_record};
use crate::access::Permit;
use crate::ledger;
use crate::platform::Fault;
use crate::ticket::UnitCode;

/// The cycles of one ticket with the unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketLines {
    /// The number of the ticket.
    pub number: i64,
    /// Its facts, the first cycle first.
    pub facts: Vec<Fact>,
    /// Its objections and exclusions that were not refused.
    pub exclusions: Vec<Exclusion>,
}

/// A page of lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinePage {
    /// The scheme that counts the month.
    pub scheme: Scheme,
    /// The tickets, by number.
    pub tickets: Vec<TicketLines>,
}

impl Assessment {
    /// Tickets of a unit in a month after a number, at most `limit`.
    ///
    /// # Errors
    /// `UNIT_NOT_FOUND`; if the database refuses.
    pub async fn list_score_lines(
        &self,
        permit: &Permit,
        (unit, month): (&UnitCode, Month),
        after: Option<i64>,
        limit: u64,
    ) -> Result<LinePage, Fault> {
        check_own(permit, unit)?;
        let snapshot = self.store.snapshot().await?;
        month_counts::check_unit(&snapshot, unit).await?;
        let scheme = scheme_record::in_force(&snapshot, month).await?.scheme;
        let number = (case::Entity, case::Column::TicketNumber);
        let numbers: Vec<i64> = case::Entity::find()
            .select_only()
            .column(case::Column::TicketNumber)
            .filter(case::Column::Unit.eq(unit.as_str()))
            .filter(case::Column::Month.eq(month.number()))
            .filter(case::Column::TicketNumber.gt(after.unwrap_or(0)))
            .filter(ledger::accused::is_not_accused(&snapshot, unit, number).await?)
            .order_by_asc(case::Column::TicketNumber)
            .limit(limit)
            .into_tuple()
            .all(&snapshot)
            .await?;
        let facts = rows::facts(&snapshot, &numbers).await?;
        let mut exclusions: BTreeMap<i64, Vec<Exclusion>> = BTreeMap::new();
        for one in exclusion_rows::of_cases(&snapshot, &numbers).await? {
            if one.unit == *unit {
                exclusions.entry(one.ticket.as_i64()).or_default().push(one);
            }
        }
        snapshot.rollback().await?;
        let of_unit = |(number, facts): (i64, Vec<Fact>)| TicketLines {
            number,
            facts: facts.into_iter().filter(|fact| fact.unit.as_ref() == Some(unit)).collect(),
            exclusions: exclusions.remove(&number).unwrap_or_default(),
        };
        Ok(LinePage { scheme, tickets: facts.into_iter().map(of_unit).collect() })
    }
}
