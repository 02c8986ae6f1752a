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

/// How far the index is, in a row with the number 0, and the tickets of the tail. It is one statement, so that an entry
/// which gets its position meanwhile is in one of its parts.
const STATE_AND_TAIL: &str = "SELECT CAST(0 AS BIGINT), documents FROM search_index \
     UNION SELECT ticket_number, CAST(0 AS BIGINT) FROM feed WHERE ticket_number IS NOT NULL \
     AND position > COALESCE((SELECT MAX(position) FROM search_index), 0)";
/// Entries without a position, which only PostgreSQL has.
const PENDING: &str =
    "UNION SELECT ticket_number, CAST(0 AS BIGINT) FROM feed_pending WHERE ticket_number IS NOT NULL";

/// What a search begins with.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Tail {
    /// How many tickets are indexed.
    pub(super) documents: i64,
    /// The numbers of the tickets that changed since.
    pub(super) numbers: Vec<i64>,
}

/// Reads the tail. It is shown to nobody, so it needs no scope.
///
/// # Errors
/// `SEARCH_INDEX_BEHIND` if there are too many tickets; if the database refuses.
pub(super) async fn read(db: &impl ConnectionTrait) -> Result<Tail, Fault> {
    let backend = db.get_database_backend();
    let pending = if backend == DbBackend::Postgres { PENDING } else { "" };
    let sql = format!("{STATE_AND_TAIL} {pending} LIMIT {}", TICKETS_MAX + 2);
    let mut tail = Tail::default();
    for row in db.query_all_raw(Statement::from_string(backend, sql)).await? {
        let (number, documents): (i64, i64) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        if number == 0 {
            tail.documents = documents;
        } else {
            tail.numbers.push(number);
        }
    }
    if tail.numbers.len() > TICKETS_MAX {
        let retry_after = Some(RETRY_AFTER);
        return Err(Fault { retry_after, ..Fault::new(ErrorReason::SearchIndexBehind) });
    }
    Ok(tail)
}
