//! Ticket numbers. They are allotted in blocks, so that servers on one database need not wait for each other at every
//! intake. If a server does not use up a block, there is a gap, which is harmless.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use chrono::{Datelike, NaiveDate};
use chrono_tz::Asia::Shanghai;
use hotline_proto::v1::ErrorReason;
use sea_orm::{ConnectionTrait as _, Statement};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use crate::platform::{Clock, Fault, Store, Work, failpoint};
use crate::ticket::TicketNumber;
use crate::ticket::number::SEQUENCE_MAX;

/// Numbers in a block.
pub(super) const BLOCK: u32 = 64;
/// A restore skips at least this many numbers of the present day, or closes the day.
const SKIPPED_MIN: u32 = 100_000;
/// The most days that a restore closes: about 27 years.
const DAYS_CLOSED_MAX: i32 = 10_000;

/// The part of a day's numbers that this server still has: the rest of a block, and what was allotted and not given to
/// a ticket.
#[derive(Debug)]
struct DayNumbers {
    next: u32,
    end: u32,
    unused: Vec<TicketNumber>,
}

/// Allots ticket numbers.
#[derive(Debug, Clone, Default)]
pub struct Numbers {
    blocks: Arc<Mutex<HashMap<NaiveDate, DayNumbers>>>,
}

impl Numbers {
    /// A number that is used nowhere else, for the day that the clock shows in Beijing.
    ///
    /// # Errors
    /// `NUMBERS_EXHAUSTED` if the numbers of the day are used up; refusals of the database.
    pub async fn allot(&self, store: &Store, clock: &Clock) -> Result<TicketNumber, Fault> {
        let allotted = self.allot_many(store, clock, 1).await?;
        allotted.into_iter().next().ok_or_else(|| Fault::internal("no ticket number was allotted"))
    }

    /// So many numbers that nobody else has, of the day that the clock shows in Beijing.
    ///
    /// # Errors
    /// `NUMBERS_EXHAUSTED` where the day's are used up; what the database refuses with.
    pub async fn allot_many(
        &self,
        store: &Store,
        clock: &Clock,
        count: usize,
    ) -> Result<Vec<TicketNumber>, Fault> {
        let day = clock.now().with_timezone(&Shanghai).date_naive();
        let mut allotted = Vec::with_capacity(count);
        if count == 0 {
            return Ok(allotted);
        }
        let mut blocks = self.blocks.lock().await;
        while allotted.len() < count {
            let block = match blocks.get_mut(&day) {
                Some(block) => block,
                None => {
                    // Yesterday's rest is of no use.
                    blocks.clear();
                    blocks.entry(day).or_insert(DayNumbers { next: 0, end: 0, unused: Vec::new() })
                }
            };
            if let Some(unused) = block.unused.pop() {
                allotted.push(unused);
                continue;
            }
            if block.next >= block.end {
                (block.next, block.end) = reserve(store, clock, day).await?;
            }
            if block.next > SEQUENCE_MAX {
                return Err(Fault::new(ErrorReason::NumbersExhausted));
            }
            let number = TicketNumber::new(day, block.next)
                .map_err(|error| Fault::internal(format!("a ticket number: {error}")))?;
            block.next += 1;
            allotted.push(number);
        }
        Ok(allotted)
    }

    /// Takes numbers back that no ticket was given.
    pub async fn give_back(&self, unused: impl IntoIterator<Item = TicketNumber>) {
        let mut blocks = self.blocks.lock().await;
        for number in unused {
            if let Some(block) = blocks.get_mut(&number.day()) {
                block.unused.push(number);
            }
        }
    }
}

/// Numbers of a day that a restore skipped: from the first one, up to but without the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the day, and two sequences in it")]
pub struct SkippedRange {
    pub day: NaiveDate,
    pub from: u32,
    pub to: u32,
}

/// The next number of a day after a restore, if `floor` is above the highest number that is known to be given out. Half
/// of the rest is skipped, for numbers that nothing knows about. If too little is left, the day is closed.
fn goes_on_at(floor: u32) -> u32 {
    let skipped = (SEQUENCE_MAX + 1).saturating_sub(floor) / 2;
    if skipped < SKIPPED_MIN { SEQUENCE_MAX + 1 } else { floor + skipped }
}

