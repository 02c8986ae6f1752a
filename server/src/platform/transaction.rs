//! A transaction on a connection of its own. The connection goes back to the pool only if it is known to be outside any
//! transaction; otherwise it is closed and never lent again.
//!
//! sqlx counts the depth of transactions by itself. After a COMMIT that fails on SQLite its count can stay at 1, and
//! every later "transaction" on that connection is a savepoint that nobody commits. So transactions are begun and ended
//! here with plain statements: SQLite refuses `BEGIN` outside autocommit, and no savepoint is ever made.

use std::time::Duration;

use sea_orm::sqlx::pool::PoolConnection;
use sea_orm::sqlx::{self, AssertSqlSafe, Postgres, Sqlite};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr, Statement,
    Values,
};
use sea_query_sqlx::SqlxValues;
use tokio::runtime::Handle;
use tokio::sync::Mutex;

use super::connection_wait::ConnectionWait;
use super::failpoint;
use super::fault::is_outage;

/// How long closing a connection may take before it is abandoned.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);
/// How long BEGIN, COMMIT or ROLLBACK may take. PostgreSQL's own time-outs are shorter unless the network is cut.
const STEP_TIMEOUT: Duration = Duration::from_secs(20);

/// How a transaction is begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Reads and writes. On SQLite it takes the writer's lock at once.
    Write,
    /// Reads and writes at READ COMMITTED, without a lock at the beginning.
    Read,
    /// Only reads, and everything as of one instant.
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

/// A transaction under way. Dropping it rolls it back.
#[derive(Debug)]
pub struct Transaction {
    backend: DbBackend,
    session: Mutex<Session>,
}

#[derive(Debug)]
struct Session {
    /// `None` once the transaction has ended.
    connection: Option<Connection>,
    state: State,
}

#[derive(Debug)]
enum Connection {
    Sqlite(PoolConnection<Sqlite>),
    Postgres(PoolConnection<Postgres>),
}

/// What is known about the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// In the transaction, with no statement under way.
    Ready,
    /// A statement was sent and its answer not read: whoever drops it here leaves the connection in an unknown state.
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

impl Connection {
    async fn acquire(pool: &DatabaseConnection) -> Result<Self, DbErr> {
        failpoint::reach("transaction.acquire").await?;
        let wait = ConnectionWait::begin();
        let connection = match pool.get_database_backend() {
            DbBackend::Sqlite => pool.get_sqlite_connection_pool().acquire().await.map(Self::Sqlite),
            _ => pool.get_postgres_connection_pool().acquire().await.map(Self::Postgres),
        };
        wait.end(connection.as_ref().err());
        connection.map_err(|error| match error {
            sqlx::Error::PoolTimedOut => DbErr::ConnectionAcquire(sea_orm::ConnAcquireErr::Timeout),
            sqlx::Error::PoolClosed => DbErr::ConnectionAcquire(sea_orm::ConnAcquireErr::ConnectionClosed),
            other => DbErr::Conn(RuntimeErr::SqlxError(other.into())),
        })
    }

    async fn run(&mut self, sql: &'static str) -> Result<(), sqlx::Error> {
        on!(self, conn => sqlx::raw_sql(sql).execute(&mut **conn).await.map(drop))
    }

    /// Closes the connection and waits, a bounded time, until it is closed: the next writer of SQLite needs its lock.
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
    /// The connection, for one statement; until [`Session::leave`] its state is unknown.
    async fn enter(&mut self) -> Result<&mut Connection, DbErr> {
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
        self.connection.as_mut().ok_or_else(ended)
    }

    /// Takes note of how a statement ended.
    async fn leave<T>(&mut self, outcome: Result<T, sqlx::Error>) -> Result<T, sqlx::Error> {
        let outcome = match outcome {
            Ok(value) => failpoint::inject("transaction.statement.after").await.map(|()| value),
            failed => failed,
        };
        self.state = match &outcome {
            Ok(_) | Err(sqlx::Error::RowNotFound) => State::Ready,
            // After an outage the database may have ended the transaction, or the session, by itself.
            Err(sqlx::Error::Database(error)) if error.code().is_some_and(|code| !is_outage(&code)) => {
                State::Failed
            }
            Err(_) => State::Unknown,
        };
        outcome
    }
}

