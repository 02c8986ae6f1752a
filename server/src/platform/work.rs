//! The one opener of transactions. A unit of work has one instant, runs in a task of its own so that a caller who goes
//! away can't leave half of it in a pooled connection, and is run again, a bounded number of times, when another unit
//! of work got in its way.

use std::future::Future;
use std::pin::Pin;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use sea_orm::{
    AccessMode, ConnectionTrait as _, DatabaseTransaction, DbBackend, IsolationLevel, SqliteTransactionMode,
    TransactionOptions, TransactionTrait as _,
};

use super::hashing::HashSuite;
use super::{Clock, Fault, Store, wall};

/// How often a unit of work is begun before its conflict is given up.
const ATTEMPTS_MAX: u32 = 5;
/// The first pause after a conflict; it doubles.
const CONFLICT_PAUSE: Duration = Duration::from_millis(2);

/// A transaction under way and its one instant.
#[derive(Debug)]
pub struct Work {
    /// The transaction.
    pub tx: DatabaseTransaction,
    clock: Clock,
    now: OnceLock<DateTime<Utc>>,
    suite: HashSuite,
    is_confined: AtomicBool,
}

impl Work {
    /// The instant of everything that this unit of work records. It is fixed when it is first asked for, which a command
    /// does behind its lock: the time it waited for another one is over then, and its event is not dated before that
    /// one's.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        *self.now.get_or_init(|| self.clock.now())
    }

    /// With what the links of the chains are hashed that this unit of work adds.
    #[must_use]
    pub const fn hash_suite(&self) -> HashSuite {
        self.suite
    }

    /// Confines this unit of work to the rows that a unit may see, where the database has a second wall; `None`, for
    /// staff, leaves it the reach over everything.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn confine(&self, unit: Option<&str>) -> Result<(), Fault> {
        let Some(unit) = unit.filter(|_| self.tx.get_database_backend() == DbBackend::Postgres) else {
            return Ok(());
        };
        self.is_confined.store(true, Ordering::Relaxed);
        wall::confine(&self.tx, unit).await
    }

    /// Lets a confined unit of work reach the rows of one ticket, to read and write them: a ticket that it has found in
    /// its scope and locked, that it takes in, or that an earlier answer to the same request names. One at a time.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn reach(&self, ticket: i64) -> Result<(), Fault> {
        if self.is_confined.load(Ordering::Relaxed) { wall::reach(&self.tx, ticket).await } else { Ok(()) }
    }
}

/// The future of a unit of work.
pub type Doing<'w, T> = Pin<Box<dyn Future<Output = Result<T, Fault>> + Send + 'w>>;

impl Store {
    /// Runs `doing` in a transaction and commits it; rolls back where it refuses. `doing` may run several times and
    /// must have no effect outside the transaction.
    ///
    /// # Errors
    /// What `doing` refuses with. `UNAVAILABLE` where conflicts do not end, where the database is away, and, marked as
    /// an unknown outcome, where the answer to a commit was lost.
    pub async fn work<T, F>(&self, clock: &Clock, doing: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: for<'w> Fn(&'w Work) -> Doing<'w, T> + Send + Sync + 'static,
    {
        let (store, clock) = (self.clone(), clock.clone());
        let task = tokio::spawn(async move { store.work_here(&clock, &doing).await });
        task.await.unwrap_or_else(|error| Err(Fault::internal(format!("a unit of work died: {error}"))))
    }

    /// A transaction that reads alone: whatever is read in it is of one instant. It changes nothing, so it may be dropped
    /// anywhere.
    ///
    /// # Errors
    /// `UNAVAILABLE` where the database is away.
    pub async fn snapshot(&self) -> Result<DatabaseTransaction, Fault> {
        let options = if self.is_sqlite() {
            TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Deferred),
                ..TransactionOptions::default()
            }
        } else {
            TransactionOptions {
                isolation_level: Some(IsolationLevel::RepeatableRead),
                access_mode: Some(AccessMode::ReadOnly),
                ..TransactionOptions::default()
            }
        };
        Ok(self.reader().begin_with_options(options).await?)
    }

    async fn work_here<T, F>(&self, clock: &Clock, doing: &F) -> Result<T, Fault>
    where
        F: for<'w> Fn(&'w Work) -> Doing<'w, T>,
    {
        let mut pause = CONFLICT_PAUSE;
        for attempt in 1.. {
            let fault = match self.attempt(clock, doing).await {
                Err(fault) if fault.is_conflict && attempt < ATTEMPTS_MAX => fault,
                outcome => return outcome,
            };
            tracing::debug!(attempt, ours = fault.ours, "a unit of work met another and is run again");
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
        Err(Fault::internal("the attempts of a unit of work ended without an outcome"))
    }

    async fn attempt<T, F>(&self, clock: &Clock, doing: &F) -> Result<T, Fault>
    where
        F: for<'w> Fn(&'w Work) -> Doing<'w, T>,
    {
        let options = TransactionOptions {
            sqlite_transaction_mode: self.is_sqlite().then_some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let tx = self.writer().begin_with_options(options).await?;
        let (suite, is_confined) = (self.hash_suite(), AtomicBool::new(false));
        let work = Work { tx, clock: clock.clone(), now: OnceLock::new(), suite, is_confined };
        match doing(&work).await {
            Ok(value) => match work.tx.commit().await {
                Ok(()) => Ok(value),
                Err(error) => Err(lost_commit(error)),
            },
            Err(fault) => {
                // The refusal is the answer whether or not the rollback reaches the database.
                if let Err(error) = work.tx.rollback().await {
                    tracing::warn!(ours = %error, "a rollback failed");
                }
                Err(fault)
            }
        }
    }
}

/// A commit that was refused by a constraint or a conflict did not happen; any other error leaves it unknown.
fn lost_commit(error: sea_orm::DbErr) -> Fault {
    let fault = Fault::from(error);
    if fault.is_conflict {
        return fault;
    }
    Fault { is_outcome_unknown: true, ..Fault::unavailable(format!("commit: {}", fault.ours)) }
}
