//! The embedded database as files. It checks that the open file is still the one at its path, that a log beside a file
//! belongs to it, and that the file is intact. It also copies a file while it is served.
//!
//! Each session of a server has a number. The number is in the file (`PRAGMA user_version`) and in a separate file
//! beside it. If a server died and left its log (`-wal`), the log belongs to the session in the file beside it. A
//! database file with another number was put there since, and the log would overwrite parts of it.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode};
use sea_orm::sqlx::{self, AssertSqlSafe, ConnectOptions as _, Connection as _};

use super::{private_file, random};

/// The first bytes of a SQLite file.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// The positions of `user_version` and `application_id` in the header.
const USER_VERSION: std::ops::Range<usize> = 60..64;
const APPLICATION_ID: std::ops::Range<usize> = 68..72;
/// The part of the header that is read.
const HEADER_BYTES: usize = 72;
/// The `application_id` of a file that `hotline-server backup` made: "HTLB".
const BACKUP_ID: i32 = 0x4854_4C42;
/// Files up to this size are checked at each start; larger ones when they are restored or verified.
const CHECKED_AT_START_BYTES_MAX: u64 = 2 << 30;
/// Lines of SQLite's integrity check that are kept.
const DAMAGES_MAX: u32 = 20;

/// A path with a suffix.
fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(end);
    path.with_file_name(name)
}

fn is_filled(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|about| about.len() > 0)
}

/// Whether there is a database file at this path.
#[must_use]
pub fn exists(path: &Path) -> bool {
    is_filled(path)
}

/// The files that SQLite left beside a database and that are not empty.
#[must_use]
pub fn leftovers(path: &Path) -> Vec<PathBuf> {
    ["-wal", "-shm", "-journal"]
        .map(|end| beside(path, end))
        .into_iter()
        .filter(|path| is_filled(path))
        .collect()
}

/// The log beside a database.
#[must_use]
pub fn log_of(path: &Path) -> PathBuf {
    beside(path, "-wal")
}

fn session_file(path: &Path) -> PathBuf {
    path.with_extension("session")
}

/// The first bytes of a SQLite file; `None` for another file.
fn header(path: &Path) -> io::Result<Option<[u8; HEADER_BYTES]>> {
    let mut header = [0; HEADER_BYTES];
    match File::open(path)?.read_exact(&mut header) {
        Ok(()) => Ok(header.starts_with(MAGIC).then_some(header)),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error),
    }
}

fn number_at(header: &[u8; HEADER_BYTES], place: std::ops::Range<usize>) -> i32 {
    header[place].iter().fold(0, |number, byte| (number << 8) | i32::from(*byte))
}

/// Whether `hotline-server backup` made a file.
///
/// # Errors
/// If it can't be read.
pub fn is_backup(path: &Path) -> io::Result<bool> {
    Ok(header(path)?.is_some_and(|header| number_at(&header, APPLICATION_ID) == BACKUP_ID))
}

/// Whether the database at this path may be opened: it is a SQLite file, and a log beside it belongs to it.
///
/// # Errors
/// What is wrong, and what to do.
pub fn check_before_open(path: &Path) -> Result<(), String> {
    let shown = path.display();
    let left: Vec<_> = leftovers(path).iter().map(|path| path.display().to_string()).collect();
    if !exists(path) {
        if left.is_empty() {
            return Ok(());
        }
        return Err(format!(
            "{shown} is not there, but what it left is ({}): the log holds what was acknowledged last and belongs to that \
             file. Find the file, or move all of it away and restore a backup",
            left.join(" and ")
        ));
    }
    let header = header(path).map_err(|error| format!("{shown}: {error}"))?;
    let header = header.ok_or_else(|| format!("{shown} is no SQLite database; restore a backup"))?;
    let Ok(known) = fs::read_to_string(session_file(path)) else { return Ok(()) };
    let session = number_at(&header, USER_VERSION);
    let is_known = known.split_whitespace().any(|one| one.parse() == Ok(session));
    if !left.is_empty() && !is_known {
        return Err(format!(
            "{} was left by another file than the one that lies at {shown} now; opening both together would damage it. \
             Move all of them away, and restore with `hotline-server restore --from FILE`",
            left.join(" and ")
        ));
    }
    Ok(())
}