/// Skips the numbers that may have been given out after a backup was taken, so that none is given out again:
///
/// - all days before today, back to the last day that the backup knows;
/// - of today and of any later known day, the numbers up to half of what is left.
///
/// `issued` gives the highest sequence of each day that is known from elsewhere.
///
/// # Errors
/// If the database can't be reached.
pub async fn skip(work: &Work, issued: &BTreeMap<NaiveDate, u32>) -> Result<Vec<SkippedRange>, Fault> {
    let backend = work.tx.get_database_backend();
    let listed = "SELECT day, next_sequence FROM number_block ORDER BY day";
    let mut next: BTreeMap<i32, u32> = BTreeMap::new();
    for row in work.tx.query_all_raw(Statement::from_string(backend, listed)).await? {
        let (day, sequence): (i32, i32) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        next.insert(day, sequence.unsigned_abs());
    }
    let today = work.now().with_timezone(&Shanghai).date_naive().num_days_from_ce();
    let first_issued = issued.keys().next().map(Datelike::num_days_from_ce);
    let last_known = next.keys().next_back().copied().or(first_issued).unwrap_or(today);
    for (day, sequence) in issued {
        let floor = next.entry(day.num_days_from_ce()).or_default();
        *floor = Ord::max(*floor, sequence.saturating_add(1));
    }
    let closed = last_known.max(today - DAYS_CLOSED_MAX)..today;
    let open = next.keys().copied().filter(|day| *day > today).chain([today]);
    let mut skipped = Vec::new();
    for day in closed.clone().chain(open) {
        let from = next.get(&day).copied().unwrap_or_default();
        let to = if closed.contains(&day) { SEQUENCE_MAX + 1 } else { goes_on_at(from) };
        let statement = Statement::from_sql_and_values(
            backend,
            "INSERT INTO number_block (day, next_sequence) VALUES ($1, $2) ON CONFLICT (day) \
             DO UPDATE SET next_sequence = excluded.next_sequence",
            [day.into(), i32::try_from(to).unwrap_or(i32::MAX).into()],
        );
        work.tx.execute_raw(statement).await?;
        let day = NaiveDate::from_num_days_from_ce_opt(day)
            .ok_or_else(|| Fault::internal(format!("a block of numbers of the day {day}")))?;
        skipped.push(SkippedRange { day, from, to });
    }
    Ok(skipped)
}

/// Takes the next block of a day.
async fn reserve(store: &Store, clock: &Clock, day: NaiveDate) -> Result<(u32, u32), Fault> {
    let end: i32 = store.run(clock, day, async |work, day| reserve_in(work, *day).await).await?;
    let end = end.unsigned_abs();
    Ok((end.saturating_sub(BLOCK), end))
}

async fn reserve_in(work: &Work, day: NaiveDate) -> Result<i32, Fault> {
    failpoint::reach("number.block").await?;
    let statement = Statement::from_sql_and_values(
        work.tx.get_database_backend(),
        "INSERT INTO number_block (day, next_sequence) VALUES ($1, $2) ON CONFLICT (day) \
         DO UPDATE SET next_sequence = number_block.next_sequence + excluded.next_sequence \
         RETURNING next_sequence",
        [day.num_days_from_ce().into(), i32::try_from(BLOCK).unwrap_or(i32::MAX).into()],
    );
    let row = work.tx.query_one_raw(statement).await?;
    let row = row.ok_or_else(|| Fault::internal("no block of ticket numbers"))?;
    Ok(row.try_get_by_index(0)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_restore_skips_half_of_what_is_left_or_all_of_it() {
        assert_eq!(goes_on_at(0), 500_000);
        assert_eq!(goes_on_at(500_000), 750_000);
        assert_eq!(goes_on_at(12_345), 506_172);
        assert_eq!(goes_on_at(750_000), 875_000);
        // A fourth restore on one day would leave too few numbers for those that nothing knows about.
        assert_eq!(goes_on_at(875_000), SEQUENCE_MAX + 1);
        assert_eq!(goes_on_at(SEQUENCE_MAX + 65), SEQUENCE_MAX + 1);
    }
}
