//! A window into the database of a run, while servers work on it: queries of this suite, and waits on what they answer.
//!
//! Every wait is bounded or ends with an instant.

use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, Utc};
use hotline_server::ticket::Instant;
use sea_orm::{ConnectionTrait as _, DatabaseConnection, DbBackend, QueryResult, Statement};

/// How often a query is asked again while its answer is waited for.
const ASK_EVERY: Duration = Duration::from_millis(50);

const NOW_POSTGRES: &str = "SELECT (EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::BIGINT";
const NOW_SQLITE: &str = "SELECT CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) * 1000";

/// A connection of this suite's own.
#[derive(Debug, Clone)]
pub(crate) struct Observer(DatabaseConnection);

/// An instant of the tables.
pub(crate) fn instant(micros: i64) -> Instant {
    DateTime::<Utc>::from_timestamp_micros(micros).expect("an instant of our time")
}

impl Observer {
    /// Through a connection that is there.
    pub(crate) const fn of(connection: DatabaseConnection) -> Self {
        Self(connection)
    }

    /// Into a SQLite file that a server serves; nothing can be written through it.
    pub(crate) async fn into_file(file: &Path) -> Self {
        let url = format!("sqlite://{}?mode=ro", file.display());
        Self(sea_orm::Database::connect(url).await.expect("the file can be read"))
    }

    pub(crate) fn is_sqlite(&self) -> bool {
        self.0.get_database_backend() == DbBackend::Sqlite
    }

    /// The time by the database's clock; on SQLite by this machine's.
    pub(crate) async fn now(&self) -> Instant {
        instant(self.count(if self.is_sqlite() { NOW_SQLITE } else { NOW_POSTGRES }).await)
    }

    /// Runs a statement; how many rows it changed.
    pub(crate) async fn execute(&self, sql: &str) -> u64 {
        let done = self.0.execute_unprepared(sql).await;
        done.unwrap_or_else(|error| panic!("{sql}: {error}")).rows_affected()
    }

    /// The rows of a query.
    pub(crate) async fn rows(&self, sql: &str) -> Vec<QueryResult> {
        let statement = Statement::from_string(self.0.get_database_backend(), sql);
        self.0.query_all_raw(statement).await.unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// The one number that a query answers.
    pub(crate) async fn count(&self, sql: &str) -> i64 {
        self.rows(sql).await[0].try_get_by_index(0).unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// Waits until an instant by the database's clock.
    pub(crate) async fn wait_until(&self, instant: Instant) {
        while let Ok(left) = (instant - self.now().await).to_std() {
            tokio::time::sleep(left).await;
        }
    }

    /// Waits until a query answers 0; the time it took, or none where it took too long.
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