async fn connect(path: &Path) -> Result<SqliteConnection, sqlx::Error> {
    SqliteConnectOptions::new().filename(path).create_if_missing(false).connect().await
}

async fn damages(path: &Path, asked: String) -> Result<Vec<String>, sqlx::Error> {
    let mut connection = connect(path).await?;
    let lines: Vec<String> = sqlx::query_scalar(AssertSqlSafe(asked)).fetch_all(&mut connection).await?;
    connection.close().await?;
    Ok(lines.into_iter().filter(|line| line != "ok").collect())
}

/// The findings of SQLite's full integrity check; empty if there are none.
pub async fn damage(path: &Path) -> Vec<String> {
    let found = damages(path, format!("PRAGMA integrity_check({DAMAGES_MAX})")).await;
    found.unwrap_or_else(|error| vec![error.to_string()])
}

/// Refuses a damaged file at start, by SQLite's quick check. Very large files are not checked.
///
/// # Errors
/// What is damaged, and what to do.
pub async fn check_whole(path: &Path) -> Result<(), String> {
    let bytes = fs::metadata(path).map(|about| about.len()).unwrap_or_default();
    if bytes > CHECKED_AT_START_BYTES_MAX {
        tracing::warn!(
            bytes,
            "database file is too large for the check at start; run `hotline-server verify`"
        );
        return Ok(());
    }
    let found = damages(path, format!("PRAGMA quick_check({DAMAGES_MAX})")).await;
    let found = found.unwrap_or_else(|error| vec![error.to_string()]);
    let Some(first) = found.first() else { return Ok(()) };
    Err(format!(
        "{} is damaged ({first}); keep it for evidence, move it and its -wal and -shm away, and restore a backup with \
         `hotline-server restore --from FILE`",
        path.display()
    ))
}

fn random_number() -> io::Result<i32> {
    let mut bytes = [0; 4];
    random::fill(&mut bytes)?;
    // Never 0, which is the number of a file that no server has served.
    Ok((i32::from_be_bytes(bytes) & i32::MAX).max(1))
}

