//! The supervision ladder: when each rung is due, and which one fires after an outage.
//!
//! After the limit the system acts by itself: 催办 at the limit, 督办 later, then 人工督办; a reminder before the limit is
//! possible. Each rung fires once in a handling cycle, because the caller stores the highest rung so far. After an
//! outage the highest rung that has passed fires. The skipped rungs are returned too, so that they can be recorded. A
//! carried-over ticket (挂账) has a single rung, manual supervision at the promised date.
//!
//! Nothing here reads a clock: `now` is a parameter, and the same parameters always give the same rungs.

use chrono::{DateTime, TimeDelta, Utc};

use crate::deadline::Ladder;
use crate::ticket::Rung;

/// The limit of the present handling cycle, as far as supervision needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CycleLimit {
    /// When the cycle started: the intake, or the rework.
    pub since: DateTime<Utc>,
    /// The limit, or the promised date after a carry-over.
    pub due_at: DateTime<Utc>,
    /// Whether the ticket was carried over, so that `due_at` is a promise.
    pub carried_over: bool,
}

/// A rung and the instant from which it is due.
pub type RungAt = (Rung, DateTime<Utc>);

/// The rungs that have passed since the last check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassedRungs {
    /// The highest rung that has passed; the only one that fires.
    pub fired: Rung,
    /// When it was due, at or before now.
    pub due_at: DateTime<Utc>,
    /// The lower rungs that had not fired and now never will, in order, each with its due instant.
    pub skipped: Vec<RungAt>,
}

/// Every rung of a limit, from the lowest to the highest; at most four.
///
/// A reminder at or before the start of the cycle is left out, because the unit has only just got the ticket. So is a
/// rung after the end of chrono's range, which no valid policy can cause.
#[must_use]
pub fn rungs(ladder: &Ladder, limit: &CycleLimit) -> Vec<RungAt> {
    if limit.carried_over {
        return vec![(Rung::Manual, limit.due_at)];
    }
    let hours = |hours: u32| TimeDelta::hours(i64::from(hours));
    let reminder = (ladder.remind_before_hours > 0)
        .then(|| limit.due_at.checked_sub_signed(hours(ladder.remind_before_hours)))
        .flatten()
        .filter(|at| *at > limit.since);
    let after = |after_hours| limit.due_at.checked_add_signed(hours(after_hours));
    [
        (Rung::Reminded, reminder),
        (Rung::Urged, after(ladder.urge_after_hours)),
        (Rung::Supervised, after(ladder.supervise_after_hours)),
        (Rung::Manual, after(ladder.manual_after_hours)),
    ]
    .into_iter()
    .filter_map(|(rung, at)| Some((rung, at?)))
    .collect()
}

/// The lowest rung above `reached` and when it is due, even in the past; `None` at the top of the ladder.
#[must_use]
pub fn next(ladder: &Ladder, limit: &CycleLimit, reached: Rung) -> Option<RungAt> {
    rungs(ladder, limit).into_iter().find(|(rung, _)| *rung > reached)
}

