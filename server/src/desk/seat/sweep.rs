//! The sweep: what is due happens also if nobody calls. It looks without a lock first, so that servers with nothing to
//! do do not wait for each other.

use sea_orm::entity::prelude::*;
use sea_orm::{QuerySelect as _, Statement};

use super::board::Board;
use super::{Seats, due_work};
use crate::platform::Fault;
use crate::ticket::columns::instant;

/// Decisions of one sweep at most; the next one goes on.
const DECISIONS_MAX: u32 = 32;
/// How the queue stands.
const STANDING: &str = "SELECT (SELECT COUNT(*) FROM seat_call WHERE state = 1), \
                        (SELECT MIN(queued_at) FROM seat_call WHERE state = 1), \
                        (SELECT COUNT(*) FROM seat WHERE principal IS NOT NULL AND NOT is_training), \
                        (SELECT COUNT(*) FROM call_back WHERE state = 1)";

/// How the queue stands, for the metrics.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct QueueStanding {
    /// Calls that wait.
    pub waiting: i64,
    /// How long the first of them waits, in milliseconds.
    pub longest_wait_ms: f64,
    /// Seats with an agent, without those for training.
    pub signed_in: i64,
    /// Companies that are to be called back.
    pub call_backs: i64,
}

impl Seats {
    /// Does what is due; returns how many decisions it took.
    ///
    /// # Errors
    /// If the database refuses. What was done before stays done.
    pub async fn sweep(&self) -> Result<u32, Fault> {
        let mut decisions = 0;
        while decisions < DECISIONS_MAX && self.is_any_due().await? {
            let swept = self.store.run(&self.clock, self.clone(), async |work, seats| {
                let board = Board::open(work, seats).await?;
                due_work::run(&board).await
            });
            self.changes.announce(swept.await)?;
            decisions += 1;
        }
        Ok(decisions)
    }

    async fn is_any_due(&self) -> Result<bool, Fault> {
        let (db, now) = (self.store.reader(), self.clock.now());
        let policy = self.rules.in_force(db, now).await?.policy;
        if let Some(wrapped_up) = due_work::wrapped_up(now, &policy)
            && wrapped_up.limit(1).one(db).await?.is_some()
        {
            return Ok(true);
        }
        Ok(due_work::expired(now).limit(1).one(db).await?.is_some()
            || due_work::silent(now, &policy).limit(1).one(db).await?.is_some()
            || due_work::overdue(now, &policy).limit(1).one(db).await?.is_some())
    }

    /// How the queue stands.
    ///
    /// # Errors
    /// If the database refuses.
    pub async fn standing(&self) -> Result<QueueStanding, Fault> {
        let db = self.store.reader();
        let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), STANDING)).await?;
        let row = row.ok_or_else(|| Fault::internal("a count returned no row"))?;
        let first: Option<i64> = row.try_get_by_index(1)?;
        let wait = first.map(instant).transpose()?.map(|first| self.clock.now() - first);
        let wait = wait.and_then(|wait| wait.to_std().ok()).unwrap_or_default();
        Ok(QueueStanding {
            waiting: row.try_get_by_index(0)?,
            longest_wait_ms: wait.as_secs_f64() * 1_000.0,
            signed_in: row.try_get_by_index(2)?,
            call_backs: row.try_get_by_index(3)?,
        })
    }
}
