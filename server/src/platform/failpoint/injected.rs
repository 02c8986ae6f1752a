//! Fault injection for tests. The crate `fail` holds the configuration. This file turns it into faults of the database,
//! and lets a test configure a running server through its standard input.

use std::borrow::Cow;
use std::io::BufRead as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sea_orm::sqlx::error::{DatabaseError, ErrorKind};
use sea_orm::{DbErr, RuntimeErr, sqlx};

/// How long an injected delay lasts.
const DELAY: Duration = Duration::from_millis(250);
/// An injected bug: sqlx's transaction depth stays at 1 after a failed COMMIT, and the connection is reused.
const DEPTH_STAYS: &str = "bug.depth_stays";
/// An injected bug: a command is acknowledged before its COMMIT.
const EARLY_ACKNOWLEDGEMENT: &str = "bug.acknowledge_before_commit";
/// An injected bug: a part of a call takes the place of the earlier ones.
const OVERWRITES_CALLS: &str = "bug.overwrite_calls";
/// An injected bug: an entry of the feed gets its id as its position, which it takes before its commit.
const NUMBERS_BY_ID: &str = "bug.number_by_id";
/// An injected fault: hints of other servers about the feed are lost.
const IGNORES_FEED_HINTS: &str = "bug.ignores_feed_hints";
/// An injected bug: after a failover the pools stay on the old host.
const STAYS_ON_OLD_HOST: &str = "bug.stays_on_old_host";

/// An injected bug: the call that arrived last is offered first.
const QUEUES_UNFAIRLY: &str = "bug.queue_unfairly";
/// An injected bug: an attachment is read before its scan has ended.
const READS_BEFORE_SCAN: &str = "bug.read_before_scan";
/// An injected bug: a call that a seat speaks on is offered to another one too.
const OFFERS_TWICE: &str = "bug.offer_twice";

/// Whether the connection is in a transaction that the injected bug has left open.
static IS_NESTED: AtomicBool = AtomicBool::new(false);

/// The fault that is injected at a place, if any.
fn hit(place: &str) -> Option<String> {
    fail::fail_point!(place, |kind| kind.or_else(|| Some("error".to_owned())));
    None
}

/// Reaches a place.
///
/// # Errors
/// What is injected there.
pub async fn reach(place: &'static str) -> Result<(), DbErr> {
    inject(place).await.map_err(|error| DbErr::Exec(RuntimeErr::SqlxError(error.into())))
}

/// Reaches a place in front of a call of sqlx.
///
/// # Errors
/// What is injected there.
pub async fn inject(place: &'static str) -> Result<(), sqlx::Error> {
    let Some(kind) = hit(place) else { return Ok(()) };
    tracing::warn!(place, kind, "failpoint hit");
    match kind.as_str() {
        "delay" => {
            tokio::time::sleep(DELAY).await;
            Ok(())
        }
        "abort" => std::process::abort(),
        "full" => Err(StorageError { code: "13", message: "database or disk is full" }.into()),
        "io" => Err(StorageError { code: "778", message: "disk I/O error" }.into()),
        _ => Err(sqlx::Error::Io(std::io::Error::other("injected"))),
    }
}

/// Whether a connection whose COMMIT failed is reused.
#[must_use]
pub fn keeps_broken_connections() -> bool {
    let keeps = hit(DEPTH_STAYS).is_some();
    if keeps {
        IS_NESTED.store(true, Ordering::Relaxed);
    }
    keeps
}

/// Whether a part of a call takes the place of the earlier ones.
#[must_use]
pub fn overwrites_calls() -> bool {
    hit(OVERWRITES_CALLS).is_some()
}

/// Whether the call that arrived last is offered first.
#[must_use]
pub fn queues_unfairly() -> bool {
    hit(QUEUES_UNFAIRLY).is_some()
}

/// Whether a call that a seat speaks on is offered to another one too.
#[must_use]
pub fn offers_twice() -> bool {
    hit(OFFERS_TWICE).is_some()
}

