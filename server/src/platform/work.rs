//! The one opener of transactions. A unit of work has one instant, runs in a task of its own so that a caller who goes
//! away can't leave half of it in a pooled connection, and is run again, a bounded number of times, when another unit
//! of work got in its way.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait as _, DbBackend};
use tracing::Instrument as _;

use super::acknowledged_write::AcknowledgedWrite;
use super::hashing::HashSuite;
use super::transaction::Mode;
use super::{Clock, Fault, Store, Transaction, failpoint, row_security};

/// How often a unit of work is begun before its conflict is given up.
const ATTEMPTS_MAX: u32 = 5;
/// The first pause after a conflict; it doubles.
const CONFLICT_PAUSE: Duration = Duration::from_millis(2);

/// A transaction under way and its one instant.
#[derive(Debug)]
pub struct Work {
    /// The transaction.
    pub tx: Transaction,
    clock: Clock,
    now: OnceLock<DateTime<Utc>>,
    suite: HashSuite,
    has_unit_scope: AtomicBool,
    written: Mutex<Vec<AcknowledgedWrite>>,
}

impl Work {
    /// Names a row that this unit of work has written, for the self-check after the commit.
    pub fn wrote(&self, key: i64, version: i64) {
        if let Ok(mut written) = self.written.lock() {
            written.push(AcknowledgedWrite { key, version });
        }
    }

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

    /// Limits this unit of work to the rows that a unit may see, by row-level security if the database has it. `None`,
    /// for staff, leaves every row visible.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn set_unit_scope(&self, unit: Option<&str>) -> Result<(), Fault> {
        let Some(unit) = unit.filter(|_| self.tx.get_database_backend() == DbBackend::Postgres) else {
            return Ok(());
        };
        self.has_unit_scope.store(true, Ordering::Relaxed);
        row_security::set_unit_scope(&self.tx, unit).await
    }

    /// Lets a unit of work with a unit's scope read and write the rows of one ticket: one that it has found in its scope
    /// and locked, that it takes in, or that an earlier answer to the same request names. One at a time.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn allow_ticket(&self, ticket: i64) -> Result<(), Fault> {
        if self.has_unit_scope.load(Ordering::Relaxed) {
            row_security::allow_ticket(&self.tx, ticket).await
        } else {
            Ok(())
        }
    }
}

/// The body of a unit of work: `async |work, input| …`, or an `async fn` of the same arguments.
///
/// A conflict runs the body again, so it borrows its input, and everything that it needs comes in that way: a closure
/// that uses a captured variable is no `TxBody`. The trait is implemented for every function that fits and is only
/// named by functions that pass a body on.
pub trait TxBody<I, T>:
    AsyncFn(&Work, &I) -> Result<T, Fault> + for<'w> SendTxBody<'w, I, T> + Send + Sync + 'static
{
}

impl<I, T, F> TxBody<I, T> for F where
    F: AsyncFn(&Work, &I) -> Result<T, Fault> + for<'w> SendTxBody<'w, I, T> + Send + Sync + 'static
{
}

/// The half of [`TxBody`] that says that the future is `Send`, which `AsyncFn` alone can't.
pub trait SendTxBody<'w, I: 'w, T>: Fn(&'w Work, &'w I) -> <Self as SendTxBody<'w, I, T>>::Future {
    /// The future of one run.
    type Future: Future<Output = Result<T, Fault>> + Send + 'w;
}

impl<'w, I, T, F, Fut> SendTxBody<'w, I, T> for F
where
    I: 'w,
    F: Fn(&'w Work, &'w I) -> Fut,
    Fut: Future<Output = Result<T, Fault>> + Send + 'w,
{
    type Future = Fut;
}

/// The boxed future of a step in a unit of work, for traits that are used as objects and for [`Store::work`].
pub type TxFuture<'w, T> = Pin<Box<dyn Future<Output = Result<T, Fault>> + Send + 'w>>;

