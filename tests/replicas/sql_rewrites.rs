//! Removes protections: keys are dropped from the test's database, and statements are rewritten on their way to it.
//! Production code has no hooks for it.
//!
//! A rewrite that fits no statement of a whole run is an error, and lists the statements that it has seen: the server's
//! SQL has changed, and the rewrite must follow.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// A protection of rungs or events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protection {
    /// The claim skips locked tickets, and locks those that it takes.
    ClaimLock,
    /// The claim selects only due timers.
    ClaimDue,
    /// Under its lock the claim checks again that the timers are still due.
    Recheck,
    /// A command locks the ticket from before its decision to the end of its transaction.
    CommandLock,
    /// A ticket is written only over the version that was read.
    Version,
    /// A ticket has at most one event with a sequence.
    EventKey,
    /// A sequence of a ticket is pending only once.
    NoteKey,
    /// A ticket has at most one effect of a cycle and rung.
    EffectKey,
    /// A ticket has at most one timer of a cycle and rung.
    TimerKey,
    /// A finished timer is deleted.
    TimerEnd,
    /// The servers use the database's clock.
    ClockTruth,
    /// A server searches for missing timers when it starts.
    Restoring,
}

/// The rewritten statement; `None` if the rewrite does not apply.
type Rewrite = fn(&str) -> Option<String>;

impl Protection {
    /// The statement that removes it from the database. An index stays, so that reads stay fast.
    pub(crate) const fn dropped(self) -> Option<&'static str> {
        match self {
            Self::EventKey => Some(
                "ALTER TABLE ticket_event DROP CONSTRAINT ticket_event_pkey; \
                 CREATE INDEX ON ticket_event (ticket_number, sequence)",
            ),
            Self::NoteKey => Some(
                "ALTER TABLE pending_head DROP CONSTRAINT pending_head_pkey; \
                 CREATE INDEX ON pending_head (ticket_number, subject, sequence)",
            ),
            Self::EffectKey => Some(
                "ALTER TABLE rung_effect DROP CONSTRAINT rung_effect_pkey; \
                 CREATE INDEX ON rung_effect (ticket_number, cycle, rung)",
            ),
            Self::TimerKey => Some(
                "ALTER TABLE ticket_timer DROP CONSTRAINT ticket_timer_pkey; \
                 CREATE INDEX ON ticket_timer (ticket_number, cycle, rung)",
            ),
            _ => None,
        }
    }

    /// The rewrite that removes it from a statement.
    fn rewrite(self) -> Option<Rewrite> {
        match self {
            Self::ClaimLock => Some(|sql| is_claim(sql).then(|| without_lock(sql)).flatten()),
            Self::ClaimDue => Some(|sql| is_claim(sql).then(|| three_seconds_early(sql)).flatten()),
            Self::Recheck => Some(without_recheck),
            Self::CommandLock => Some(|sql| is_command(sql).then(|| without_lock(sql)).flatten()),
            Self::Version => Some(over_any_version),
            Self::TimerEnd => Some(without_deletion),
            Self::ClockTruth => Some(two_seconds_ahead),
            Self::Restoring => Some(nothing_missing),
            Self::EventKey | Self::NoteKey | Self::EffectKey | Self::TimerKey => None,
        }
    }
}

/// The claim reads tickets by their timers and locks them.
fn is_claim(sql: &str) -> bool {
    sql.contains("ticket_timer") && sql.contains("SKIP LOCKED")
}

/// A group of commands locks its tickets by their numbers. A command that runs alone waits for the lock.
fn is_command(sql: &str) -> bool {
    sql.starts_with("SELECT") && sql.contains("FROM \"ticket\" ") && !sql.contains("ticket_timer")
}

/// `… FOR UPDATE OF "ticket" SKIP LOCKED` → `…`
fn without_lock(sql: &str) -> Option<String> {
    sql.find(" FOR UPDATE").map(|end| sql[..end].to_owned())
}

/// `"claim_after" <= $1` → `"claim_after" - 3000000 <= $1`: timers that are due within three seconds are claimed too.
fn three_seconds_early(sql: &str) -> Option<String> {
    let column = "claim_after\" ";
    sql.contains(&format!("{column}<="))
        .then(|| sql.replacen(&format!("{column}<="), "claim_after\" - 3000000 <=", 1))
}

