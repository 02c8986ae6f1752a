//! The databases: an embedded SQLite file, which needs no installation, or PostgreSQL. Opens them with the settings for
//! durability and time limits, and refuses a database whose settings would lose an acknowledged ticket.

mod open_postgres;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use sea_orm::{ConnectionTrait as _, Database, DatabaseConnection, DbBackend, Statement};
use tokio::sync::{Notify, mpsc};

use super::Fault;
use super::acknowledged_write::AcknowledgedWrite;
use super::connect_options::{SQLITE_READERS, SQLITE_READERS_OF_ALL, SQLITE_WRITER, sqlite_options};
use super::database_error::is_away_at_opening;
use super::hashing::HashSuite;
use super::pool::Pool;
use super::postgres_pools::{PostgresPools, count_statements};
use super::transaction::StatementCount;

/// Connections to PostgreSQL on which grouped commands are written, one for each group in flight.
const GROUP_WRITERS: u32 = 4;
/// Commands that share a transaction at most, unless the configuration says otherwise.
const COMMANDS_PER_COMMIT_MAX: usize = 128;
/// An open database.
#[derive(Debug, Clone)]
pub struct Store {
    writer: Pool,
    reader: Pool,
    /// Connections for lists that no decision depends on, which a standby may answer.
    lists: Pool,
    background: Pool,
    /// Connections of the writers of grouped commands.
    group_writer: Pool,
    /// The connections that the database was opened with.
    opened_with: DatabaseConnection,
    /// The hosts of PostgreSQL, and the pools that follow them.
    postgres: Option<Arc<PostgresPools>>,
    commands_per_commit_max: usize,
    statements: StatementCount,
    hash_suite: HashSuite,
    /// The channel to the self-check, if there is one.
    acknowledged: Option<mpsc::Sender<AcknowledgedWrite>>,
    /// Notified after each commit that changed a ticket.
    changed: Arc<Notify>,
    /// Held while a SQLite file is served, so that no second process serves it.
    _lock: Option<Arc<File>>,
}

/// Why a database can't be served.
#[derive(Debug)]
pub enum StoreFault {
    /// It can't be opened.
    Open(String),
    /// None of its hosts answers, or none takes writes. The same may succeed later.
    Unavailable(String),
    /// Another process serves the file.
    Served(PathBuf),
    /// Its settings would lose acknowledged tickets.
    NotDurable(String),
}

impl std::fmt::Display for StoreFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Open(why) | Self::Unavailable(why) => write!(f, "can't open the database: {why}"),
            Self::Served(path) => write!(f, "another hotline-server serves {}", path.display()),
            Self::NotDurable(setting) => write!(f, "the database would lose acknowledged tickets: {setting}"),
        }
    }
}

impl std::error::Error for StoreFault {}

impl From<sea_orm::DbErr> for StoreFault {
    fn from(error: sea_orm::DbErr) -> Self {
        let why = error.to_string();
        if is_away_at_opening(&error) { Self::Unavailable(why) } else { Self::Open(why) }
    }
}

impl Store {
    /// Opens, or makes, the SQLite file, with one writer and readers beside it.
    ///
    /// # Errors
    /// [`StoreFault`] if it can't be opened, or another process serves it.
    pub async fn open_sqlite(path: &Path) -> Result<Self, StoreFault> {
        let lock = lock(path)?;
        make_private(path)?;
        let opened_with = Database::connect(sqlite_options(path, SQLITE_WRITER)).await?;
        let (statements, reader) = counted(Database::connect(sqlite_options(path, SQLITE_READERS)).await?);
        let hash_suite = HashSuite::default();
        let writer = Pool::new(opened_with.clone());
        Ok(Self {
            lists: reader.clone(),
            background: writer.clone(),
            group_writer: writer.clone(),
            opened_with,
            postgres: None,
            commands_per_commit_max: COMMANDS_PER_COMMIT_MAX,
            statements,
            writer,
            reader,
            hash_suite,
            acknowledged: None,
            changed: Arc::default(),
            _lock: Some(Arc::new(lock)),
        })
    }

