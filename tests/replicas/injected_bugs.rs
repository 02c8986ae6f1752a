//! Bugs that are injected from outside: in the database of the run, and in the statements on their way there. The suite
//! must find each of them, and for what it is; a suite that can't fail proves nothing.

use std::time::Duration;

use crate::invariants;
use crate::scenario::{Outcome, Scenario};
use crate::sql_rewrites::Protection;

/// The pause before a commit where commands are to meet claims.
pub(crate) const SLOW_COMMIT: Duration = Duration::from_millis(40);

/// An injected bug.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InjectedBug {
    /// Tickets are claimed without a lock and written over any version, and no key forbids a second telling.
    UnlockedClaim,
    /// Commands and claims write over one another.
    LostUpdate,
    /// A timer that is over stays.
    KeptTimer,
    /// The servers' clock is two seconds ahead of the database's.
    EarlyClock,
    /// Timers vanish from the database while the servers run, and nobody restores them.
    LostTimer,
    /// Timers vanish, and the hotline restores them: no bug, and nothing must be wrong.
    RestoredTimer,
}

impl InjectedBug {
    pub(crate) const ALL: [Self; 6] = [
        Self::UnlockedClaim,
        Self::LostUpdate,
        Self::KeptTimer,
        Self::EarlyClock,
        Self::LostTimer,
        Self::RestoredTimer,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::UnlockedClaim => "unlocked-claim",
            Self::LostUpdate => "lost-update",
            Self::KeptTimer => "kept-timer",
            Self::EarlyClock => "early-clock",
            Self::LostTimer => "lost-timer",
            Self::RestoredTimer => "restored-timer",
        }
    }

    /// Whether timers vanish.
    pub(crate) const fn deletes_timers(self) -> bool {
        matches!(self, Self::LostTimer | Self::RestoredTimer)
    }

    /// A trial with the bug in it, with the hazards that bring it out.
    pub(crate) fn with_bug(self, scenario: Scenario) -> Scenario {
        use Protection::{
            ClaimLock, ClockTruth, CommandLock, EffectKey, EventKey, NoteKey, Restoring, TimerEnd, Version,
        };
        let (off, quiet_max): (&[Protection], _) = match self {
            Self::UnlockedClaim => (&[ClaimLock, Version, EventKey, NoteKey, EffectKey], scenario.quiet_max),
            Self::LostUpdate => (&[ClaimLock, CommandLock, Version, EventKey, NoteKey], scenario.quiet_max),
            // It never gets quiet.
            Self::KeptTimer => (&[TimerEnd], Duration::from_secs(1)),
            Self::EarlyClock => (&[ClockTruth], scenario.quiet_max),
            Self::LostTimer => (&[Restoring], scenario.quiet_max),
            Self::RestoredTimer => (&[], scenario.quiet_max),
        };
        Scenario {
            off: off.to_vec(),
            quiet_max,
            has_load: matches!(self, Self::LostUpdate | Self::KeptTimer),
            // Commands meet claims often enough: all of the backlog is worked on, and transactions stay open for long.
            share: 1,
            commit_pause: if self == Self::LostUpdate { SLOW_COMMIT } else { scenario.commit_pause },
            // A server that has just started looks for timers that are lost.
            has_kills: self.deletes_timers(),
            deletes_timers: self.deletes_timers(),
            ..scenario
        }
    }

    /// Runs in which it must come out: servers that do not meet do one another no harm.
    pub(crate) const fn runs_max(self) -> u64 {
        if matches!(self, Self::UnlockedClaim | Self::LostUpdate) { 3 } else { 1 }
    }

    /// The checks that must find it.
    const fn found_by(self) -> &'static [&'static str] {
        match self {
            Self::UnlockedClaim => &[invariants::FIRED_ONCE, invariants::AN_EFFECT_EACH, invariants::NO_GAP],
            Self::LostUpdate => &[invariants::NO_GAP, invariants::ROW_IS_FOLD],
            Self::KeptTimer => &[invariants::OPEN_HAS_TIMER, invariants::DONE_HAS_NONE],
            Self::EarlyClock => &[invariants::NOT_EARLY_BY_WITNESS],
            Self::LostTimer => &[invariants::NONE_MISSING, invariants::OPEN_HAS_TIMER],
            Self::RestoredTimer => &[],
        }
    }

    /// Whether a run with the bug in it found the bug for what it is; says how.
    ///
    /// # Errors
    /// If it found something else, or nothing.
    pub(crate) fn judge(self, outcome: &Outcome) -> Result<String, String> {
        let (name, findings) = (self.name(), &outcome.findings);
        let deleted = outcome.deleted.as_ref().map_or(0, crate::deleted_timers::DeletedTimers::count);
        let missing = findings.count(invariants::NONE_MISSING);
        if self == Self::RestoredTimer {
            let summary = format!("{name}: {} of {deleted} timers restored", deleted.saturating_sub(missing));
            return if findings.is_empty() { Ok(summary) } else { Err(format!("{summary}: {findings}")) };
        }
        if findings.is_empty() {
            return Err(format!("{name} is not found: {}", outcome.statistics));
        }
        if let Some(check) = self.found_by().iter().find(|check| findings.count(check) == 0) {
            return Err(format!("{name} is found as something else, not by \"{check}\": {findings}"));
        }
        // A lost timer is one rung that is missing and one timer, and nothing else is wrong.
        if deleted > 0 && (missing != deleted || findings.names() != self.found_by()) {
            return Err(format!("{name}: {deleted} timers lost, and something else: {findings}"));
        }
        Ok(format!("{name}: found"))
    }
}