/// The second check: which of some tickets have due timers. It then returns every ticket that it is asked about.
fn without_recheck(sql: &str) -> Option<String> {
    let is_meant = sql.starts_with("SELECT \"ticket_timer\".\"ticket_number\" FROM \"ticket_timer\" WHERE")
        && sql.contains("\"claim_after\" <= $")
        && !sql.contains("ORDER BY");
    is_meant.then(|| {
        sql.replace("\"ticket_timer\".\"claim_after\" <= $", "0 < $")
            .replace("\"ticket_timer\".\"ticket_number\"", "\"ticket\".\"number\"")
            .replace("FROM \"ticket_timer\"", "FROM \"ticket\"")
    })
}

/// `UPDATE … WHERE … ticket.version = now.was` → `… ticket.version <> -now.was`, which is true of every version. The
/// update of tickets is a part of the one statement that writes all rows.
fn over_any_version(sql: &str) -> Option<String> {
    let compare = "ticket.version = ";
    (sql.contains("UPDATE ticket ") && sql.contains(compare))
        .then(|| sql.replacen(compare, "ticket.version <> -", 1))
}

/// `DELETE FROM "ticket_timer" WHERE …` → `… WHERE FALSE AND …`, also inside the statement that writes all rows.
fn without_deletion(sql: &str) -> Option<String> {
    let delete = "DELETE FROM \"ticket_timer\" WHERE ";
    sql.contains(delete).then(|| sql.replacen(delete, &format!("{delete}FALSE AND "), 1))
}

/// `SELECT … clock_timestamp() …` → two seconds later.
fn two_seconds_ahead(sql: &str) -> Option<String> {
    let clock = "clock_timestamp()";
    sql.contains(clock).then(|| sql.replacen(clock, "(clock_timestamp() + INTERVAL '2 seconds')", 1))
}

/// The search for open tickets without a timer: `… FROM ticket_timer … IS NULL AND …` → it finds none.
fn nothing_missing(sql: &str) -> Option<String> {
    let is_meant = sql.starts_with("WITH page AS MATERIALIZED (") && sql.contains("FROM ticket_timer");
    let look = " IS NULL AND ";
    (is_meant && sql.contains(look)).then(|| sql.replacen(look, " IS NULL AND FALSE AND ", 1))
}

/// The rewrites of a run.
#[derive(Default)]
pub(crate) struct SqlRewrites {
    /// The removed protections, their rewrites, and how often each was applied.
    rewritings: Vec<(Protection, Rewrite, AtomicUsize)>,
    /// How long each commit is delayed, as by a slow disk: transactions stay open longer and meet more often.
    commit_pause: Duration,
    /// Every statement about tickets and timers that was seen.
    seen: Mutex<BTreeSet<String>>,
}

impl fmt::Debug for SqlRewrites {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.rewritings.iter().map(|(protection, ..)| protection)).finish()
    }
}

impl SqlRewrites {
    /// The rewrites that remove some protections, and the pause before each commit.
    pub(crate) fn without(protections: &[Protection], commit_pause: Duration) -> Self {
        let rule = |one: &Protection| Some((*one, one.rewrite()?, AtomicUsize::new(0)));
        Self {
            rewritings: protections.iter().filter_map(rule).collect(),
            commit_pause,
            seen: Mutex::default(),
        }
    }

    /// Whether statements are forwarded unchanged and at once.
    pub(crate) fn is_empty(&self) -> bool {
        self.rewritings.is_empty() && self.commit_pause.is_zero()
    }

    /// The statement that is sent to the database.
    pub(crate) fn rewrite(&self, sql: &str) -> String {
        if sql == "COMMIT" {
            thread::sleep(self.commit_pause);
        }
        let mut now = sql.to_owned();
        for (_, rewrite, times) in &self.rewritings {
            if let Some(after) = rewrite(&now) {
                times.fetch_add(1, Ordering::Relaxed);
                now = after;
            }
        }
        if ["\"ticket\"", "ticket_timer", " ticket ", "clock"].iter().any(|table| sql.contains(table)) {
            self.seen.lock().unwrap_or_else(PoisonError::into_inner).insert(sql.to_owned());
        }
        now
    }

    /// The rewrites that were never applied, with the statements that were seen.
    pub(crate) fn unused(&self) -> Option<String> {
        let unused = self.rewritings.iter().filter(|(.., times)| times.load(Ordering::Relaxed) == 0);
        let unused: Vec<_> = unused.map(|(protection, ..)| protection).collect();
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let seen: Vec<&str> = seen.iter().map(String::as_str).collect();
        let summary = format!("no statement fits the rewriting of {unused:?}; seen:\n{}", seen.join("\n"));
        (!unused.is_empty()).then_some(summary)
    }
}
