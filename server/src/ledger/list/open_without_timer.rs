//! The open tickets that wait for a rung and have no timer, a page of open tickets at a time.
//!
//! One statement reads a page, whatever it holds. It walks the index of open tickets by limit and the key of the
//! timers, and reads no row of a ticket that has a timer. So the search leaves the database's cache to callers.

use sea_orm::ConnectionTrait;

use super::add_merged_branches;
use super::branches::Walk;
use super::query::{Columns, Cursor, ListQuery, Order, TicketFilter};
use super::sql_text::SqlText;
use crate::ledger::rows;
use crate::platform::Fault;
use crate::ticket::{Instant, Rung};

/// The tickets of a page that have no timer, and the end of the page.
///
/// The timer is looked up in a scalar subquery and not in a join. PostgreSQL would answer a join by reading all timers
/// for each page.
const WITHOUT_TIMER: &str = ") SELECT p.number, p.due_at, CAST(0 AS BIGINT) FROM page AS p \
     WHERE (SELECT m.rung FROM ticket_timer AS m WHERE m.ticket_number = p.number LIMIT 1) IS NULL \
     AND (SELECT t.ladder_rung FROM ticket AS t WHERE t.number = p.number) < ";
const END: &str = " UNION ALL SELECT e.number, e.due_at, e.scanned FROM \
     (SELECT number, due_at, count(*) OVER () AS scanned FROM page ORDER BY due_at DESC, number DESC LIMIT 1) AS e";

/// A page of open tickets.
#[derive(Debug)]
pub(in crate::ledger) struct OpenPage {
    /// The tickets without a timer, in the order of their numbers.
    pub(in crate::ledger) without_timer: Vec<i64>,
    /// The start of the next page; `None` after the last ticket.
    pub(in crate::ledger) next: Option<Cursor>,
}

/// Reads the page of `limit` open tickets after one, the earliest limit first. For the server's own work, which shows
/// them to nobody.
///
/// # Errors
/// If the database refuses.
pub(in crate::ledger) async fn page(
    db: &impl ConnectionTrait,
    after: Option<Cursor>,
    limit: u64,
) -> Result<OpenPage, Fault> {
    let filter = TicketFilter { open_and_due_before: Some(Instant::MAX_UTC), ..TicketFilter::default() };
    let (order, columns) = (Order::DueFirst, Columns::WithoutContent);
    let query = ListQuery { filter, order, columns, after, limit };
    let Walk::Branches { column, values, states } = Walk::of(&query.filter, order) else {
        return Err(Fault::internal("open tickets have no index of their own"));
    };
    let mut sql = SqlText::new(db.get_database_backend());
    sql.push("WITH page AS MATERIALIZED (");
    add_merged_branches(&mut sql, &query, (column, &values), &states);
    sql.push(WITHOUT_TIMER).push(&rows::rung_number(Rung::Manual).to_string()).push(END);
    let mut page = OpenPage { without_timer: Vec::new(), next: None };
    for row in db.query_all_raw(sql.statement()).await? {
        let number: i64 = row.try_get_by_index(0)?;
        let scanned: i64 = row.try_get_by_index(2)?;
        if scanned == 0 {
            page.without_timer.push(number);
        } else if u64::try_from(scanned).is_ok_and(|scanned| scanned >= limit) {
            page.next = Some(Cursor { instant: row.try_get_by_index(1)?, number });
        }
    }
    page.without_timer.sort_unstable();
    Ok(page)
}
