//! Units of work: the only code that opens transactions that write. A unit of work has one instant. It runs in a task
//! of its own, so that a caller that disconnects cannot leave a half-finished transaction in a pooled connection. After
//! a conflict with another unit of work it is run again, a limited number of times.

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
use super::row_security::{self, TicketClaim};
use super::transaction::Mode;
use super::{Clock, Fault, Pool, Store, Transaction, failpoint};

/// How often a unit of work is tried if it has conflicts.
pub(super) const ATTEMPTS_MAX: u32 = 5;
/// The first pause after a conflict; it doubles.
pub(super) const CONFLICT_PAUSE: Duration = Duration::from_millis(2);

/// A running transaction and its one instant.
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
    /// Names a written row, for the self-check after the commit.
    pub fn wrote(&self, key: i64, version: i64) {
        if let Ok(mut written) = self.written.lock() {
            written.push(AcknowledgedWrite { key, version });
        }
    }

    /// The instant of everything that this unit of work records. It is fixed at the first call, which a command makes
    /// after it has its lock. So an event is never dated before the event of another command that it waited for.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        *self.now.get_or_init(|| self.clock.now())
    }

    /// The hash suite of the links that this unit of work adds to chains.
    #[must_use]
    pub const fn hash_suite(&self) -> HashSuite {
        self.suite
    }

    /// Limits this unit of work to the rows that a unit may see, by row-level security if the database has it. `None`,
    /// for staff, leaves every row visible.
    ///
    /// # Errors
    /// If the database refuses.
    pub async fn set_unit_scope(&self, unit: Option<&str>) -> Result<(), Fault> {
        let Some(unit) = unit.filter(|_| self.tx.get_database_backend() == DbBackend::Postgres) else {
            return Ok(());
        };
        self.has_unit_scope.store(true, Ordering::Relaxed);
        row_security::set_unit_scope(&self.tx, unit).await
    }

    /// Limits this unit of work to what several units have named: of each ticket what its one unit may see, by
    /// row-level security if the database has it.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn set_claims_scope(&self, claims: &[TicketClaim<'_>]) -> Result<(), Fault> {
        if self.tx.get_database_backend() != DbBackend::Postgres {
            return Ok(());
        }
        self.has_unit_scope.store(true, Ordering::Relaxed);
        row_security::set_claims_scope(&self.tx, claims).await
    }

    /// Whether this unit of work has the scope of units, in a database that has row-level security.
    #[must_use]
    pub fn has_unit_scope(&self) -> bool {
        self.has_unit_scope.load(Ordering::Relaxed)
    }

    /// Lets a unit of work with a unit's scope read and write the rows of these tickets, and of no others any more.
    /// They are those that it has found in its scope and locked, and those that it takes in.
    ///
    /// # Errors
    /// Where the database refuses.
    pub async fn allow_tickets(&self, tickets: &[i64]) -> Result<(), Fault> {
        if self.has_unit_scope.load(Ordering::Relaxed) {
            row_security::allow_tickets(&self.tx, tickets).await
        } else {
            Ok(())
        }
    }
}

/// The body of a unit of work: `async |work, input| …`, or an `async fn` with the same arguments.
///
/// After a conflict the body runs again, so it borrows its input. Everything that it needs must be in the input: a
/// closure that uses a captured variable is no `TxBody`. The trait is implemented for every function that fits, and
/// only functions that pass a body on need to name it.
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
    /// The refusals of `body`. `UNAVAILABLE` if conflicts do not end, if the database is away, and, marked as an
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

    /// A read-only transaction that sees one snapshot. It changes nothing, so it may be dropped at any time.
    ///
    /// # Errors
    /// `UNAVAILABLE` if the database does not answer.
    pub async fn snapshot(&self) -> Result<Transaction, Fault> {
        Ok(Transaction::begin(self.reader(), Mode::Snapshot, self.statement_count()).await?)
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
        let work = Work::begin(self, self.writer(), clock).await?;
        match body(&work, input).await {
            Ok(value) => work.commit(self).await.map(|()| value),
            Err(fault) => {
                work.roll_back().await;
                Err(fault)
            }
        }
    }
}

impl Work {
    /// Begins a unit of work on a connection of the pool.
    pub(super) async fn begin(store: &Store, pool: &Pool, clock: &Clock) -> Result<Self, Fault> {
        let tx = Transaction::begin(pool, Mode::Write, store.statement_count()).await.map_err(not_begun)?;
        let (suite, has_unit_scope) = (store.hash_suite(), AtomicBool::new(false));
        let now = OnceLock::new();
        Ok(Self { tx, clock: clock.clone(), now, suite, has_unit_scope, written: Mutex::default() })
    }

    /// Commits.
    ///
    /// # Errors
    /// A conflict if the database refuses the commit. Any other error is marked as an unknown outcome.
    pub(super) async fn commit(self, store: &Store) -> Result<(), Fault> {
        let Self { tx, written, .. } = self;
        if failpoint::acknowledges_early() {
            tokio::spawn(async move { tx.commit().await });
        } else {
            tx.commit().await.map_err(lost_commit)?;
        }
        store.acknowledged(&written.into_inner().unwrap_or_default());
        Ok(())
    }

    /// Rolls back. The refusal is the answer whether or not the rollback reaches the database: the connection is closed
    /// if it does not.
    pub(super) async fn roll_back(self) {
        if let Err(error) = self.tx.rollback().await {
            tracing::warn!(%error, "rollback failed; the connection is closed");
        }
    }
}

/// A transaction that did not begin has done nothing, so it can begin again on another connection.
fn not_begun(error: sea_orm::DbErr) -> Fault {
    let is_refused = matches!(error, sea_orm::DbErr::Query(_));
    let fault = Fault::from(error);
    if is_refused {
        return Fault { is_conflict: true, ..Fault::unavailable(format!("begin: {}", fault.detail)) };
    }
    fault
}

/// A commit that was refused by a constraint or a conflict did not happen. After any other error its outcome is
/// unknown.
fn lost_commit(error: sea_orm::DbErr) -> Fault {
    let fault = Fault::from(error);
    if fault.is_conflict {
        return fault;
    }
    Fault { is_outcome_unknown: true, ..Fault::unavailable(format!("commit: {}", fault.detail)) }
}
