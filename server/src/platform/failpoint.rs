//! Named places at which tests inject faults: an error, a delay, the end of the process, a full disk, an I/O error.
//!
//! The feature `failpoints` compiles them in. Only the project's tests and benchmarks turn it on; without it every
//! function here is empty. A place is configured in the syntax of the crate `fail`, for example
//! `ledger.events=2*return(full)`; [`FAILPOINTS`] lists all places and [`KINDS`] what can be injected.

#[cfg(feature = "failpoints")]
mod injected;

#[cfg(feature = "failpoints")]
pub use injected::{
    acknowledges_early, ignores_feed_hints, inject, keeps_broken_connections, numbers_by_id, offers_twice,
    overwrites_calls, queues_unfairly, reach, reads_before_scan, serve_commands, statement,
    stays_on_old_host,
};

#[cfg(not(feature = "failpoints"))]
use sea_orm::{DbErr, sqlx};

/// What can be injected: the words that `return(…)` takes.
pub const KINDS: [&str; 5] = ["error", "delay", "abort", "full", "io"];

/// Every place, in the order in which a request and then the background work reach them.
pub const FAILPOINTS: [&str; 42] = [
    "transaction.acquire",
    "transaction.begin.before",
    "transaction.begin.after",
    "transaction.statement.before",
    "transaction.statement.after",
    "transaction.commit.before",
    "transaction.commit.after",
    "transaction.rollback.before",
    "transaction.rollback.after",
    "request.look_up",
    "request.record",
    "number.block",
    "rules.read",
    "ticket.lock",
    "ledger.tickets",
    "ledger.identity",
    "ledger.events",
    "ledger.heads",
    "ledger.units",
    "ledger.accused",
    "ledger.timers",
    "ledger.effects",
    "runner.claim",
    "runner.fire",
    "digest.gather",
    "digest.write",
    "checkpoint.read_heads",
    "checkpoint.write",
    "checkpoint.export",
    "checkpoint.exported",
    "vault.register_keys",
    "vault.reencrypt",
    "identity.access_log",
    "identity.approval",
    "audit.record",
    "client.write",
    "directory.write",
    "call.write",
    "transfer.start",
    "transfer.claim",
    "transfer.write",
    "migration.step",
];

/// Reaches a place.
///
/// # Errors
/// What is injected there; never without the feature.
#[cfg(not(feature = "failpoints"))]
#[expect(clippy::unused_async, reason = "the same signature as with the feature")]
pub(crate) async fn reach(_place: &'static str) -> Result<(), DbErr> {
    Ok(())
}

/// Reaches a place in front of a call of sqlx.
///
/// # Errors
/// What is injected there; never without the feature.
#[cfg(not(feature = "failpoints"))]
#[expect(clippy::unused_async, reason = "the same signature as with the feature")]
pub(crate) async fn inject(_place: &'static str) -> Result<(), sqlx::Error> {
    Ok(())
}

/// Whether a connection whose COMMIT failed is reused: an injected bug.
#[cfg(not(feature = "failpoints"))]
pub(crate) const fn keeps_broken_connections() -> bool {
    false
}

/// Whether a part of a call takes the place of the earlier ones: an injected bug.
#[cfg(not(feature = "failpoints"))]
pub(crate) const fn overwrites_calls() -> bool {
    false
}

/// Whether the call that arrived last is offered first: an injected bug.
#[cfg(not(feature = "failpoints"))]
pub(crate) const fn queues_unfairly() -> bool {
    false
}

/// Whether a call that a seat speaks on is offered to another one too: an injected bug.
#[cfg(not(feature = "failpoints"))]
pub(crate) const fn offers_twice() -> bool {
    false
}

/// Whether an attachment may be read before its scan has ended: an injected bug.
#[cfg(not(feature = "failpoints"))]
pub(crate) const fn reads_before_scan() -> bool {
    false
}

/// Whether a command is acknowledged before its COMMIT: an injected bug.
#[cfg(not(feature = "failpoints"))]
pub(crate) const fn acknowledges_early() -> bool {
    false
}

/// Whether the feed is numbered by ids that are taken before the commit: an injected bug.
#[cfg(not(feature = "failpoints"))]
pub(crate) const fn numbers_by_id() -> bool {
    false
}

/// Whether hints of other servers about the feed are lost: an injected fault.
#[cfg(not(feature = "failpoints"))]
pub(crate) const fn ignores_feed_hints() -> bool {
    false
}

/// Whether the pools stay on the host that no longer takes writes: an injected bug.
#[cfg(not(feature = "failpoints"))]
pub(crate) const fn stays_on_old_host() -> bool {
    false
}

/// The statement that is sent for BEGIN, COMMIT or ROLLBACK.
#[cfg(not(feature = "failpoints"))]
pub(crate) const fn statement(sql: &str) -> &str {
    sql
}
