//! The values of a policy, as plain numbers.

use super::due::Length;
use crate::random::Random;

/// One policy.
#[derive(Debug, Clone)]
pub(crate) struct Rules {
    /// By tier: general consultation, complex with one unit, with several, general, complex.
    pub(crate) tiers: [Length; 5],
    pub(crate) remind_hours: u32,
    pub(crate) urge_hours: u32,
    pub(crate) supervise_hours: u32,
    pub(crate) manual_hours: u32,
    pub(crate) window: Length,
    pub(crate) returns_max: u32,
    pub(crate) promise_max_days: u32,
    pub(crate) attempts_max: u32,
    pub(crate) attempt_gap_hours: u32,
    pub(crate) answers_followed_up: bool,
    pub(crate) reworks_max: u32,
    /// Whether every survey is chosen for a second call, or none: the reference cannot know the key of the draw.
    pub(crate) is_rechecked: bool,
    /// Minutes of the day between which calls are taken.
    pub(crate) open_minutes: (i64, i64),
    pub(crate) call_age_max_hours: u32,
    pub(crate) correction_minutes: u32,
    pub(crate) undo_hours: u32,
    pub(crate) reopen_days: u32,
}

impl Rules {
    /// The default values of DOMAIN.md.
    pub(crate) const fn published() -> Self {
        Self {
            tiers: [
                Length::Minutes(30),
                Length::Natural(3),
                Length::Natural(7),
                Length::Natural(7),
                Length::Natural(15),
            ],
            remind_hours: 0,
            urge_hours: 0,
            supervise_hours: 24,
            manual_hours: 48,
            window: Length::Working(1),
            returns_max: 2,
            promise_max_days: 180,
            attempts_max: 3,
            attempt_gap_hours: 4,
            answers_followed_up: true,
            reworks_max: 1,
            is_rechecked: false,
            open_minutes: (6 * 60, 24 * 60),
            call_age_max_hours: 7 * 24,
            correction_minutes: 10,
            undo_hours: 72,
            reopen_days: 30,
        }
    }

    /// Random values for which a tier with more work is never due before one with less, on any calendar: if the first
    /// uses working days, the second does too.
    pub(crate) fn random_in_order(random: &mut Random) -> Self {
        let mut rules = Self::random(random);
        if let [_, _, _, Length::Natural(days), Length::Natural(_)] = rules.tiers {
            rules.tiers[3] = Length::Working(days);
        }
        for (less, more) in [(1, 2), (3, 4)] {
            if let (Length::Working(_), Length::Natural(days)) = (rules.tiers[less], rules.tiers[more]) {
                rules.tiers[more] = Length::Working(days);
            }
        }
        rules
    }

    /// Random values within the bounds of a policy.
    pub(crate) fn random(random: &mut Random) -> Self {
        let small = |random: &mut Random, end: usize| u32::try_from(random.below(end)).unwrap_or(0);
        let mut rules = Self::published();
        for length in &mut rules.tiers[1..] {
            if let Length::Natural(days) = *length
                && random.percent(60)
            {
                *length = Length::Working(days + small(random, 3));
            }
        }
        rules.remind_hours = if random.percent(50) { 1 + small(random, 48) } else { 0 };
        rules.urge_hours = if random.percent(70) { 0 } else { small(random, 12) };
        rules.supervise_hours = rules.urge_hours + 1 + small(random, 36);
        rules.manual_hours = rules.supervise_hours + 1 + small(random, 48);
        let days = 1 + small(random, 2);
        rules.window = if random.percent(70) { Length::Working(days) } else { Length::Natural(days) };
        rules.returns_max = small(random, 4);
        rules.promise_max_days = 20 + small(random, 100);
        rules.attempts_max = 1 + small(random, 4);
        rules.attempt_gap_hours = small(random, 8);
        rules.answers_followed_up = random.percent(70);
        rules.reworks_max = small(random, 3);
        rules.call_age_max_hours = 2 + small(random, 72);
        rules.correction_minutes = if random.percent(80) { 1 + small(random, 60) } else { 0 };
        rules.undo_hours = small(random, 30);
        rules.reopen_days = small(random, 4);
        rules.is_rechecked = random.percent(50);
        rules
    }
}
