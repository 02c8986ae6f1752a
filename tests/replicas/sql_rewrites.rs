//! How protections are taken away: keys are dropped from the test's database, and statements are rewritten on their way
//! there, so that they do without. Production code knows nothing of it.
//!
//! A rewriting that is asked for and fits no statement of a whole run is an error, and says which statements it has
//! seen: the server's SQL has changed, and the rule must follow.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// What keeps rungs, or timelines, from going wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protection {
    /// The claim passes over tickets that somebody holds, and holds those it takes.
    ClaimLock,
    /// The claim asks for timers that are due.
    ClaimDue,
    /// Behind its lock the claim looks again whether the timers are still due.
    Recheck,
    /// A command holds the ticket from before its decision to the end of its transaction.
    CommandLock,
    /// A ticket is written over the version that was read, and over no other.
    Version,
    /// A ticket has one event of a sequence.
    EventKey,
    /// A sequence of a ticket is pending only once.
    NoteKey,
    /// A ticket has one effect of a cycle and rung.
    EffectKey,
    /// A ticket has one timer of a cycle and rung.
    TimerKey,
    /// A timer that is over is deleted.
    TimerEnd,
    /// The servers go by the database's clock.
    ClockTruth,
    /// A server that starts looks for timers that are missing.
    Restoring,
}

/// What a rewriting makes of a statement; none where the statement is not meant.
type Rewrite = fn(&str) -> Option<String>;

impl Protection {
    /// The statement that takes it away where it stands in the database. An index stays, so that reads stay fast.
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

    /// The rewriting that takes it away where it stands in a statement.
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

/// A command reads one ticket by its number, locks it, and waits for whoever holds it.
fn is_command(sql: &str) -> bool {
    sql.starts_with("SELECT")
        && sql.contains("FROM \"ticket\" ")
        && !sql.contains("ticket_timer")
        && !sql.contains("SKIP LOCKED")
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

/// The second look: which timers of some tickets are due. It finds every ticket that it is asked about then.
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

/// `UPDATE … WHERE … "version" = $13` → `… "version" <> -$13`, which is true of every version; likewise where the
/// versions stand in a list of values.
fn over_any_version(sql: &str) -> Option<String> {
    let is_meant = sql.contains("UPDATE \"ticket\" ") || sql.contains("UPDATE ticket ");
    let condition = sql.rfind(" WHERE ").filter(|_| is_meant)?;
    let column = condition + sql[condition..].find("version")?;
    let name = sql[column..].find(|letter: char| !letter.is_alphanumeric() && letter != '_')?;
    let rest = sql[column + name..].trim_start_matches('"').strip_prefix(" = ")?;
    Some(format!("{} <> -{rest}", sql[..sql.len() - rest.len()].trim_end_matches(" = ")))
}

/// `DELETE FROM "ticket_timer" WHERE …` → `… WHERE FALSE AND (…)`
fn without_deletion(sql: &str) -> Option<String> {
    let condition = sql.strip_prefix("DELETE FROM \"ticket_timer\" WHERE ")?;
    Some(format!("DELETE FROM \"ticket_timer\" WHERE FALSE AND ({condition})"))
}

/// `SELECT … clock_timestamp() …` → two seconds later.
fn two_seconds_ahead(sql: &str) -> Option<String> {
    let clock = "clock_timestamp()";
    sql.contains(clock).then(|| sql.replacen(clock, "(clock_timestamp() + INTERVAL '2 seconds')", 1))
}

/// The look at all open tickets, page by page: `SELECT "number", "due_at", … FROM "ticket" WHERE …` → it finds none.
fn nothing_missing(sql: &str) -> Option<String> {
    let is_meant = sql.starts_with("SELECT \"ticket\".\"number\", \"ticket\".\"due_at\"");
    let look = "FROM \"ticket\" WHERE ";
    (is_meant && sql.contains(look)).then(|| sql.replacen(look, "FROM \"ticket\" WHERE FALSE AND ", 1))
}

/// The rewritings of a run.
#[derive(Default)]
pub(crate) struct SqlRewrites {
    /// What is taken away, how, and how often it fitted.
    rewritings: Vec<(Protection, Rewrite, AtomicUsize)>,
    /// How long each commit is held back, as by a slow disk: transactions stay open for longer and meet more often.
    commit_pause: Duration,
    /// Every statement about tickets and timers that went through.
    seen: Mutex<BTreeSet<String>>,
}

impl fmt::Debug for SqlRewrites {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.rewritings.iter().map(|(protection, ..)| protection)).finish()
    }
}

impl SqlRewrites {
    /// The rewritings that take some protections away, and the pause before each commit.
    pub(crate) fn without(protections: &[Protection], commit_pause: Duration) -> Self {
        let rule = |one: &Protection| Some((*one, one.rewrite()?, AtomicUsize::new(0)));
        Self {
            rewritings: protections.iter().filter_map(rule).collect(),
            commit_pause,
            seen: Mutex::default(),
        }
    }

    /// Whether statements go on as they are, and at once.
    pub(crate) fn is_empty(&self) -> bool {
        self.rewritings.is_empty() && self.commit_pause.is_zero()
    }

    /// A statement as it goes on to the database.
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

    /// The rewritings that fitted nothing, with what there was to fit.
    pub(crate) fn unused(&self) -> Option<String> {
        let unused = self.rewritings.iter().filter(|(.., times)| times.load(Ordering::Relaxed) == 0);
        let unused: Vec<_> = unused.map(|(protection, ..)| protection).collect();
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let seen: Vec<&str> = seen.iter().map(String::as_str).collect();
        let summary = format!("no statement fits the rewriting of {unused:?}; seen:\n{}", seen.join("\n"));
        (!unused.is_empty()).then_some(summary)
    }
}
