//! A transaction on its own connection. The connection goes back to the pool only if it is known to be outside any
//! transaction; otherwise it is closed and never reused.
//!
//! sqlx counts the depth of transactions itself. After a COMMIT that fails on SQLite, its count can stay at 1, and
//! every later "transaction" on that connection is a savepoint that is never committed. So transactions begin and end
//! here with plain statements. SQLite refuses `BEGIN` outside autocommit, and no savepoint is ever made.

mod statements;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sea_orm::sqlx::pool::PoolConnection;
use sea_orm::sqlx::{self, AssertSqlSafe, Postgres, Sqlite};
use sea_orm::{ConnectionTrait as _, DatabaseConnection, DbBackend, DbErr, RuntimeErr};
use tokio::runtime::Handle;
use tokio::sync::Mutex;

use super::connection_wait::ConnectionWait;
use super::database_error::is_outage;
use super::failpoint;
use super::pool::{HostLease, Pool};

/// The time limit for closing a connection.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);
/// The time limit of BEGIN, COMMIT or ROLLBACK. PostgreSQL's own time-outs are shorter, unless the network fails.
const STEP_TIMEOUT: Duration = Duration::from_secs(20);

/// The mode of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Reads and writes. On SQLite it takes the writer's lock at the beginning.
    Write,
    /// Reads and writes at READ COMMITTED, without a lock at the beginning.
    Read,
    /// Only reads, in one snapshot.
    Snapshot,
}

impl Mode {
    const fn sql(self, backend: DbBackend) -> &'static str {
        match (self, backend) {
            (Self::Write, DbBackend::Sqlite) => "BEGIN IMMEDIATE",
            (_, DbBackend::Sqlite) => "BEGIN DEFERRED",
            (Self::Snapshot, _) => "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY",
            _ => "BEGIN",
        }
    }
}

/// A running transaction. Dropping it rolls it back.
#[derive(Debug)]
pub struct Transaction {
    backend: DbBackend,
    session: Mutex<Session>,
    statements: StatementCount,
}

/// The statements that a store has sent to its database.
pub(super) type StatementCount = Arc<AtomicU64>;

#[derive(Debug)]
struct Session {
    /// `None` once the transaction has ended.
    connection: Option<Connection>,
    /// The host that the connection is to.
    lease: HostLease,
    state: State,
}

#[derive(Debug)]
enum Connection {
    Sqlite(PoolConnection<Sqlite>),
    Postgres(PoolConnection<Postgres>),
}

/// The state of the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// In the transaction, with no running statement.
    Ready,
    /// A statement was sent and its answer not read. If it is dropped here, the state of the connection is unknown.
    Busy,
    /// The database refused a statement. It can only be rolled back: PostgreSQL answers COMMIT with a silent ROLLBACK.
    Failed,
    /// The outcome of a statement is unknown.
    Unknown,
}

/// Runs the same code on the connection of either database.
macro_rules! on {
    ($connection:expr, $conn:ident => $body:expr) => {
        match $connection {
            Connection::Sqlite($conn) => $body,
            Connection::Postgres($conn) => $body,
        }
    };
}
use on;

impl Connection {
    /// A connection to the present host. If the pool moves meanwhile, it waits for the next host.
    async fn acquire(pool: &Pool) -> Result<(Self, HostLease), DbErr> {
        failpoint::reach("transaction.acquire").await?;
        let wait = ConnectionWait::begin();
        let (connection, lease) = loop {
            let (present, mut lease) = pool.lease();
            tokio::select! {
                biased;
                () = lease.left() => {}
                acquired = Self::acquire_from(&present) => break (acquired, lease),
            }
        };
        wait.end(connection.as_ref().err());
        let connection = connection.map_err(|error| match error {
            sqlx::Error::PoolTimedOut => DbErr::ConnectionAcquire(sea_orm::ConnAcquireErr::Timeout),
            sqlx::Error::PoolClosed => DbErr::ConnectionAcquire(sea_orm::ConnAcquireErr::ConnectionClosed),
            other => DbErr::Conn(RuntimeErr::SqlxError(other.into())),
        })?;
        Ok((connection, lease))
    }

    async fn acquire_from(pool: &DatabaseConnection) -> Result<Self, sqlx::Error> {
        match pool.get_database_backend() {
            DbBackend::Sqlite => pool.get_sqlite_connection_pool().acquire().await.map(Self::Sqlite),
            _ => pool.get_postgres_connection_pool().acquire().await.map(Self::Postgres),
        }
    }

    async fn run(&mut self, sql: &str) -> Result<(), sqlx::Error> {
        on!(self, conn => sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut **conn).await.map(drop))
    }

    /// Closes the connection and waits until it is closed, for a limited time: the next writer of SQLite needs its
    /// lock.
    async fn close(self) {
        let closed = async { on!(self, conn => conn.close().await) };
        match tokio::time::timeout(CLOSE_TIMEOUT, closed).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "closing a database connection failed"),
            Err(_) => tracing::warn!("closing a database connection timed out"),
        }
    }

    /// Closes the connection in the background.
    fn close_later(mut self) {
        on!(&mut self, conn => conn.close_on_drop());
    }
}

impl Session {
    /// The connection, for one statement. Until [`Session::leave`] its state is unknown.
    async fn enter(&mut self) -> Result<(&mut Connection, &mut HostLease), DbErr> {
        if self.state != State::Ready {
            return Err(DbErr::Custom(format!(
                "the transaction's connection is {:?} and takes no statement",
                self.state
            )));
        }
        self.state = State::Busy;
        let injected = failpoint::inject("transaction.statement.before").await;
        if injected.is_err() {
            self.leave(injected).await.map_err(query_error)?;
        }
        Ok((self.connection.as_mut().ok_or_else(ended)?, &mut self.lease))
    }

