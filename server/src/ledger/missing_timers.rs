//! Missing timers. An open ticket below the top of the ladder waits for a rung. If its timer row was deleted by hand or
//! lost in a repair, no rung would ever fire. Such tickets are found page by page on the index of open tickets, and the
//! timers are restored under the ticket's lock.

use std::collections::HashSet;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{LockBehavior, LockType};
use sea_orm::{QueryOrder as _, QuerySelect as _};

use super::list::{Cursor, open_without_timer};
use super::rows;
use super::write::Ledger;
use crate::platform::writes::insert;
use crate::platform::{Fault, Work};
use crate::ticket::{TicketNumber, columns};

/// A page of a walk over all open tickets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The tickets that wait for a rung and have no timer.
    pub missing: Vec<TicketNumber>,
    /// The start of the next page; `None` after the last ticket.
    pub next: Option<Cursor>,
}

/// Checks a page of open tickets, `limit` of them, in one statement and without locks. The scope is all tickets,
/// because they are shown to nobody.
///
/// # Errors
/// If the database refuses.
pub async fn page(db: &impl ConnectionTrait, after: Option<Cursor>, limit: u64) -> Result<Page, Fault> {
    let page = open_without_timer::page(db, after, limit).await?;
    let missing = page.without_timer.into_iter().map(columns::number);
    Ok(Page { missing: missing.collect::<Result<_, _>>()?, next: page.next })
}

/// Which of these tickets have a timer.
async fn with_timer(db: &impl ConnectionTrait, tickets: &[i64]) -> Result<HashSet<i64>, Fault> {
    let found: Vec<i64> = rows::timer::Entity::find()
        .select_only()
        .column(rows::timer::Column::TicketNumber)
        .filter(rows::timer::Column::TicketNumber.is_in(tickets.iter().copied()))
        .into_tuple()
        .all(db)
        .await?;
    Ok(found.into_iter().collect())
}

impl Ledger {
    /// Restores the timers of these tickets if they are still missing; returns which tickets. A locked ticket is left
    /// to the next pass.
    ///
    /// # Errors
    /// If the database refuses, or a ticket can't be read. Nothing is restored then.
    pub async fn restore_timers(
        &self,
        work: &Work,
        tickets: &[TicketNumber],
    ) -> Result<Vec<TicketNumber>, Fault> {
        use rows::ticket::{Column, Entity};
        let locked = Entity::find()
            .select_only()
            .columns([Column::Number, Column::Document])
            .filter(Column::Number.is_in(tickets.iter().map(|number| number.as_i64())))
            .order_by_asc(Column::Number)
            .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
        let locked: Vec<(i64, String)> = locked.into_tuple().all(&work.tx).await?;
        // Timers change only under the ticket's lock, so a missing timer stays missing.
        let numbers: Vec<i64> = locked.iter().map(|(number, _)| *number).collect();
        let timed = with_timer(&work.tx, &numbers).await?;
        let (mut restored, mut timers) = (Vec::new(), Vec::new());
        for (number, document) in locked.iter().filter(|(number, _)| !timed.contains(number)) {
            let ticket = rows::ticket::read(*number, document, String::new())?;
            let Some(rung) = self.next_timer(work, &ticket).await? else { continue };
            timers.push(rows::timer::of(&ticket, rung));
            restored.push(ticket.number);
        }
        insert(work, timers).await?;
        Ok(restored)
    }
}
