//! A pool of connections that can move to another host of the same database.
//!
//! A move replaces the pool as a whole. Connections to the old host are never lent again, and do not count against the
//! new pool, even if the old host answers nothing and each of them waits for it. What waits for a connection waits for
//! the new host. What has sent a statement to the old host fails at once, because its answer may never come.
//!
//! On PostgreSQL each statement has a time limit here too. PostgreSQL's own are shorter, and end nothing if the network
//! swallows the answer.

use std::sync::Arc;
use std::time::Duration;

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr, Statement,
    sqlx,
};
use tokio::sync::watch;

/// The time limit of a statement.
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(20);
/// How long the connections of the old host may take to close.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(30);

/// Connections to a database. A clone is the same pool.
#[derive(Debug, Clone)]
pub struct Pool {
    backend: DbBackend,
    current: Arc<watch::Sender<DatabaseConnection>>,
}

/// Why a statement was not waited for any longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Interruption {
    /// The pool has moved to another host.
    Moved,
    /// Its time was over.
    TimedOut,
}

impl From<Interruption> for sqlx::Error {
    fn from(interruption: Interruption) -> Self {
        Self::Io(match interruption {
            Interruption::Moved => std::io::Error::new(
                std::io::ErrorKind::ConnectionAborted,
                "the database moved to another host",
            ),
            Interruption::TimedOut => std::io::ErrorKind::TimedOut.into(),
        })
    }
}

/// The host of a connection, and whether the pool has left it.
#[derive(Debug)]
pub(super) struct HostLease(Option<watch::Receiver<DatabaseConnection>>);

impl HostLease {
    /// The lease of a host that is never left.
    pub(super) const fn none() -> Self {
        Self(None)
    }

    /// Completes if the pool leaves the host.
    pub(super) async fn left(&mut self) {
        let has_left = match &mut self.0 {
            // SQLite has no other host.
            None => false,
            Some(current) => current.changed().await.is_ok(),
        };
        if !has_left {
            std::future::pending::<()>().await;
        }
    }

    /// Waits for a statement as long as the pool stays on the host, but not for ever.
    pub(super) async fn bound<T>(&mut self, statement: impl Future<Output = T>) -> Result<T, Interruption> {
        if self.0.is_none() {
            return Ok(statement.await);
        }
        tokio::select! {
            biased;
            outcome = statement => Ok(outcome),
            () = self.left() => Err(Interruption::Moved),
            () = tokio::time::sleep(STATEMENT_TIMEOUT) => Err(Interruption::TimedOut),
        }
    }
}

impl Pool {
    pub(super) fn new(connection: DatabaseConnection) -> Self {
        let backend = connection.get_database_backend();
        Self { backend, current: Arc::new(watch::Sender::new(connection)) }
    }

    /// The connections to the host that the pool is on now.
    #[must_use]
    pub fn current(&self) -> DatabaseConnection {
        self.current.borrow().clone()
    }

    /// The same, with a lease of the host.
    pub(super) fn lease(&self) -> (DatabaseConnection, HostLease) {
        if self.backend == DbBackend::Sqlite {
            return (self.current(), HostLease::none());
        }
        let mut current = self.current.subscribe();
        let connection = current.borrow_and_update().clone();
        (connection, HostLease(Some(current)))
    }

    /// Moves to other connections. The old ones close in the background.
    pub(super) fn move_to(&self, connection: DatabaseConnection) {
        let old = self.current.send_replace(connection);
        tokio::spawn(async move {
            // Those to a silent host can't say good-bye. They end with this limit.
            let _ = tokio::time::timeout(CLOSE_TIMEOUT, old.close()).await;
        });
    }

    /// Closes the connections.
    ///
    /// # Errors
    /// Refusals of the database.
    pub(super) async fn close(&self) -> Result<(), DbErr> {
        self.current().close_by_ref().await
    }
}

/// A statement of its own on a connection of the pool. If the pool moves meanwhile, a read is sent once more, and a
/// write fails, because it may have been done.
macro_rules! on_current_host {
    ($pool:ident, $connection:ident => $statement:expr, again: $again:expr) => {{
        let ($connection, mut lease) = $pool.lease();
        let interruption = match lease.bound($statement).await {
            Ok(outcome) => return outcome,
            Err(interruption) => interruption,
        };
        if $again && interruption == Interruption::Moved {
            let ($connection, mut lease) = $pool.lease();
            if let Ok(outcome) = lease.bound($statement).await {
                return outcome;
            }
        }
        Err(DbErr::Query(RuntimeErr::SqlxError(Arc::new(interruption.into()))))
    }};
}

#[async_trait::async_trait]
impl ConnectionTrait for Pool {
    fn get_database_backend(&self) -> DbBackend {
        self.backend
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        on_current_host!(self, connection => connection.execute_raw(statement.clone()), again: false)
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        on_current_host!(self, connection => connection.execute_unprepared(sql), again: false)
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        on_current_host!(self, connection => connection.query_one_raw(statement.clone()), again: true)
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        on_current_host!(self, connection => connection.query_all_raw(statement.clone()), again: true)
    }
}