    /// Records how a statement ended.
    async fn leave<T>(&mut self, outcome: Result<T, sqlx::Error>) -> Result<T, sqlx::Error> {
        let outcome = match outcome {
            Ok(value) => failpoint::inject("transaction.statement.after").await.map(|()| value),
            failed => failed,
        };
        self.state = match &outcome {
            Ok(_) | Err(sqlx::Error::RowNotFound) => State::Ready,
            // After an outage the database may have ended the transaction, or the session.
            Err(sqlx::Error::Database(error)) if error.code().is_some_and(|code| !is_outage(&code)) => {
                State::Failed
            }
            Err(_) => State::Unknown,
        };
        outcome
    }
}

/// Begin, commit or rollback: its statement and the failpoints around it.
struct Step<'s> {
    before: &'static str,
    sql: &'s str,
    after: &'static str,
}

impl<'s> Step<'s> {
    const fn begin(sql: &'s str) -> Self {
        Self { before: "transaction.begin.before", sql, after: "transaction.begin.after" }
    }

    const COMMIT: Self =
        Self { before: "transaction.commit.before", sql: "COMMIT", after: "transaction.commit.after" };
    const ROLLBACK: Self =
        Self { before: "transaction.rollback.before", sql: "ROLLBACK", after: "transaction.rollback.after" };
}

impl Session {
    /// Runs a step. The connection is closed unless the database confirms it.
    async fn step(&mut self, step: Step<'_>) -> Result<(), DbErr> {
        let Some(connection) = &mut self.connection else { return Err(ended()) };
        self.state = State::Busy;
        let outcome = async {
            failpoint::inject(step.before).await?;
            connection.run(failpoint::statement(step.sql)).await?;
            failpoint::inject(step.after).await
        };
        let outcome = async { self.lease.bound(outcome).await.unwrap_or_else(|why| Err(why.into())) };
        match tokio::time::timeout(STEP_TIMEOUT, outcome).await {
            Ok(Ok(())) => {
                self.state = State::Ready;
                Ok(())
            }
            Ok(Err(error)) => {
                self.close().await;
                Err(query_error(error))
            }
            Err(_) => {
                self.close().await;
                Err(query_error(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into())))
            }
        }
    }

    async fn close(&mut self) {
        if let Some(connection) = self.connection.take()
            && !failpoint::keeps_broken_connections()
        {
            connection.close().await;
        }
    }
}

impl Transaction {
    /// Begins a transaction on a connection of the pool.
    ///
    /// # Errors
    /// If no connection is available, or the database refuses; the connection is closed then.
    pub(super) async fn begin(pool: &Pool, mode: Mode, statements: &StatementCount) -> Result<Self, DbErr> {
        Self::begin_and(pool, mode, "", statements).await
    }

    /// Begins a transaction, and sends more statements with the BEGIN, each with a `;` before it.
    ///
    /// # Errors
    /// If no connection is available, or the database refuses; the connection is closed then.
    pub(super) async fn begin_and(
        pool: &Pool,
        mode: Mode,
        statements_after: &str,
        statements: &StatementCount,
    ) -> Result<Self, DbErr> {
        let backend = pool.get_database_backend();
        let (connection, lease) = Connection::acquire(pool).await?;
        let session = Mutex::new(Session { connection: Some(connection), lease, state: State::Busy });
        let mut begun = Self { backend, session, statements: Arc::clone(statements) };
        begun.count();
        let sql = format!("{}{statements_after}", mode.sql(backend));
        begun.session.get_mut().step(Step::begin(&sql)).await?;
        Ok(begun)
    }

    fn count(&self) {
        self.statements.fetch_add(1, Ordering::Relaxed);
    }

    /// Commits. The connection goes back to the pool only after the database has confirmed it.
    ///
    /// # Errors
    /// If a statement failed before: nothing was committed then. If the database does not confirm: the outcome is
    /// unknown then.
    pub(super) async fn commit(mut self) -> Result<(), DbErr> {
        let session = self.session.get_mut();
        if session.state != State::Ready {
            let state = session.state;
            session.close().await;
            return Err(DbErr::Custom(format!(
                "a transaction whose connection is {state:?} is not committed"
            )));
        }
        self.statements.fetch_add(1, Ordering::Relaxed);
        session.step(Step::COMMIT).await?;
        session.connection = None;
        Ok(())
    }

    /// Rolls back.
    ///
    /// # Errors
    /// If the database does not confirm; the connection is closed then, which rolls back as well.
    pub async fn rollback(mut self) -> Result<(), DbErr> {
        let session = self.session.get_mut();
        match session.state {
            State::Ready | State::Failed => session.step(Step::ROLLBACK).await?,
            State::Busy | State::Unknown => session.close().await,
        }
        session.connection = None;
        Ok(())
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        let session = self.session.get_mut();
        let Some(connection) = session.connection.take() else { return };
        let lease = std::mem::replace(&mut session.lease, HostLease::none());
        if matches!(session.state, State::Busy | State::Unknown) {
            return connection.close_later();
        }
        let Ok(runtime) = Handle::try_current() else { return connection.close_later() };
        runtime.spawn(async move {
            let mut session = Session { connection: Some(connection), lease, state: State::Ready };
            if let Err(error) = session.step(Step::ROLLBACK).await {
                tracing::warn!(%error, "rollback of an abandoned transaction failed; the connection is closed");
            }
        });
    }
}

fn ended() -> DbErr {
    DbErr::Custom("the transaction has ended".to_owned())
}

fn query_error(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(error.into()))
}
