//! Checks that the database accepts writes and keeps them: a row of this server is written and read back on another
//! connection.

use std::time::Duration;

use sea_orm::{ConnectionTrait as _, Statement};
use uuid::Uuid;

use super::transaction::Mode;
use super::{Clock, Fault, Store, Transaction, Work, random};

/// The time limit of a heartbeat: at most the interval of health, which so notices a silent database within two of
/// them.
const TIMEOUT: Duration = Duration::from_secs(2);
/// Rows of servers that have written none for this long are deleted, in microseconds.
const STALE_US: i64 = 24 * 3_600 * 1_000_000;

const WRITE: &str = "INSERT INTO heartbeat (server, beat, written_at) VALUES ($1, $2, $3) \
                     ON CONFLICT (server) DO UPDATE SET beat = excluded.beat, written_at = excluded.written_at";
const DELETE_STALE: &str = "DELETE FROM heartbeat WHERE written_at < $1";
const READ: &str = "SELECT beat FROM heartbeat WHERE server = $1";

/// The heartbeat of one server.
#[derive(Debug)]
pub struct Heartbeat {
    store: Store,
    clock: Clock,
    server: Uuid,
    beat: i64,
}

impl Heartbeat {
    /// A heartbeat with a new id.
    ///
    /// # Errors
    /// If the operating system gives no randomness.
    pub fn new(store: Store, clock: Clock) -> std::io::Result<Self> {
        Ok(Self { store, clock, server: random::id()?, beat: 0 })
    }

    /// Writes the next beat and reads it back on another connection.
    ///
    /// # Errors
    /// `UNAVAILABLE` if the database does not answer in time, refuses the write, or does not return it.
    pub async fn beat(&mut self) -> Result<(), Fault> {
        self.beat += 1;
        let (server, beat) = (self.server.to_string(), self.beat);
        let probe = async {
            // The reading connection is held during the write, so that the two certainly differ.
            let reader =
                Transaction::begin(self.store.reader(), Mode::Read, self.store.statement_count()).await?;
            let row = (server.clone(), beat);
            self.store
                .run(&self.clock, row, async |work, (server, beat)| write(work, server, *beat).await)
                .await?;
            let read = Statement::from_sql_and_values(reader.get_database_backend(), READ, [server.into()]);
            let row = reader.query_one_raw(read).await?;
            let read: Option<i64> = row.map(|row| row.try_get_by_index(0)).transpose()?;
            reader.rollback().await?;
            if read == Some(beat) {
                return Ok(());
            }
            Err(Fault::unavailable(format!(
                "heartbeat {beat} was committed; another connection reads {read:?}"
            )))
        };
        let timed_out = |_| Err(Fault::unavailable("the database did not answer a heartbeat in time"));
        tokio::time::timeout(TIMEOUT, probe).await.unwrap_or_else(timed_out)
    }
}

async fn write(work: &Work, server: &str, beat: i64) -> Result<(), Fault> {
    let (backend, now) = (work.tx.get_database_backend(), work.now().timestamp_micros());
    let values = [server.into(), beat.into(), now.into()];
    work.tx.execute_raw(Statement::from_sql_and_values(backend, WRITE, values)).await?;
    let stale = [(now - STALE_US).into()];
    work.tx.execute_raw(Statement::from_sql_and_values(backend, DELETE_STALE, stale)).await?;
    Ok(())
}
