//! How connections to the databases are opened: their settings, and how many a pool has.

use std::path::Path;
use std::time::Duration;

use sea_orm::ConnectOptions;
use sea_orm::sqlx::postgres::{PgConnectOptions, PgConnection};
use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::sqlx::{self, ConnectOptions as _, Connection as _};

use super::database_hosts::DatabaseHost;

/// Whether a host takes no writes: a standby, or a server whose transactions are read-only.
const IS_READ_ONLY: &str = "SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean";
/// The name by which PostgreSQL lists the connections of a server.
const APPLICATION: &str = "hotline-server";

/// How long a call waits for a connection.
pub(super) const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a SQLite connection waits for the writer.
const SQLITE_BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a connection to PostgreSQL may have been idle to be used without a look whether it is still there.
const POSTGRES_TRUSTED_IDLE: Duration = Duration::from_secs(1);
/// SQLite's only writer. The default cache is smaller than the changes of one batch of the runner, so that pages would
/// be written and read again before the commit.
pub(super) const SQLITE_WRITER: SqlitePool = SqlitePool { connections: 1, cache: "-32768", rows_ahead: 500 };
/// The readers beside it, with the default cache.
pub(super) const SQLITE_READERS: SqlitePool = SqlitePool { connections: 4, cache: "-2000", rows_ahead: 500 };
/// Readers of everything, beside a process that serves it: each continues to read while its rows are checked.
pub(super) const SQLITE_READERS_OF_ALL: SqlitePool =
    SqlitePool { connections: 5, cache: "-2000", rows_ahead: 5_000 };
/// The setting that every connection of the server begins with, and its value.
const ALL_ROWS: (&str, &str) = ("hotline.scope", "all");
/// The settings of a connection to PostgreSQL: time-outs of a statement, a lock and an idle transaction, in
/// milliseconds, and its scope.
pub(super) const POSTGRES_SETTINGS: [(&str, &str); 4] = [
    ("statement_timeout", "10000"),
    ("lock_timeout", "5000"),
    // If a server freezes in a transaction, its locks are released after this time.
    ("idle_in_transaction_session_timeout", "4000"),
    ALL_ROWS,
];
/// More settings for the connections of grouped commands. Their statements have the same text for any number of rows, so
/// one plan serves all of them. The plan must not follow the size of the tables at the time it was made: one that was made
/// when they were empty would read all of a table for each group from then on. So only indexes and loops are offered.
pub(super) const GROUPED_COMMANDS: [(&str, &str); 4] = [
    ("plan_cache_mode", "force_generic_plan"),
    ("enable_seqscan", "off"),
    ("enable_hashjoin", "off"),
    ("enable_mergejoin", "off"),
];

/// Connections to a SQLite file.
#[derive(Debug, Clone, Copy)]
pub(super) struct SqlitePool {
    connections: u32,
    /// The page cache of each connection, in KiB, as SQLite writes it.
    cache: &'static str,
    /// Rows that SQLite's thread reads ahead of its consumer. Each time that one waits for the other, there are two
    /// context switches.
    rows_ahead: usize,
}

/// What the host of a pool must take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HostNeed {
    /// Writes, and reads that decisions depend on.
    Writes,
    /// Reads alone; a standby is enough.
    Reads,
}

/// A connection that asks a host whether it takes writes.
///
/// # Errors
/// If the URL can't be read.
pub(super) fn host_options(host: &DatabaseHost) -> Result<PgConnectOptions, sqlx::Error> {
    let options: PgConnectOptions = host.url().parse()?;
    Ok(options.options(POSTGRES_SETTINGS).application_name(APPLICATION).disable_statement_logging())
}

/// A pool of connections to PostgreSQL with these settings.
pub(super) fn postgres_options(
    url: &str,
    connections: u32,
    settings: &[(&'static str, &'static str)],
    need: HostNeed,
) -> ConnectOptions {
    let settings = settings.to_vec();
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .test_before_acquire(false)
        .sqlx_logging(false)
        .map_sqlx_postgres_opts(move |options| {
            options.options(settings.iter().copied()).application_name(APPLICATION)
        })
        // Between a demotion and the move to another host, a connection to the old host would refuse every write.
        .map_sqlx_postgres_pool_opts(move |options| {
            options.after_connect(move |connection, _| Box::pin(check_host(connection, need)))
        })
        // A connection that was idle for long may be broken. No connection comes back inside a transaction: only
        // `platform::transaction` begins one, and closes the connection unless the transaction has ended.
        .map_sqlx_postgres_before_acquire(|connection, meta| {
            Box::pin(
                async move { Ok(meta.idle_for < POSTGRES_TRUSTED_IDLE || connection.ping().await.is_ok()) },
            )
        });
    options
}

/// Whether the host of a connection takes no writes.
pub(super) async fn is_read_only(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(IS_READ_ONLY).fetch_one(connection).await
}

/// Refuses a connection to a host that does not take what the pool needs.
async fn check_host(connection: &mut PgConnection, need: HostNeed) -> Result<(), sqlx::Error> {
    if need == HostNeed::Writes && is_read_only(connection).await? {
        return Err(sqlx::Error::Io(std::io::Error::other("the database host is read-only")));
    }
    Ok(())
}

/// A pool of connections to a SQLite file.
pub(super) fn sqlite_options(path: &Path, pool: SqlitePool) -> ConnectOptions {
    // The file is given by its path and not by a URL, in which some characters of a path have a special meaning.
    let path = path.to_owned();
    let mut options = ConnectOptions::new("sqlite://file?mode=rwc");
    options
        .max_connections(pool.connections)
        // All connections are opened at once. A connection that is opened after the file was replaced would apply its
        // log to another database, and destroy what the others have acknowledged.
        .min_connections(pool.connections)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .idle_timeout(None::<Duration>)
        .max_lifetime(None::<Duration>)
        .test_before_acquire(false)
        .sqlx_logging(false)
        // Transactions begin with plain statements, so sqlx never counts one. A connection with another count is
        // closed.
        .map_sqlx_sqlite_before_acquire(|connection, _| {
            let is_outside = !connection.is_in_transaction();
            Box::pin(async move { Ok(is_outside) })
        })
        .map_sqlx_sqlite_opts(move |options| {
            options
                .filename(&path)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .foreign_keys(true)
                .busy_timeout(SQLITE_BUSY_TIMEOUT)
                .statement_cache_capacity(200)
                .row_buffer_size(pool.rows_ahead)
                .pragma("cache_size", pool.cache)
        });
    options
}
