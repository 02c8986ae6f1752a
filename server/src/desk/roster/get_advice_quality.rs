//! `GetAdviceQuality`: by unit, how often the advice of a month was followed, and how often it was right.

use std::collections::BTreeMap;
use std::ops::Range;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait as _;
use sea_orm::{QueryOrder as _, QuerySelect as _};

use super::Rosters;
use super::model::AdviceQuality;
use super::rows::dispatch_advice;
use crate::ledger::read;
use crate::platform::Fault;
use crate::ticket::{Instant, UnitCode, columns};

/// Rows that one statement reads.
const ROWS_PER_READ: u64 = 500;

impl Rosters {
    /// The quality of the advice that was given in a range, by unit. Each advice is compared with its ticket as it is
    /// now. For staff only: to a unit, the later way of a ticket could show that it is complained about.
    ///
    /// # Errors
    /// If the database refuses, or a row can't be read.
    pub async fn get_advice_quality(
        &self,
        range: Range<Instant>,
    ) -> Result<BTreeMap<UnitCode, AdviceQuality>, Fault> {
        let mut found: BTreeMap<UnitCode, AdviceQuality> = BTreeMap::new();
        let mut after: Option<(i64, i64, String)> = None;
        loop {
            let rows = self.advice_page(&range, after.take()).await?;
            let numbers = rows.iter().map(|row| row.ticket_number).collect();
            let tickets = read::find_all(self.store.lists(), numbers).await?;
            for row in &rows {
                let number = columns::number(row.ticket_number)?;
                let Some(ticket) = tickets.iter().find(|ticket| ticket.number == number) else { continue };
                let is_it = |at: Instant| at.timestamp_micros() == row.advised_at;
                let given = ticket.advice.iter();
                let mut given = given.filter(|one| one.unit.as_str() == row.unit && is_it(one.advised_at));
                if let Some(advice) = given.next() {
                    found.entry(advice.unit.clone()).or_default().add(advice, ticket);
                }
            }
            match rows.into_iter().next_back() {
                Some(last) => after = Some((last.advised_at, last.ticket_number, last.unit)),
                None => return Ok(found),
            }
        }
    }

    async fn advice_page(
        &self,
        range: &Range<Instant>,
        after: Option<(i64, i64, String)>,
    ) -> Result<Vec<dispatch_advice::Model>, Fault> {
        use dispatch_advice::Column::{AdvisedAt, TicketNumber, Unit};
        let mut query = dispatch_advice::Entity::find()
            .filter(AdvisedAt.gte(range.start.timestamp_micros()))
            .filter(AdvisedAt.lt(range.end.timestamp_micros()))
            .order_by_asc(AdvisedAt)
            .order_by_asc(TicketNumber)
            .order_by_asc(Unit)
            .limit(ROWS_PER_READ);
        if let Some((at, number, unit)) = after {
            let behind = AdvisedAt.gt(at).or(AdvisedAt
                .eq(at)
                .and(TicketNumber.gt(number).or(TicketNumber.eq(number).and(Unit.gt(unit)))));
            query = query.filter(AdvisedAt.gte(at)).filter(behind);
        }
        Ok(query.all(self.store.lists()).await?)
    }
}