/// Whether an attachment may be read before its scan has ended.
#[must_use]
pub fn reads_before_scan() -> bool {
    hit(READS_BEFORE_SCAN).is_some()
}

/// Whether a command is acknowledged before its COMMIT.
#[must_use]
pub fn acknowledges_early() -> bool {
    hit(EARLY_ACKNOWLEDGEMENT).is_some()
}

/// Whether the feed is numbered by ids that are taken before the commit.
#[must_use]
pub fn numbers_by_id() -> bool {
    hit(NUMBERS_BY_ID).is_some()
}

/// Whether hints of other servers about the feed are lost.
#[must_use]
pub fn ignores_feed_hints() -> bool {
    hit(IGNORES_FEED_HINTS).is_some()
}

/// Whether the pools stay on the host that no longer takes writes.
#[must_use]
pub fn stays_on_old_host() -> bool {
    hit(STAYS_ON_OLD_HOST).is_some()
}

/// The statement that is sent for BEGIN, COMMIT or ROLLBACK.
#[must_use]
pub fn statement(sql: &str) -> &str {
    if !IS_NESTED.load(Ordering::Relaxed) {
        return sql;
    }
    match sql {
        "COMMIT" => "RELEASE nested",
        "ROLLBACK" => "ROLLBACK TO nested",
        "BEGIN IMMEDIATE" => "SAVEPOINT nested",
        other => other,
    }
}

/// Configures places from the variable `FAILPOINTS` (`place=actions;…`), and then from lines of standard input. Each
/// line is confirmed on standard output.
///
/// # Errors
/// If a place or an action is unknown.
#[expect(clippy::print_stdout, reason = "the test that drives the server waits for the confirmation")]
pub fn serve_commands() -> Result<(), String> {
    for one in std::env::var("FAILPOINTS").unwrap_or_default().split(';').filter(|one| !one.is_empty()) {
        configure(one)?;
    }
    if std::env::var_os("FAILPOINTS_STDIN").is_some() {
        std::thread::spawn(|| {
            for line in std::io::stdin().lock().lines().map_while(Result::ok) {
                match configure(&line) {
                    Ok(()) => println!("failpoint: {line}"),
                    Err(error) => println!("failpoint: {line}: {error}"),
                }
            }
        });
    }
    Ok(())
}

fn configure(assignment: &str) -> Result<(), String> {
    let (place, actions) = assignment.split_once('=').ok_or("PLACE=ACTIONS is needed")?;
    let bugs = [
        DEPTH_STAYS,
        EARLY_ACKNOWLEDGEMENT,
        NUMBERS_BY_ID,
        IGNORES_FEED_HINTS,
        STAYS_ON_OLD_HOST,
        OVERWRITES_CALLS,
        QUEUES_UNFAIRLY,
        OFFERS_TWICE,
        READS_BEFORE_SCAN,
    ];
    if !super::FAILPOINTS.contains(&place) && !bugs.contains(&place) {
        return Err(format!("there is no failpoint {place}"));
    }
    fail::cfg(place, actions)
}

/// A storage error as the database reports it.
#[derive(Debug)]
struct StorageError {
    code: &'static str,
    message: &'static str,
}

impl std::fmt::Display for StorageError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "injected: {}", self.message)
    }
}

impl std::error::Error for StorageError {}

impl DatabaseError for StorageError {
    fn message(&self) -> &str {
        self.message
    }

    fn code(&self) -> Option<Cow<'_, str>> {
        Some(self.code.into())
    }

    fn as_error(&self) -> &(dyn std::error::Error + Send + Sync + 'static) {
        self
    }

    fn as_error_mut(&mut self) -> &mut (dyn std::error::Error + Send + Sync + 'static) {
        self
    }

    fn into_error(self: Box<Self>) -> Box<dyn std::error::Error + Send + Sync + 'static> {
        self
    }

    fn kind(&self) -> ErrorKind {
        ErrorKind::Other
    }
}
