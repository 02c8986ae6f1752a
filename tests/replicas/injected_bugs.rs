//! Bugs that are injected from outside: in the database of the run, and in statements on their way to it. The suite
//! must find each of them, and for the right reason; a suite that can't fail proves nothing.

use std::time::Duration;

use crate::invariants;
use crate::scenario::{Outcome, Scenario};
use crate::sql_rewrites::Protection;

/// The pause before a commit, so that commands meet claims.
pub(crate) const SLOW_COMMIT: Duration = Duration::from_millis(40);

/// An injected bug.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InjectedBug {
    /// Tickets are claimed without a lock and written over any version, and no key prevents a second effect.
    UnlockedClaim,
    /// Commands and claims overwrite one another.
    LostUpdate,
    /// A finished timer stays.
    KeptTimer,
    /// The servers' clock is two seconds ahead of the database's.
    EarlyClock,
    /// Timers are deleted from the database while the servers run, and nobody restores them.
    LostTimer,
    /// Timers are deleted, and the hotline restores them: no bug, so there must be no violations.
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

    /// Whether timers are deleted.
    pub(crate) const fn deletes_timers(self) -> bool {
        matches!(self, Self::LostTimer | Self::RestoredTimer)
    }

    /// A scenario with the bug, and with the faults that expose it.
    pub(crate) fn with_bug(self, scenario: Scenario) -> Scenario {
        use Protection::{
            ClaimLock, ClockTruth, CommandLock, EffectKey, EventKey, NoteKey, Restoring, TimerEnd, Version,
        };
        let (off, quiet_max): (&[Protection], _) = match self {
            Self::UnlockedClaim => (&[ClaimLock, Version, EventKey, NoteKey, EffectKey], scenario.quiet_max),
            Self::LostUpdate => (&[ClaimLock, CommandLock, Version, EventKey, NoteKey], scenario.quiet_max),
            // The timers never all fire.
            Self::KeptTimer => (&[TimerEnd], Duration::from_secs(1)),
            Self::EarlyClock => (&[ClockTruth], scenario.quiet_max),
            Self::LostTimer => (&[Restoring], scenario.quiet_max),
            Self::RestoredTimer => (&[], scenario.quiet_max),
        };
        Scenario {
            off: off.to_vec(),
            quiet_max,
            has_load: matches!(self, Self::LostUpdate | Self::KeptTimer),
            // Commands meet claims often enough: there are tasks for all of the backlog, and transactions stay open
            // longer.
            share: 1,
            commit_pause: if self == Self::LostUpdate { SLOW_COMMIT } else { scenario.commit_pause },
            // A restarted server searches for missing timers.
            has_kills: self.deletes_timers(),
            deletes_timers: self.deletes_timers(),
            ..scenario
        }
    }

    /// The most runs in which it must be found: servers that do not meet do no harm to one another.
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

    /// Checks that a run with the bug found it for the right reason; returns how.
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
        // A deleted timer is one missing rung and one missing timer, and there are no other violations.
        if deleted > 0 && (missing != deleted || findings.names() != self.found_by()) {
            return Err(format!("{name}: {deleted} timers lost, and something else: {findings}"));
        }
        Ok(format!("{name}: found"))
    }
}