    /// Opens the SQLite file only to read it, beside a process that serves it.
    ///
    /// # Errors
    /// [`StoreFault`] if it is missing or can't be opened.
    pub async fn read_sqlite(path: &Path) -> Result<Self, StoreFault> {
        if !path.is_file() {
            return Err(StoreFault::Open(format!("no database at {}", path.display())));
        }
        let (statements, reader) =
            counted(Database::connect(sqlite_options(path, SQLITE_READERS_OF_ALL)).await?);
        let hash_suite = HashSuite::default();
        Ok(Self {
            background: reader.clone(),
            group_writer: reader.clone(),
            opened_with: reader.current(),
            lists: reader.clone(),
            postgres: None,
            commands_per_commit_max: COMMANDS_PER_COMMIT_MAX,
            statements,
            writer: reader.clone(),
            reader,
            hash_suite,
            acknowledged: None,
            changed: Arc::default(),
            _lock: None,
        })
    }

    /// The same database, with this suite for new links of chains.
    #[must_use]
    pub fn hashing_with(self, hash_suite: HashSuite) -> Self {
        Self { hash_suite, ..self }
    }

    /// The same database, in which so many commands share a transaction at most. 1 gives each its own.
    #[must_use]
    pub fn committing_at_most(self, commands_per_commit_max: usize) -> Self {
        Self { commands_per_commit_max, ..self }
    }

    /// Commands that share a transaction at most.
    pub(super) const fn commands_per_commit_max(&self) -> usize {
        self.commands_per_commit_max
    }

    /// Groups of commands that may be in flight at once. SQLite has one writer.
    pub(super) fn group_writers(&self) -> usize {
        if self.is_sqlite() { 1 } else { GROUP_WRITERS as usize }
    }

