//! What an error of the database means for a call. Every error is classified here and nowhere else.
//!
//! | PostgreSQL | means | kind |
//! |---|---|---|
//! | 40001, 40P01, 55P03, unique key | another transaction was in the way | conflict |
//! | class 08 | the connection failed | outage |
//! | 25006 | a read-only server: a standby, or a primary that was demoted | outage |
//! | 25P03, 25P04 | the time-outs of an idle transaction, and of a transaction | outage |
//! | class 53 | out of connections, memory or disk | outage |
//! | class 57 | shutdown, start, crash of another session, statement time-out | outage |
//! | class 58 | an error of the system below | outage |
//! | any other code | a wrong statement or wrong data | internal error |
//!
//! A conflict is run again at once, a limited number of times. After that, and after an outage, the caller gets
//! `UNAVAILABLE` with the time to wait. Errors without a code are outages if the connection, the network or the pool
//! failed.

use sea_orm::{DbErr, RuntimeErr, SqlErr, sqlx};

use super::Fault;

/// What an error of the database means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The same unit of work may succeed at once.
    Conflict,
    /// The database is away, or can't take this now.
    Outage,
    /// It will fail again.
    Internal,
}

impl Kind {
    fn of(error: &DbErr) -> Self {
        if is_unique_violation(error) {
            return Self::Conflict;
        }
        match error {
            DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => Self::Outage,
            DbErr::Exec(RuntimeErr::SqlxError(inner)) | DbErr::Query(RuntimeErr::SqlxError(inner)) => {
                Self::of_sqlx(inner)
            }
            _ => Self::Internal,
        }
    }

    fn of_sqlx(error: &sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(error) => error.code().map_or(Self::Outage, |code| Self::of_code(&code)),
            // A half of an answer is a broken connection.
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => Self::Outage,
            _ => Self::Internal,
        }
    }

    /// The kind of a SQLSTATE, or of SQLite's extended code.
    fn of_code(code: &str) -> Self {
        let is_conflict = match sqlite_class(code) {
            // BUSY and LOCKED.
            Some(class) => matches!(class, 5 | 6),
            None => matches!(code, "40001" | "40P01" | "55P03"),
        };
        match (is_conflict, is_outage(code)) {
            (true, _) => Self::Conflict,
            (false, true) => Self::Outage,
            (false, false) => Self::Internal,
        }
    }
}

fn is_unique_violation(error: &DbErr) -> bool {
    matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_)))
}

impl From<DbErr> for Fault {
    fn from(error: DbErr) -> Self {
        match Kind::of(&error) {
            Kind::Conflict => {
                let what = if is_unique_violation(&error) { "unique constraint" } else { "conflict" };
                Self { is_conflict: true, ..Self::unavailable(format!("{what}: {error}")) }
            }
            Kind::Outage => Self::unavailable(format!("the database is away: {error}")),
            Kind::Internal => Self::internal(format!("database: {error}")),
        }
    }
}

/// Whether an error means that the database is away or read-only, so that the same can succeed later.
#[must_use]
pub fn is_unavailable(error: &DbErr) -> bool {
    Kind::of(error) == Kind::Outage
}

/// The same while a store is opened. A new connection may also be refused for ever: because of who connects, or because
/// a file is no database.
pub(super) fn is_away_at_opening(error: &DbErr) -> bool {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(inner)) => is_host_unavailable(inner),
        other => is_unavailable(other),
    }
}

/// Whether connecting failed because the host is away or not ready, and not because of who connects, or to what.
pub(super) fn is_host_unavailable(error: &sqlx::Error) -> bool {
    Kind::of_sqlx(error) == Kind::Outage
}

/// Whether the fault is in the database and not in the statement, so that the same statement can succeed later. SQLite:
/// NOMEM, READONLY, IOERR, FULL, CANTOPEN, PROTOCOL. PostgreSQL: the table above.
pub(super) fn is_outage(code: &str) -> bool {
    match sqlite_class(code) {
        Some(class) => matches!(class, 7 | 8 | 10 | 13 | 14 | 15),
        None => {
            matches!(code, "25006" | "25P03" | "25P04")
                || ["08", "53", "57", "58"].iter().any(|class| code.starts_with(class))
        }
    }
}

/// SQLite's primary result code; the bits above it hold details. `None` for a SQLSTATE, which has five characters.
fn sqlite_class(code: &str) -> Option<u32> {
    if code.len() >= 5 { None } else { code.parse::<u32>().ok().map(|code| code & 0xff) }
}

#[cfg(test)]
mod tests {
    use hotline_proto::v1::ErrorReason;

    use super::*;

    #[test]
    fn every_code_has_its_kind() {
        // SQLite: full disk, I/O error on write, read-only file.
        for code in ["13", "778", "8"] {
            assert_eq!(Kind::of_code(code), Kind::Outage, "{code}");
        }
        for code in [
            "25006", "57P01", "57P02", "57P03", "57P05", "08000", "08003", "08006", "08P01", "53300",
            "53100", "53200", "57014", "25P03", "25P04", "58030",
        ] {
            assert_eq!(Kind::of_code(code), Kind::Outage, "{code}");
        }
        // SQLite: busy, busy snapshot, locked.
        for code in ["5", "517", "6", "40001", "40P01", "55P03"] {
            assert_eq!(Kind::of_code(code), Kind::Conflict, "{code}");
        }
        // SQLite's constraint and malformed file; PostgreSQL's syntax error, privilege, failed transaction, check.
        for code in ["19", "11", "42601", "42501", "25P02", "23514", "22001"] {
            assert_eq!(Kind::of_code(code), Kind::Internal, "{code}");
        }
        assert_eq!(sqlite_class("53100"), None, "a SQLSTATE may consist of digits");
    }

    #[test]
    fn an_outage_says_when_to_try_again_and_keeps_its_detail_from_the_caller() {
        let io = || sqlx::Error::Io(std::io::ErrorKind::ConnectionReset.into());
        let query = |error: sqlx::Error| DbErr::Query(RuntimeErr::SqlxError(error.into()));
        for error in [
            query(io()),
            query(sqlx::Error::PoolTimedOut),
            query(sqlx::Error::Protocol("half of an answer".to_owned())),
            DbErr::Exec(RuntimeErr::SqlxError(io().into())),
            DbErr::Conn(RuntimeErr::SqlxError(io().into())),
            DbErr::ConnectionAcquire(sea_orm::ConnAcquireErr::Timeout),
        ] {
            let fault = Fault::from(error);
            assert_eq!(fault.reason, ErrorReason::Unavailable, "{fault:?}");
            assert!(fault.retry_after.is_some() && fault.is_outage(), "{fault:?}");
        }
        for error in [query(sqlx::Error::ColumnNotFound("no_such".to_owned())), DbErr::Type(String::new())] {
            let fault = Fault::from(error);
            assert_eq!((fault.reason, fault.retry_after), (ErrorReason::Internal, None), "{fault:?}");
        }
    }
}
