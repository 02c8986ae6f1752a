//! Random tickets and schemes from a seed. Instants lie near the ends of the month, where mistakes are made.

use chrono::TimeDelta;

use super::super::answers_of::AnswersOf;
use super::super::fact::{Fact, FollowUpAnswers};
use super::super::scheme::{Cliff, CountedBy, CountedCycles, Credit, Item, Scale, WithoutCases};
use super::super::{Condition, Fraction, Scheme};
use super::fixture::{fact, october};
use crate::ticket::{Category, Channel, Instant, Resolved, Responded, Rung, Satisfied, UnitCode};

/// `SplitMix64`: the same seed gives the same tickets on every machine.
pub(in crate::assessment::score) struct Random(u64);

impl Random {
    pub(in crate::assessment::score) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub(in crate::assessment::score) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end.max(1) as u64).unwrap_or(0)
    }

    fn one_in(&mut self, of: usize) -> bool {
        self.below(of) == 0
    }

    fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }

    fn maybe<T: Clone>(&mut self, of: &[T]) -> Option<T> {
        (!self.one_in(4)).then(|| self.pick(of))
    }

    /// An instant of September to November, half of them within ten hours of an end of October.
    fn instant(&mut self) -> Instant {
        let hours = if self.one_in(2) { 1_464 } else { 20 };
        let from = if self.one_in(2) { october().begins_at() } else { october().next().begins_at() };
        let minutes = self.below(hours * 60);
        from + TimeDelta::minutes(i64::try_from(minutes).unwrap_or(0)) - TimeDelta::minutes(600)
    }

    fn maybe_instant(&mut self) -> Option<Instant> {
        (!self.one_in(4)).then(|| self.instant())
    }
}

/// The cycles of one ticket.
pub(in crate::assessment::score) fn ticket(random: &mut Random, sequence: u32) -> Vec<Fact> {
    let cycles = if random.one_in(3) { 2 + random.below(2) } else { 1 };
    let topic = random.maybe(&["tax".to_owned()]);
    let (category, channel) = (
        random.pick(&[Category::Consultation, Category::Appeal, Category::ComplaintReport]),
        random.pick(&[Channel::Telephone, Channel::Web, Channel::App, Channel::Partner]),
    );
    (1..)
        .take(cycles)
        .map(|cycle| Fact { cycle, topic: topic.clone(), category, channel, ..one_cycle(random, sequence) })
        .collect()
}

fn one_cycle(random: &mut Random, sequence: u32) -> Fact {
    let units = ["department-water", "department-water", "department-energy"];
    let unit = random.maybe(&units).map(|unit| UnitCode(unit.to_owned()));
    let follow_up = (!random.one_in(3)).then(|| answers(random));
    let recheck = (follow_up.is_some() && random.one_in(4)).then(|| answers(random));
    Fact {
        unit,
        received_at: random.instant(),
        dispatched_at: random.maybe_instant(),
        accepted_at: random.maybe_instant(),
        accept_due_at: random.maybe_instant(),
        due_at: random.instant(),
        completed_at: random.maybe_instant(),
        is_carried_over: random.one_in(5),
        rung: random.pick(&[Rung::None, Rung::Reminded, Rung::Urged, Rung::Supervised, Rung::Manual]),
        returns: u32::from(random.one_in(5)),
        follow_up,
        recheck,
        is_excluded: random.one_in(8),
        ..fact(sequence)
    }
}

fn answers(random: &mut Random) -> FollowUpAnswers {
    FollowUpAnswers {
        surveyed_at: random.instant(),
        responded: random.maybe(&[Responded::Yes, Responded::No, Responded::WouldNotAnswer]),
        resolved: random.maybe(&[Resolved::Yes, Resolved::Partly, Resolved::No, Resolved::WouldNotAnswer]),
        satisfied: random.maybe(&[
            Satisfied::Satisfied,
            Satisfied::Basically,
            Satisfied::Dissatisfied,
            Satisfied::WouldNotAnswer,
        ]),
    }
}

fn number(random: &mut Random, of: &[&str]) -> Fraction {
    random.pick(of).parse().expect("it is a number")
}

/// A scheme of up to three items.
pub(in crate::assessment::score) fn scheme(random: &mut Random) -> Scheme {
    let count = 1 + random.below(3);
    let items = (0..count).map(|place| item(random, place)).collect();
    let scheme = Scheme { name: "random".to_owned(), decimals: 2, cases_min: 1, items };
    assert_eq!(scheme.faults(), [], "random schemes are valid");
    scheme
}

fn item(random: &mut Random, place: usize) -> Item {
    let conditions = |random: &mut Random, most: usize| {
        let count = random.below(most + 1);
        (0..count).map(|_| random.pick(&Condition::ALL)).collect()
    };
    let credits = 1 + random.below(2);
    let credit = |random: &mut Random| Credit {
        when: random.pick(&Condition::ALL),
        worth: number(random, &["1", "1", "0.5", "1/3", "0"]),
    };
    let cliff = random.one_in(3).then(|| Cliff {
        below: number(random, &["50", "66.67", "80"]),
        points: number(random, &["0", "2.5"]),
    });
    Item {
        key: format!("item_{place}"),
        clause: "random".to_owned(),
        counted_by: random.pick(&[
            CountedBy::Received,
            CountedBy::Dispatched,
            CountedBy::Due,
            CountedBy::Completed,
            CountedBy::Surveyed,
        ]),
        cycles: random.pick(&[CountedCycles::Last, CountedCycles::Last, CountedCycles::Each]),
        answers: random.pick(&[AnswersOf::Survey, AnswersOf::Recheck]),
        denominator: conditions(random, 1),
        numerator: (0..credits).map(|_| credit(random)).collect(),
        exclusions: conditions(random, 2),
        rate_decimals: 2,
        is_scored_as_printed: random.one_in(2),
        weight: number(random, &["1", "0.2", "1/3", "0.35"]),
        scale: Scale {
            points: number(random, &["25", "100"]),
            full_at: number(random, &["95", "98", "100"]),
            slope: number(random, &["0.5", "1"]),
            floor: number(random, &["0", "12.5"]),
            cliff,
            without_cases: random.pick(&[WithoutCases::Unscored, WithoutCases::Full]),
        },
    }
}