/// Begin, commit or rollback: its statement and the places of fault injection around it.
struct Step {
    before: &'static str,
    sql: &'static str,
    after: &'static str,
}

impl Step {
    const fn begin(sql: &'static str) -> Self {
        Self { before: "transaction.begin.before", sql, after: "transaction.begin.after" }
    }

    const COMMIT: Self =
        Self { before: "transaction.commit.before", sql: "COMMIT", after: "transaction.commit.after" };
    const ROLLBACK: Self =
        Self { before: "transaction.rollback.before", sql: "ROLLBACK", after: "transaction.rollback.after" };
}

impl Session {
    /// Takes a step. The connection is closed unless the database confirms it.
    async fn step(&mut self, step: Step) -> Result<(), DbErr> {
        let Some(connection) = &mut self.connection else { return Err(ended()) };
        self.state = State::Busy;
        let outcome = async {
            failpoint::inject(step.before).await?;
            connection.run(failpoint::statement(step.sql)).await?;
            failpoint::inject(step.after).await
        };
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
    /// Where no connection can be had, or the database refuses; the connection is closed then.
    pub(super) async fn begin(pool: &DatabaseConnection, mode: Mode) -> Result<Self, DbErr> {
        let backend = pool.get_database_backend();
        let connection = Some(Connection::acquire(pool).await?);
        let mut begun = Self { backend, session: Mutex::new(Session { connection, state: State::Busy }) };
        begun.session.get_mut().step(Step::begin(mode.sql(backend))).await?;
        Ok(begun)
    }

    /// Commits. The connection goes back to the pool only if the database has confirmed it.
    ///
    /// # Errors
    /// Where a statement failed before: nothing was committed then. Where the database does not confirm: what was
    /// committed is unknown then.
    pub(super) async fn commit(mut self) -> Result<(), DbErr> {
        let session = self.session.get_mut();
        if session.state != State::Ready {
            let state = session.state;
            session.close().await;
            return Err(DbErr::Custom(format!(
                "a transaction whose connection is {state:?} is not committed"
            )));
        }
        session.step(Step::COMMIT).await?;
        session.connection = None;
        Ok(())
    }

    /// Rolls back.
    ///
    /// # Errors
    /// Where the database does not confirm; the connection is closed then, which rolls back as well.
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
        if matches!(session.state, State::Busy | State::Unknown) {
            return connection.close_later();
        }
        let Ok(runtime) = Handle::try_current() else { return connection.close_later() };
        runtime.spawn(async move {
            let mut session = Session { connection: Some(connection), state: State::Ready };
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

/// The statement for sqlx, with its values.
fn query<DB>(statement: &Statement) -> sqlx::query::Query<'_, DB, SqlxValues>
where
    DB: sqlx::Database,
    SqlxValues: sqlx::IntoArguments<DB>,
{
    let values = statement.values.clone().unwrap_or(Values(Vec::new()));
    sqlx::query_with(AssertSqlSafe(statement.sql.as_str()), SqlxValues(values))
}

#[async_trait::async_trait]
impl ConnectionTrait for Transaction {
    fn get_database_backend(&self) -> DbBackend {
        self.backend
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let mut session = self.session.lock().await;
        let connection = session.enter().await?;
        let outcome = on!(connection, conn => {
            query(&statement).execute(&mut **conn).await.map(ExecResult::from)
        });
        session.leave(outcome).await.map_err(|error| DbErr::Exec(RuntimeErr::SqlxError(error.into())))
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let mut session = self.session.lock().await;
        let connection = session.enter().await?;
        let outcome = on!(connection, conn => {
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut **conn).await.map(ExecResult::from)
        });
        session.leave(outcome).await.map_err(|error| DbErr::Exec(RuntimeErr::SqlxError(error.into())))
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let mut session = self.session.lock().await;
        let connection = session.enter().await?;
        let outcome = on!(connection, conn => {
            let row = query(&statement).fetch_optional(&mut **conn).await;
            row.map(|row| row.map(QueryResult::from))
        });
        session.leave(outcome).await.map_err(query_error)
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let mut session = self.session.lock().await;
        let connection = session.enter().await?;
        let outcome = on!(connection, conn => {
            let rows = query(&statement).fetch_all(&mut **conn).await;
            rows.map(|rows| rows.into_iter().map(QueryResult::from).collect())
        });
        session.leave(outcome).await.map_err(query_error)
    }
}