/// The rungs above `reached` that have passed by `now`; `None` if there are none. A rung is due at its instant itself.
///
/// After the caller has stored `fired` as reached, the same `now` gives `None`, and so does any earlier one. So a clock
/// that jumps back fires nothing twice.
#[must_use]
pub fn passed(ladder: &Ladder, limit: &CycleLimit, reached: Rung, now: DateTime<Utc>) -> Option<PassedRungs> {
    let mut skipped: Vec<_> =
        rungs(ladder, limit).into_iter().filter(|(rung, at)| *rung > reached && *at <= now).collect();
    let (fired, due_at) = skipped.pop()?;
    Some(PassedRungs { fired, due_at, skipped })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LADDER: Ladder = Ladder {
        remind_before_hours: 24,
        urge_after_hours: 0,
        supervise_after_hours: 24,
        manual_after_hours: 48,
    };

    fn due_at() -> DateTime<Utc> {
        "2019-10-15T02:00:00Z".parse().expect("an instant")
    }

    /// This many hours after the limit.
    fn hour(hours: i64) -> DateTime<Utc> {
        due_at() + TimeDelta::hours(hours)
    }

    fn limit() -> CycleLimit {
        CycleLimit { since: hour(-72), due_at: due_at(), carried_over: false }
    }

    #[test]
    fn the_rungs_stand_in_order() {
        let all = [
            (Rung::Reminded, hour(-24)),
            (Rung::Urged, hour(0)),
            (Rung::Supervised, hour(24)),
            (Rung::Manual, hour(48)),
        ];
        assert_eq!(rungs(&LADDER, &limit()), all);
        let silent = Ladder { remind_before_hours: 0, ..LADDER };
        assert_eq!(rungs(&silent, &limit()), all[1..]);
    }

    #[test]
    fn a_reminder_must_lie_after_the_start() {
        for (since, expected) in [(-25, true), (-24, false), (-1, false)] {
            let limit = CycleLimit { since: hour(since), ..limit() };
            let has_reminder = rungs(&LADDER, &limit).iter().any(|(rung, _)| *rung == Rung::Reminded);
            assert_eq!(has_reminder, expected, "{since}");
        }
    }

    #[test]
    fn a_carried_over_ticket_knows_manual_supervision_alone() {
        let limit = CycleLimit { carried_over: true, ..limit() };
        assert_eq!(rungs(&LADDER, &limit), [(Rung::Manual, hour(0))]);
        assert_eq!(passed(&LADDER, &limit, Rung::None, hour(-1)), None);
        let expected = PassedRungs { fired: Rung::Manual, due_at: hour(0), skipped: vec![] };
        assert_eq!(passed(&LADDER, &limit, Rung::Reminded, hour(0)), Some(expected));
        assert_eq!(passed(&LADDER, &limit, Rung::Manual, hour(99)), None);
    }

    #[test]
    fn the_next_rung_is_the_one_above() {
        for (reached, expected) in [
            (Rung::None, Some((Rung::Reminded, hour(-24)))),
            (Rung::Reminded, Some((Rung::Urged, hour(0)))),
            (Rung::Urged, Some((Rung::Supervised, hour(24)))),
            (Rung::Supervised, Some((Rung::Manual, hour(48)))),
            (Rung::Manual, None),
        ] {
            assert_eq!(next(&LADDER, &limit(), reached), expected, "{reached:?}");
        }
        let late = CycleLimit { since: hour(-1), ..limit() };
        assert_eq!(next(&LADDER, &late, Rung::None), Some((Rung::Urged, hour(0))));
    }

    #[test]
    fn the_highest_passed_rung_fires_and_the_others_are_answered() {
        let before = due_at() - TimeDelta::nanoseconds(1);
        for (reached, now, expected) in [
            (Rung::None, hour(-25), None),
            (Rung::None, hour(-24), Some((Rung::Reminded, vec![]))),
            (Rung::Reminded, before, None),
            (Rung::Reminded, hour(0), Some((Rung::Urged, vec![]))),
            (Rung::Urged, hour(23), None),
            (Rung::Urged, hour(24), Some((Rung::Supervised, vec![]))),
            (Rung::Urged, hour(500), Some((Rung::Manual, vec![Rung::Supervised]))),
            (Rung::None, hour(47), Some((Rung::Supervised, vec![Rung::Reminded, Rung::Urged]))),
            (Rung::Manual, hour(500), None),
            // The clock jumped back after a rung had fired.
            (Rung::Supervised, hour(-500), None),
        ] {
            let seen = passed(&LADDER, &limit(), reached, now).map(|passed| {
                assert!(passed.due_at <= now);
                assert!(passed.skipped.iter().all(|(_, at)| *at <= passed.due_at));
                (passed.fired, passed.skipped.iter().map(|(rung, _)| *rung).collect::<Vec<_>>())
            });
            assert_eq!(seen, expected, "{reached:?} {now}");
        }
    }

    #[test]
    fn however_often_one_looks_each_rung_comes_once() {
        for step in 1..100 {
            let (mut reached, mut fired) = (Rung::None, vec![]);
            // Every check is made twice, as by two servers one after the other.
            for now in (-100..200).step_by(step).chain([200]).flat_map(|at| [hour(at), hour(at)]) {
                if let Some(passed) = passed(&LADDER, &limit(), reached, now) {
                    fired.extend(passed.skipped.iter().map(|(rung, _)| *rung));
                    fired.push(passed.fired);
                    reached = passed.fired;
                }
            }
            let all = [Rung::Reminded, Rung::Urged, Rung::Supervised, Rung::Manual];
            assert_eq!(fired, all, "looking every {step} hours");
        }
    }

    #[test]
    fn the_ends_of_the_time_line_do_not_panic() {
        let ladder = Ladder { manual_after_hours: u32::MAX, ..LADDER };
        for due_at in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
            let limit = CycleLimit { since: due_at, due_at, carried_over: false };
            assert!(rungs(&ladder, &limit).len() < 4);
        }
    }
}