    /// The statements that this store has sent to its database on behalf of calls, as far as the server counts them.
    #[must_use]
    pub fn statements_sent(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    pub(super) const fn statement_count(&self) -> &StatementCount {
        &self.statements
    }

    pub(super) const fn group_writer(&self) -> &Pool {
        &self.group_writer
    }

    /// The hash suite of new links.
    #[must_use]
    pub const fn hash_suite(&self) -> HashSuite {
        self.hash_suite
    }

    /// The same database, with a self-check of its writes. Writes that do not fit into the channel are not checked.
    #[must_use]
    pub fn checked_by(self, acknowledged: mpsc::Sender<AcknowledgedWrite>) -> Self {
        Self { acknowledged: Some(acknowledged), ..self }
    }

    /// Waits until this server has committed a change of a ticket. One task waits at a time.
    pub async fn changed(&self) {
        self.changed.notified().await;
    }

    /// Passes committed writes to the self-check, and wakes the task that waits for changes.
    pub(super) fn acknowledged(&self, written: &[AcknowledgedWrite]) {
        if !written.is_empty() {
            self.changed.notify_one();
        }
        if let (Some(sender), Some(last)) = (&self.acknowledged, written.last()) {
            // A full channel means that the sample is large enough.
            let _ = sender.try_send(*last);
        }
    }

    /// Whether it is SQLite.
    #[must_use]
    pub fn is_sqlite(&self) -> bool {
        self.reader.get_database_backend() == DbBackend::Sqlite
    }

    /// The connections for single reads; every write goes through [`Store::work`].
    #[must_use]
    pub const fn reader(&self) -> &Pool {
        &self.reader
    }

    /// The connections for lists that no decision depends on. If the configuration says so, a standby answers them, up
    /// to some seconds behind.
    #[must_use]
    pub const fn lists(&self) -> &Pool {
        &self.lists
    }

    /// The same database for background tasks. On PostgreSQL it has its own connections, so that calls and background
    /// tasks do not wait for each other's. SQLite has one writer for both.
    #[must_use]
    pub fn in_background(&self) -> Self {
        let reader = if self.is_sqlite() { &self.reader } else { &self.background };
        Self { writer: self.background.clone(), reader: reader.clone(), ..self.clone() }
    }

    /// The time of the database's own clock, in microseconds since 1970; only PostgreSQL has one.
    pub(super) async fn clock_timestamp(&self) -> Result<i64, Fault> {
        let asked = "SELECT CAST(FLOOR(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000) AS BIGINT)";
        let row = self.reader.query_one_raw(Statement::from_string(DbBackend::Postgres, asked)).await?;
        let row = row.ok_or_else(|| Fault::internal("the database returned no time"))?;
        Ok(row.try_get_by_index(0)?)
    }

    pub(super) const fn writer(&self) -> &Pool {
        &self.writer
    }

    /// The connections that migrations run on. They stay on the host that the database was opened on.
    #[must_use]
    pub const fn migrating(&self) -> &DatabaseConnection {
        &self.opened_with
    }

    /// Keeps the connections on the host that takes writes. Runs until it is dropped.
    pub async fn follow_hosts(&self) {
        match &self.postgres {
            Some(pools) => pools.follow().await,
            None => std::future::pending().await,
        }
    }

    /// Closes every connection; SQLite then writes its log back into the file.
    pub async fn close(&self) {
        let pools = [&self.reader, &self.lists, &self.writer, &self.background, &self.group_writer];
        for connection in pools {
            if let Err(error) = connection.close().await {
                tracing::warn!(%error, "closing a connection pool failed");
            }
        }
    }
}

/// A pool whose statements outside of transactions are counted.
fn counted(mut connection: DatabaseConnection) -> (StatementCount, Pool) {
    let statements = StatementCount::default();
    count_statements(&mut connection, &statements);
    (statements, Pool::new(connection))
}

/// Makes the database's file before SQLite does, so that only its owner can read the names in it. SQLite gives its
/// other files the same mode.
fn make_private(path: &Path) -> Result<(), StoreFault> {
    let mut options = File::options();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let made = options.open(path).map(drop);
    made.map_err(|error| StoreFault::Open(format!("{}: {error}", path.display())))
}

/// Takes the lock file beside the database; the operating system releases it when the process ends.
fn lock(path: &Path) -> Result<File, StoreFault> {
    let lock_path = path.with_extension("lock");
    let open = File::options().create(true).truncate(false).write(true).open(&lock_path);
    let file = open.map_err(|error| StoreFault::Open(format!("{}: {error}", lock_path.display())))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(StoreFault::Served(path.to_owned())),
        Err(std::fs::TryLockError::Error(error)) => Err(StoreFault::Open(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use sea_orm::{DbErr, RuntimeErr, sqlx};

    use super::*;

    #[test]
    fn a_store_that_may_open_later_is_unavailable() {
        let reset = || sqlx::Error::Io(std::io::ErrorKind::ConnectionReset.into());
        for error in [
            DbErr::Conn(RuntimeErr::SqlxError(reset().into())),
            DbErr::Query(RuntimeErr::SqlxError(reset().into())),
            DbErr::Conn(RuntimeErr::SqlxError(sqlx::Error::PoolTimedOut.into())),
            DbErr::ConnectionAcquire(sea_orm::ConnAcquireErr::Timeout),
        ] {
            let fault = StoreFault::from(error);
            assert!(matches!(fault, StoreFault::Unavailable(_)), "{fault:?}");
        }
        let configuration = sqlx::Error::Configuration("no such setting".into());
        for error in [DbErr::Conn(RuntimeErr::SqlxError(configuration.into())), DbErr::Type(String::new())] {
            let fault = StoreFault::from(error);
            assert!(matches!(fault, StoreFault::Open(_)), "{fault:?}");
        }
    }
}
