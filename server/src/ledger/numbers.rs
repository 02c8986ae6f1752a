//! Ticket numbers: allotted in blocks, so that servers on one database need not wait for each other at every intake. A
//! block that a server takes and does not use up leaves a gap, which means nothing.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{Datelike as _, NaiveDate};
use chrono_tz::Asia::Shanghai;
use hotline_proto::v1::ErrorReason;
use sea_orm::{ConnectionTrait as _, Statement};
use tokio::sync::Mutex;

use crate::platform::{Clock, Fault, Store, failpoint};
use crate::ticket::TicketNumber;
use crate::ticket::number::SEQUENCE_MAX;

/// Numbers in a block.
const BLOCK: u32 = 64;

/// The part of a day's numbers that this server still has.
#[derive(Debug, Clone, Copy)]
struct Block {
    next: u32,
    end: u32,
}

/// Allots ticket numbers.
#[derive(Debug, Clone, Default)]
pub struct Numbers {
    blocks: Arc<Mutex<HashMap<NaiveDate, Block>>>,
}

impl Numbers {
    /// A number that nobody else has, of the day that the clock shows in Beijing.
    ///
    /// # Errors
    /// `NUMBERS_EXHAUSTED` where the day's are used up; what the database refuses with.
    pub async fn allot(&self, store: &Store, clock: &Clock) -> Result<TicketNumber, Fault> {
        let day = clock.now().with_timezone(&Shanghai).date_naive();
        let mut blocks = self.blocks.lock().await;
        let block = match blocks.get(&day) {
            Some(block) if block.next < block.end => *block,
            _ => {
                let block = reserve(store, clock, day).await?;
                // Yesterday's rest is of no use.
                blocks.clear();
                block
            }
        };
        blocks.insert(day, Block { next: block.next + 1, ..block });
        if block.next > SEQUENCE_MAX {
            return Err(Fault::new(ErrorReason::NumbersExhausted));
        }
        TicketNumber::new(day, block.next)
            .map_err(|error| Fault::internal(format!("a ticket number: {error}")))
    }
}

/// Takes the next block of a day.
async fn reserve(store: &Store, clock: &Clock, day: NaiveDate) -> Result<Block, Fault> {
    let end: i32 = store
        .work(clock, move |work| {
            Box::pin(async move {
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
            })
        })
        .await?;
    let end = end.unsigned_abs();
    Ok(Block { next: end.saturating_sub(BLOCK), end })
}