/// The number of the last session in the file itself; 0 if there is none.
///
/// It may only be called while this process does not have the database open. On POSIX, closing a file drops every lock
/// that the process holds on it, including SQLite's. Another program could then remove the log under the server.
///
/// # Errors
/// If it can't be read.
pub fn session_in_file(path: &Path) -> Result<i32, String> {
    if !exists(path) {
        return Ok(0);
    }
    let header = header(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(header.map_or(0, |header| number_at(&header, USER_VERSION)))
}

/// Numbers the session of a server that has just opened a file, in the file and beside it. Until the number is in the
/// file itself, and not only in the log, the number `before` it is kept too.
///
/// # Errors
/// If one of the files can't be written.
pub async fn begin_session(path: &Path, before: i32) -> Result<(), String> {
    let wrong = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let next = random_number().map_err(|error| wrong(&error))?;
    let write = |text: String| private_file::write(&session_file(path), text.as_bytes());
    write(format!("{before}\n{next}\n")).map_err(|error| wrong(&error))?;
    let is_in_file = stamp(path, next).await.map_err(|error| wrong(&error))?;
    if is_in_file {
        write(format!("{next}\n")).map_err(|error| wrong(&error))?;
    }
    Ok(())
}

/// Writes a session's number; returns whether it is in the file itself now.
async fn stamp(path: &Path, number: i32) -> Result<bool, sqlx::Error> {
    let mut connection = connect(path).await?;
    sqlx::query(AssertSqlSafe(format!("PRAGMA user_version = {number}"))).execute(&mut connection).await?;
    // Another reader keeps pages in the log.
    let is_busy: i64 =
        sqlx::query_scalar("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&mut connection).await?;
    connection.close().await?;
    Ok(is_busy == 0)
}

/// Copies a database while it is served, with the content of its log, into a new file that only its owner can read. The
/// copy shows one instant and has no log.
///
/// # Errors
/// If there is such a file already; if the database can't be read or the copy can't be written.
pub async fn copy(from: &Path, to: &Path) -> Result<(), String> {
    let mut options = File::options();
    options.create_new(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(to).map(drop).map_err(|error| format!("{}: {error}", to.display()))?;
    let copied = copy_into(from, to).await;
    copied.map_err(|error| format!("{} can't be copied to {}: {error}", from.display(), to.display()))
}

async fn copy_into(from: &Path, to: &Path) -> Result<(), sqlx::Error> {
    let mut connection = connect(from).await?;
    sqlx::query(AssertSqlSafe(vacuum_into(to))).execute(&mut connection).await?;
    connection.close().await?;
    mark_backup(to).await
}

/// Marks a copy as complete and without a log, as [`copy`] makes it.
///
/// # Errors
/// If it can't be written.
pub async fn mark_backup(path: &Path) -> Result<(), sqlx::Error> {
    let number = random_number().map_err(sqlx::Error::Io)?;
    let mut copy = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .journal_mode(SqliteJournalMode::Delete)
        .connect()
        .await?;
    for pragma in [format!("PRAGMA user_version = {number}"), format!("PRAGMA application_id = {BACKUP_ID}")]
    {
        sqlx::query(AssertSqlSafe(pragma)).execute(&mut copy).await?;
    }
    copy.close().await?;
    File::open(path).and_then(|file| file.sync_all()).map_err(sqlx::Error::Io)
}

/// The statement that copies a database into a new or empty file.
#[must_use]
pub fn vacuum_into(to: &Path) -> String {
    format!("VACUUM INTO '{}'", to.display().to_string().replace('\'', "''"))
}

/// Copies a file and its log, and makes one file of them: for a copy that was not made by [`copy`].
///
/// # Errors
/// If it can't be read or written.
pub async fn fold(from: &Path, to: &Path) -> Result<(), String> {
    let wrong = |error: io::Error| format!("{} can't be copied to {}: {error}", from.display(), to.display());
    let copy = |from: &Path, to: &Path| {
        let mut options = File::options();
        options.create_new(true).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut target = options.open(to)?;
        io::copy(&mut File::open(from)?, &mut target)?;
        target.sync_all()
    };
    copy(from, to).map_err(wrong)?;
    let log = log_of(from);
    if is_filled(&log) {
        copy(&log, &log_of(to)).map_err(wrong)?;
    }
    // A database that is made from a backup must not have the backup's mark.
    let unmarked = async {
        let mut connection = connect(to).await?;
        sqlx::query("PRAGMA application_id = 0").execute(&mut connection).await?;
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut connection).await?;
        connection.close().await
    };
    unmarked.await.map_err(|error: sqlx::Error| {
        // SQLITE_CORRUPT and SQLITE_NOTADB.
        let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
        let is_damaged = code.is_some_and(|code| matches!(code.as_ref(), "11" | "26"));
        let what = if is_damaged { "is damaged" } else { "can't be read" };
        format!("{} {what}: {error}", from.display())
    })
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    /// An empty folder for this test.
    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("hotline-file-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        folder
    }

    #[test]
    fn a_file_that_is_no_database_or_lost_its_own_file_is_not_opened() {
        let folder = folder("before");
        let path = folder.join("x.sqlite");
        assert_eq!(check_before_open(&path), Ok(()), "nothing is there");
        fs::write(log_of(&path), "x").expect("it can be written");
        assert!(check_before_open(&path).is_err_and(|why| why.contains("is not there, but what it left is")));
        let mut header = [0_u8; HEADER_BYTES];
        header[..MAGIC.len()].copy_from_slice(MAGIC);
        header[USER_VERSION].copy_from_slice(&7_i32.to_be_bytes());
        fs::write(&path, header).expect("it can be written");
        assert_eq!(check_before_open(&path), Ok(()), "no session is known");
        fs::write(session_file(&path), "3\n7\n").expect("it can be written");
        assert_eq!(check_before_open(&path), Ok(()));
        fs::write(session_file(&path), "3\n").expect("it can be written");
        assert!(check_before_open(&path).is_err_and(|why| why.contains("was left by another file")));
        fs::remove_file(log_of(&path)).expect("it is there");
        assert_eq!(check_before_open(&path), Ok(()), "without a log any file is whole");
        fs::write(&path, "plain text").expect("it can be written");
        assert!(check_before_open(&path).is_err_and(|why| why.contains("is no SQLite database")));
        fs::remove_dir_all(&folder).expect("it is ours");
    }
}
