//! Defence in depth: which single protection is enough if the others are removed. Each row removes protections and
//! gives the expected result. A row with another result fails, so that the table in `docs/replicas.md` stays correct.

use std::time::Duration;

use crate::injected_bugs::SLOW_COMMIT;
use crate::invariants;
use crate::scenario::Scenario;
use crate::sql_rewrites::Protection::{
    self, ClaimDue, ClaimLock, CommandLock, EffectKey, EventKey, NoteKey, Recheck, TimerKey, Version,
};

/// Without their locks servers wait for one another and deadlock, so a run that holds may be slow.
const QUIET_MAX: Duration = Duration::from_secs(90);

/// The most runs in which something must break: servers that do not meet do no harm to one another.
const RUNS_MAX: u64 = 3;

/// The expected result of a row.
#[derive(Debug, Clone, Copy)]
enum ExpectedResult {
    /// There are no violations.
    Holds,
    /// This check finds a violation.
    Breaks(&'static str),
}

use ExpectedResult::{Breaks, Holds};

/// The protections between claims of several servers.
const OF_CLAIMS: [Protection; 7] = [ClaimLock, Recheck, Version, EventKey, NoteKey, EffectKey, TimerKey];
/// The protections between claims and commands.
const OF_COMMANDS: [Protection; 6] = [ClaimLock, CommandLock, Version, EventKey, NoteKey, EffectKey];
/// The protections against early claims, before the ladder itself is asked.
const OF_TIME: [Protection; 2] = [ClaimDue, Recheck];

/// The threat, the protections against it, those that are kept, and the expected result.
type Row = (&'static str, &'static [Protection], &'static [Protection], ExpectedResult);

const ROWS: [Row; 16] = [
    ("claims", &OF_CLAIMS, &[ClaimLock], Holds),
    ("claims", &OF_CLAIMS, &[Version], Holds),
    ("claims", &OF_CLAIMS, &[EventKey], Holds),
    ("claims", &OF_CLAIMS, &[EffectKey], Holds),
    ("claims", &OF_CLAIMS, &[Recheck], Breaks(invariants::FIRED_ONCE)),
    ("claims", &OF_CLAIMS, &[TimerKey], Breaks(invariants::FIRED_ONCE)),
    ("claims", &OF_CLAIMS, &[], Breaks(invariants::FIRED_ONCE)),
    ("commands", &OF_COMMANDS, &[ClaimLock, CommandLock], Holds),
    ("commands", &OF_COMMANDS, &[Version], Holds),
    ("commands", &OF_COMMANDS, &[EventKey], Holds),
    ("commands", &OF_COMMANDS, &[ClaimLock, EffectKey], Breaks(invariants::NO_GAP)),
    ("commands", &OF_COMMANDS, &[CommandLock, EffectKey], Breaks(invariants::NO_GAP)),
    ("commands", &OF_COMMANDS, &[EffectKey], Breaks(invariants::NO_GAP)),
    ("time", &OF_TIME, &[Recheck], Holds),
    ("time", &OF_TIME, &[ClaimDue], Holds),
    ("time", &OF_TIME, &[], Holds),
];

/// The number of rows.
pub(crate) const fn rows() -> usize {
    ROWS.len()
}

/// Runs a row.
///
/// # Errors
/// If the result differs.
pub(crate) async fn check(row: usize, seed: u64) -> Result<String, String> {
    let (against, all, kept, fate) = ROWS[row];
    let off: Vec<_> = all.iter().copied().filter(|one| !kept.contains(one)).collect();
    let is_with_commands = against == "commands";
    let (tickets, seconds) = if is_with_commands { (180, 4) } else { (240, 2) };
    let groups = (!is_with_commands).then_some(18);
    let commit_pause = if is_with_commands { SLOW_COMMIT } else { Duration::ZERO };
    let scenario = Scenario {
        off,
        commit_pause,
        groups,
        has_load: is_with_commands,
        share: 1,
        quiet_max: QUIET_MAX,
        ..Scenario::small(seed, tickets, seconds)
    };
    let name = format!("{against}, kept of {} alone: {kept:?}", all.len());
    for run in 1_u64.. {
        let scenario = Scenario { seed: seed + run, ..scenario.clone() };
        let outcome = scenario.run().await.map_err(|what| format!("{name}: {what}"))?;
        let (findings, errors) = (&outcome.findings, outcome.errors.len());
        match fate {
            Holds if findings.is_empty() => return Ok(format!("{name}: holds, {errors} errors logged")),
            Holds => return Err(format!("{name}: does not hold: {findings}")),
            Breaks(check) if findings.count(check) > 0 => {
                return Ok(format!("{name}: breaks: {}", findings.names().join("; ")));
            }
            Breaks(check) if run == RUNS_MAX => {
                return Err(format!("{name}: \"{check}\" finds nothing; {findings}"));
            }
            Breaks(_) => {}
        }
    }
    unreachable!("the last run answers")
}
