//! The open tickets whose limit was counted in a year without a notice. A new calendar may move them.

use sea_orm::{ConnectionTrait, DbBackend, Statement};

use super::rows::{Queue, ticket};
use crate::platform::Fault;
use crate::ticket::Ticket;

/// The last ticket of a page. The default lies before the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// The number of its queue in the table.
    pub queue: i16,
    /// Its number.
    pub number: i64,
}

impl Default for Cursor {
    fn default() -> Self {
        Self { queue: Queue::CallsDue.number(), number: i64::MAX }
    }
}

/// The statement of [`page`], also for those who look at its plan. It reads the tickets that are held or reopened too,
/// of which there are few: their limits may be provisional.
#[must_use]
pub fn statement(backend: DbBackend, after: Cursor, limit: u64) -> Statement {
    let (queue, number) = if backend == DbBackend::Postgres { ("$1", "$2") } else { ("?", "?") };
    // `queue > 0` is in the words of the partial index.
    let sql = format!(
        "SELECT number, queue, document FROM ticket WHERE queue > 0 AND (queue, number) > ({queue}, {number}) \
         ORDER BY queue, number LIMIT {limit}"
    );
    Statement::from_sql_and_values(backend, sql, [after.queue.into(), after.number.into()])
}

/// The open tickets with a provisional limit behind a cursor, and the cursor behind them; `None` if there are no more.
/// It looks at no more than `limit` tickets. They are not locked, have no content, and are shown to nobody.
///
/// # Errors
/// If the database refuses, or a row can't be read.
pub async fn page(
    db: &impl ConnectionTrait,
    after: Cursor,
    limit: u64,
) -> Result<(Vec<Ticket>, Option<Cursor>), Fault> {
    let rows = db.query_all_raw(statement(db.get_database_backend(), after, limit)).await?;
    let (mut tickets, mut last) = (Vec::new(), None);
    for row in rows {
        let (number, queue): (i64, i16) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        let document: String = row.try_get_by_index(2)?;
        let ticket = ticket::read(number, &document, String::new())?;
        last = Some(Cursor { queue, number });
        tickets.extend(Some(ticket).filter(|ticket| ticket.cycle.deadline.is_provisional));
    }
    Ok((tickets, last))
}
