//! Numbers new entries of the feed on PostgreSQL. Any server may do it, one at a time. SQLite's writer numbers its
//! entries itself.
//!
//! An entry gets its position when its transaction has committed, and not before. So a reader that has seen a position
//! has not passed over one that is committed later. The sequencer takes what it can see from the queue and writes it
//! into the feed, in one transaction. The order of ids is that of the events of each ticket.

use std::time::Duration;

use metrics::gauge;
use sea_orm::{ConnectionTrait as _, DbBackend, Statement};

use super::handle::Feed;
use super::listener::CHANNEL;
use crate::platform::metrics::FEED_LAG_MS;
use crate::platform::{Clock, Fault, Store, Work, failpoint};

/// PostgreSQL's advisory lock of the sequencer; an arbitrary number that never changes.
const LOCK: i64 = 0x0048_4F54_4645_4544;
/// Entries that one transaction numbers.
const ENTRIES_MAX: u64 = 2_000;
/// The shortest time between two transactions, so that entries that are committed together are numbered together.
const PAUSE_MIN: Duration = Duration::from_millis(2);
/// The pause if this server has written nothing: another server may have stopped before it numbered its entries.
const POLL_PAUSE: Duration = Duration::from_millis(100);
/// The pause while another server numbers.
const BUSY_PAUSE: Duration = Duration::from_millis(5);
/// The pause after a failure.
const FAILURE_PAUSE: Duration = Duration::from_secs(1);
/// The lag from which on the log warns.
const LAG_ALARM: Duration = Duration::from_secs(10);
/// The pause between two warnings.
const ALARM_PAUSE: Duration = Duration::from_mins(1);

/// The age of the oldest entry that waits, in microseconds; no row if none waits.
const OLDEST: &str = "SELECT CAST(FLOOR(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000) AS BIGINT) - written_at \
     FROM feed_pending ORDER BY id LIMIT 1";
/// Takes the oldest visible entries from the queue and appends them to the feed. The commit tells the other servers.
const NUMBER: &str = "WITH taken AS (\
     DELETE FROM feed_pending WHERE id IN (SELECT id FROM feed_pending ORDER BY id LIMIT $1) \
     RETURNING id, ticket_number, unit, sequence), \
     numbered AS (INSERT INTO feed (position, ticket_number, unit, sequence) \
     SELECT POSITION, ticket_number, unit, sequence FROM taken RETURNING 1) \
     SELECT count(*), CASE WHEN count(*) > 0 THEN pg_notify('CHANNEL', '') END FROM numbered";
/// The position of a taken entry.
const DENSE: &str = "COALESCE((SELECT max(position) FROM feed), 0) + row_number() OVER (ORDER BY id)";
/// An injected bug: the id, which an entry gets before its commit.
const BY_ID: &str = "id";

/// What became of a pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pass {
    /// So many entries were numbered.
    Numbered(u64),
    /// Another server numbers.
    Busy,
}

/// Numbers the entries.
#[derive(Debug, Clone)]
pub struct Sequencer {
    store: Store,
    clock: Clock,
    feed: Feed,
}

impl Feed {
    /// The sequencer of this server.
    #[must_use]
    pub fn sequencer(&self) -> Sequencer {
        let (store, clock) = (self.0.store.in_background(), self.0.clock.clone());
        Sequencer { store, clock, feed: self.clone() }
    }
}

impl Sequencer {
    /// Numbers what waits, as far as it fits into one transaction. On SQLite nothing ever waits.
    ///
    /// # Errors
    /// If the database refuses. Nothing is numbered then.
    pub async fn pass(&self) -> Result<Pass, Fault> {
        match self.lag().await? {
            Some(_) => self.number().await,
            None => Ok(Pass::Numbered(0)),
        }
    }

    /// How long the oldest entry has waited; `None` if none waits.
    async fn lag(&self) -> Result<Option<Duration>, Fault> {
        if self.store.is_sqlite() {
            return Ok(None);
        }
        let oldest = Statement::from_string(DbBackend::Postgres, OLDEST);
        let row = self.store.reader().query_one_raw(oldest).await?;
        let micros: Option<i64> = row.map(|row| row.try_get_by_index(0)).transpose()?;
        let lag = micros.map(|micros| Duration::from_micros(micros.max(0).unsigned_abs()));
        gauge!(FEED_LAG_MS).set(lag.unwrap_or_default().as_secs_f64() * 1_000.0);
        Ok(lag)
    }

    async fn number(&self) -> Result<Pass, Fault> {
        let passed = self.store.run(&self.clock, (), async |work, ()| number(work).await).await?;
        self.feed.hint();
        Ok(passed)
    }

    /// Numbers everything that waits now.
    ///
    /// # Errors
    /// If the database refuses.
    pub async fn number_all(&self) -> Result<(), Fault> {
        while self.pass().await? != Pass::Numbered(0) {
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    /// Runs until it is dropped.
    pub async fn run(self) {
        let mut alarm = LagAlarm::default();
        loop {
            let passed = match self.lag().await {
                Ok(Some(lag)) => {
                    alarm.raise(lag);
                    self.number().await
                }
                Ok(None) => Ok(Pass::Numbered(0)),
                Err(fault) => Err(fault),
            };
            let pause = match passed {
                Ok(Pass::Numbered(0)) => {
                    tokio::select! {
                        () = self.store.changed() => PAUSE_MIN,
                        () = tokio::time::sleep(POLL_PAUSE) => Duration::ZERO,
                    }
                }
                Ok(Pass::Numbered(_)) => PAUSE_MIN,
                Ok(Pass::Busy) => BUSY_PAUSE,
                Err(fault) => {
                    tracing::warn!(error = fault.detail, "numbering the feed failed; streams wait, retrying");
                    FAILURE_PAUSE
                }
            };
            tokio::time::sleep(pause).await;
        }
    }
}

/// Warns if entries wait for long, at most once a minute.
#[derive(Debug, Default)]
struct LagAlarm {
    raised_at: Option<tokio::time::Instant>,
}

impl LagAlarm {
    fn raise(&mut self, lag: Duration) {
        if lag < LAG_ALARM || self.raised_at.is_some_and(|at| at.elapsed() < ALARM_PAUSE) {
            return;
        }
        let elapsed_ms = u64::try_from(lag.as_millis()).unwrap_or(u64::MAX);
        tracing::warn!(elapsed_ms, "the feed is behind: events wait for their positions");
        self.raised_at = Some(tokio::time::Instant::now());
    }
}

async fn number(work: &Work) -> Result<Pass, Fault> {
    let lock = format!("SELECT pg_try_advisory_xact_lock({LOCK})");
    let row = work.tx.query_one_raw(Statement::from_string(DbBackend::Postgres, lock)).await?;
    let is_free: bool = row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or(false);
    if !is_free {
        return Ok(Pass::Busy);
    }
    // A statement of its own sees what the holder of the lock before has committed.
    let sql = NUMBER.replace("POSITION", if failpoint::numbers_by_id() { BY_ID } else { DENSE });
    let sql = sql.replace("CHANNEL", CHANNEL);
    let entries_max = i64::try_from(ENTRIES_MAX).unwrap_or(i64::MAX);
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, [entries_max.into()]);
    let row = work.tx.query_one_raw(statement).await?;
    let count: i64 = row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or(0);
    Ok(Pass::Numbered(count.unsigned_abs()))
}
