//! Access to the database of a run while servers work on it: queries of this suite, and waits for their results.
//!
//! Every wait is limited or ends at an instant.

use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, Utc};
use hotline_server::ticket::Instant;
use sea_orm::{ConnectionTrait as _, DatabaseConnection, DbBackend, QueryResult, Statement};

/// The interval between two queries of a wait.
const ASK_EVERY: Duration = Duration::from_millis(50);

const NOW_POSTGRES: &str = "SELECT (EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::BIGINT";
const NOW_SQLITE: &str = "SELECT CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) * 1000";

/// A separate connection.
#[derive(Debug, Clone)]
pub(crate) struct Observer(DatabaseConnection);

/// An instant in the tables.
pub(crate) fn instant(micros: i64) -> Instant {
    DateTime::<Utc>::from_timestamp_micros(micros).expect("an instant of our time")
}

impl Observer {
    /// Over an existing connection.
    pub(crate) const fn of(connection: DatabaseConnection) -> Self {
        Self(connection)
    }

    /// To a SQLite file that a server serves; read-only.
    pub(crate) async fn into_file(file: &Path) -> Self {
        let url = format!("sqlite://{}?mode=ro", file.display());
        Self(sea_orm::Database::connect(url).await.expect("the file can be read"))
    }

    pub(crate) fn is_sqlite(&self) -> bool {
        self.0.get_database_backend() == DbBackend::Sqlite
    }

    /// The time of the database's clock; on SQLite of this machine's.
    pub(crate) async fn now(&self) -> Instant {
        instant(self.count(if self.is_sqlite() { NOW_SQLITE } else { NOW_POSTGRES }).await)
    }

    /// Runs a statement; returns how many rows it changed.
    pub(crate) async fn execute(&self, sql: &str) -> u64 {
        let done = self.0.execute_unprepared(sql).await;
        done.unwrap_or_else(|error| panic!("{sql}: {error}")).rows_affected()
    }

    /// The rows of a query.
    pub(crate) async fn rows(&self, sql: &str) -> Vec<QueryResult> {
        let statement = Statement::from_string(self.0.get_database_backend(), sql);
        self.0.query_all_raw(statement).await.unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// The one number that a query returns.
    pub(crate) async fn count(&self, sql: &str) -> i64 {
        self.rows(sql).await[0].try_get_by_index(0).unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// Waits until an instant by the database's clock.
    pub(crate) async fn wait_until(&self, instant: Instant) {
        while let Ok(left) = (instant - self.now().await).to_std() {
            tokio::time::sleep(left).await;
        }
    }

    /// Waits until a query returns 0; returns the time it took, or `None` after the limit.
    pub(crate) async fn wait_for_none(&self, sql: &str, at_most: Duration) -> Option<Duration> {
        let begun = tokio::time::Instant::now();
        while begun.elapsed() < at_most {
            if self.count(sql).await == 0 {
                return Some(begun.elapsed());
            }
            tokio::time::sleep(ASK_EVERY).await;
        }
        None
    }

    /// Waits until no timer that was due by then is left.
    pub(crate) async fn wait_for_quiet(&self, until: Instant, at_most: Duration) -> Option<Duration> {
        let due = format!("SELECT count(*) FROM ticket_timer WHERE due_at <= {}", until.timestamp_micros());
        self.wait_for_none(&due, at_most).await
    }
}