impl Store {
    /// Runs `body` in a transaction and commits it; rolls back if it refuses. `body` may run several times and must
    /// have no effect outside the transaction.
    ///
    /// ```ignore
    /// struct Rename { code: UnitCode, name: String }
    ///
    /// let rename = Rename { code, name };
    /// store.run(&clock, rename, async |work, rename| units::rename(work, &rename.code, &rename.name).await).await?;
    /// ```
    ///
    /// # Errors
    /// What `body` refuses with. `UNAVAILABLE` if conflicts do not end, if the database is away, and, marked as an
    /// unknown outcome, if the answer to a commit was lost.
    pub async fn run<I, T, F>(&self, clock: &Clock, input: I, body: F) -> Result<T, Fault>
    where
        I: Send + Sync + 'static,
        T: Send + 'static,
        F: TxBody<I, T>,
    {
        let (store, clock) = (self.clone(), clock.clone());
        let run = async move { store.run_here(&clock, &input, &body).await };
        // Its log lines belong to the call that it serves.
        let task = tokio::spawn(run.in_current_span());
        task.await.unwrap_or_else(|error| Err(Fault::internal(format!("a unit of work died: {error}"))))
    }

    /// The form of [`Store::run`] for a closure that captures what it needs: its future is boxed.
    ///
    /// # Errors
    /// Those of [`Store::run`].
    pub async fn work<T, F>(&self, clock: &Clock, body: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: for<'w> Fn(&'w Work) -> TxFuture<'w, T> + Send + Sync + 'static,
    {
        self.run(clock, body, async |work, body| body(work).await).await
    }

    /// A transaction that reads alone: whatever is read in it is of one instant. It changes nothing, so it may be dropped
    /// anywhere.
    ///
    /// # Errors
    /// `UNAVAILABLE` where the database is away.
    pub async fn snapshot(&self) -> Result<Transaction, Fault> {
        Ok(Transaction::begin(self.reader(), Mode::Snapshot).await?)
    }

    async fn run_here<I, T, F: TxBody<I, T>>(&self, clock: &Clock, input: &I, body: &F) -> Result<T, Fault> {
        let mut pause = CONFLICT_PAUSE;
        for attempt in 1.. {
            let fault = match self.attempt(clock, input, body).await {
                Err(fault) if fault.is_conflict && attempt < ATTEMPTS_MAX => fault,
                outcome => return outcome,
            };
            tracing::debug!(attempt, error = fault.detail, "unit of work conflicted; retrying");
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
        Err(Fault::internal("the attempts of a unit of work ended without an outcome"))
    }

    async fn attempt<I, T, F: TxBody<I, T>>(&self, clock: &Clock, input: &I, body: &F) -> Result<T, Fault> {
        let tx = Transaction::begin(self.writer(), Mode::Write).await.map_err(not_begun)?;
        let (suite, has_unit_scope) = (self.hash_suite(), AtomicBool::new(false));
        let work = Work {
            tx,
            clock: clock.clone(),
            now: OnceLock::new(),
            suite,
            has_unit_scope,
            written: Mutex::default(),
        };
        let outcome = body(&work, input).await;
        let Work { tx, written, .. } = work;
        let value = match outcome {
            Ok(value) => value,
            Err(fault) => {
                // The refusal is the answer whether or not the rollback reaches the database: the connection is closed
                // where it does not.
                if let Err(error) = tx.rollback().await {
                    tracing::warn!(%error, "rollback failed; the connection is closed");
                }
                return Err(fault);
            }
        };
        if failpoint::acknowledges_early() {
            tokio::spawn(async move { tx.commit().await });
        } else {
            tx.commit().await.map_err(lost_commit)?;
        }
        self.acknowledged(&written.into_inner().unwrap_or_default());
        Ok(value)
    }
}

/// Nothing was done in a transaction that did not begin, so that it can be begun again on another connection.
fn not_begun(error: sea_orm::DbErr) -> Fault {
    let is_refused = matches!(error, sea_orm::DbErr::Query(_));
    let fault = Fault::from(error);
    if is_refused {
        return Fault { is_conflict: true, ..Fault::unavailable(format!("begin: {}", fault.detail)) };
    }
    fault
}

/// A commit that was refused by a constraint or a conflict did not happen; any other error leaves it unknown.
fn lost_commit(error: sea_orm::DbErr) -> Fault {
    let fault = Fault::from(error);
    if fault.is_conflict {
        return fault;
    }
    Fault { is_outcome_unknown: true, ..Fault::unavailable(format!("commit: {}", fault.detail)) }
}
