//! What the index has not reached yet: the tickets with entries of the feed behind its position, and with entries that
//! have no position yet.

use std::time::Duration;

use hotline_proto::v1::ErrorReason;
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::platform::Fault;

/// Tickets that are read and ranked directly at most. A longer tail is refused, because an answer without it would
/// look whole.
const TICKETS_MAX: usize = 5_000;
/// When a search may be tried again that met a longer tail.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// The tickets of the tail. SQLite's entries have their positions at once.
const ON_SQLITE: &str = "SELECT DISTINCT ticket_number FROM feed WHERE position > ? AND ticket_number IS NOT NULL";
/// One statement, so that an entry that gets its position meanwhile is in one of its parts.
const ON_POSTGRES: &str =
    "SELECT ticket_number FROM feed WHERE position > $1 AND ticket_number IS NOT NULL \
     UNION SELECT ticket_number FROM feed_pending WHERE ticket_number IS NOT NULL";

/// The numbers of the tickets that changed after a position. They are shown to nobody, so they need no scope.
///
/// # Errors
/// `SEARCH_INDEX_BEHIND` if there are too many; if the database refuses.
pub(super) async fn numbers(db: &impl ConnectionTrait, position: i64) -> Result<Vec<i64>, Fault> {
    let backend = db.get_database_backend();
    let tail = if backend == DbBackend::Postgres { ON_POSTGRES } else { ON_SQLITE };
    let sql = format!("{tail} LIMIT {}", TICKETS_MAX + 1);
    let rows = db.query_all_raw(Statement::from_sql_and_values(backend, sql, [position.into()])).await?;
    if rows.len() > TICKETS_MAX {
        let retry_after = Some(RETRY_AFTER);
        return Err(Fault { retry_after, ..Fault::new(ErrorReason::SearchIndexBehind) });
    }
    rows.iter().map(|row| Ok(row.try_get_by_index(0)?)).collect()
}
