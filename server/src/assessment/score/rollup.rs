//! Rollups: how many cases of a unit in a month have the same properties. They know no scheme, so they are kept once,
//! and every scheme counts its tallies from them. A score reads a few hundred rows, however many tickets there are.
//!
//! A fact is a case once for each instant that it has: it belongs to the month of that instant.

use std::collections::{BTreeMap, BTreeSet};

use super::answers_of::AnswersOf;
use super::scheme::CountedBy;
use super::{Condition, Fact, Month, Scheme, Tally};
use crate::ticket::{TicketNumber, UnitCode};

/// Which conditions a case has, and whether it is the ticket's last cycle with its unit in the month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Properties(pub i64);

/// The bit of the last cycle. It lies above the bits of the conditions.
const LAST_CYCLE: i64 = 1 << 40;
/// The first bit of the conditions about answers, by the second call.
const RECHECK: usize = Condition::ALL.len();

impl Properties {
    fn of(fact: &Fact, is_last: bool) -> Self {
        let by_survey = Condition::ALL.iter().map(|one| one.holds(fact, AnswersOf::Survey));
        let by_recheck = Condition::OF_ANSWERS.iter().map(|one| one.holds(fact, AnswersOf::Recheck));
        let places = by_survey.chain(by_recheck).enumerate().filter(|(_, holds)| *holds);
        let bits = places.fold(0, |bits, (place, _)| bits | 1 << place);
        Self(if is_last { bits | LAST_CYCLE } else { bits })
    }

    /// Whether a case has a condition, by the answers of the survey or those of the second call.
    #[must_use]
    pub fn has(self, condition: Condition, answers: AnswersOf) -> bool {
        let place_in = |all: &[Condition]| all.iter().position(|one| *one == condition);
        let of_recheck = place_in(&Condition::OF_ANSWERS).filter(|_| answers == AnswersOf::Recheck);
        let place = of_recheck.map(|place| RECHECK + place).or_else(|| place_in(&Condition::ALL));
        place.is_some_and(|place| self.0 & 1 << place != 0)
    }

    /// Whether no later cycle of the ticket belongs to the same unit and month.
    #[must_use]
    pub const fn is_last_cycle(self) -> bool {
        self.0 & LAST_CYCLE != 0
    }
}

/// Under which row of the rollup a case is counted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CaseKey {
    /// The ticket.
    pub ticket: TicketNumber,
    /// The cycle.
    pub cycle: u32,
    /// The unit; `None` for the hotline.
    pub unit: Option<UnitCode>,
    /// The topic.
    pub topic: Option<String>,
    /// The district.
    pub district: Option<String>,
    /// The month.
    pub month: Month,
    /// The instant that lies in the month.
    pub counted_by: CountedBy,
    /// What the case is.
    pub properties: Properties,
}

/// Cases with the same instant and properties.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RollupRow {
    /// The instant that lies in the month.
    pub counted_by: CountedBy,
    /// What the cases are.
    pub properties: Properties,
    /// How many.
    pub cases: u64,
}

/// The cases of one ticket: all its cycles, whichever units they belong to.
#[must_use]
pub fn cases(facts: &[Fact]) -> Vec<CaseKey> {
    let mut last: BTreeMap<(Option<&UnitCode>, CountedBy, Month), u32> = BTreeMap::new();
    let dated = || {
        let instants =
            |fact| CountedBy::ALL.iter().filter_map(move |by| Some((fact, *by, by.instant(fact)?)));
        facts.iter().flat_map(instants).map(|(fact, by, at): (&Fact, _, _)| (fact, by, Month::of(at)))
    };
    for (fact, by, month) in dated() {
        let cycle = last.entry((fact.unit.as_ref(), by, month)).or_default();
        *cycle = fact.cycle.max(*cycle);
    }
    let key = |(fact, counted_by, month): (&Fact, CountedBy, Month)| {
        let is_last = last.get(&(fact.unit.as_ref(), counted_by, month)) == Some(&fact.cycle);
        CaseKey {
            ticket: fact.ticket,
            cycle: fact.cycle,
            unit: fact.unit.clone(),
            topic: fact.topic.clone(),
            district: fact.district.clone(),
            month,
            counted_by,
            properties: Properties::of(fact, is_last),
        }
    };
    dated().map(key).collect()
}

/// The months in which a unit has a case of a ticket.
#[must_use]
pub fn months(cases: &[CaseKey]) -> BTreeSet<(Option<UnitCode>, Month)> {
    cases.iter().map(|case| (case.unit.clone(), case.month)).collect()
}

impl Tally {
    /// The tally of a unit in a month from its rows; `is_hotline` for the tickets without a unit.
    #[must_use]
    pub fn of_rollup(scheme: &Scheme, is_hotline: bool, rows: &[RollupRow]) -> Self {
        let came_by = if is_hotline { CountedBy::Received } else { CountedBy::Dispatched };
        let mut tally = Self::empty(scheme);
        for row in rows {
            let is_last = row.properties.is_last_cycle();
            if row.counted_by == came_by && is_last {
                tally.requests += row.cases;
            }
            let items = scheme.items.iter().zip(&mut tally.items);
            for (item, of_item) in items.filter(|(item, _)| item.counted_by == row.counted_by) {
                let later = (!is_last).then_some(u32::MAX);
                let has = |condition| row.properties.has(condition, item.answers);
                of_item.add(item.judge(later, has), row.cases);
            }
        }
        tally
    }
}

#[cfg(test)]
mod tests {
    use super::super::MonthTally;
    use super::super::bug::{self, Bug};
    use super::super::tests::random_facts::{self, Random};
    use super::*;

    /// The tallies of all units in a month, counted through rollups.
    fn by_rollup(scheme: &Scheme, month: Month, tickets: &[Vec<Fact>]) -> BTreeMap<Option<UnitCode>, Tally> {
        let mut rows: BTreeMap<(Option<UnitCode>, CountedBy, Properties), u64> = BTreeMap::new();
        let all = tickets.iter().flat_map(|facts| cases(facts)).filter(|case| case.month == month);
        for case in all {
            *rows.entry((case.unit, case.counted_by, case.properties)).or_default() += 1;
        }
        let mut of_units: BTreeMap<Option<UnitCode>, Vec<RollupRow>> = BTreeMap::new();
        for ((unit, counted_by, properties), cases) in rows {
            of_units.entry(unit).or_default().push(RollupRow { counted_by, properties, cases });
        }
        let tally = |(unit, rows): (Option<UnitCode>, Vec<RollupRow>)| {
            let tally = Tally::of_rollup(scheme, unit.is_none(), &rows);
            (unit, tally)
        };
        of_units.into_iter().map(tally).collect()
    }

    /// The first set of facts whose rollups count otherwise than its facts.
    fn disagreement(bug_in_rollup: Option<Bug>) -> Option<u64> {
        let month = Month::new(2019, 10).expect("a month");
        (0..3_000).find(|seed| {
            let mut random = Random::new(*seed);
            let scheme = random_facts::scheme(&mut random);
            let tickets: Vec<_> =
                (1..=8).map(|sequence| random_facts::ticket(&mut random, sequence)).collect();
            let mut tally = MonthTally::new(&scheme, month);
            for facts in &tickets {
                tally.add(facts);
            }
            let rolled = match bug_in_rollup {
                Some(bug) => bug::with(bug, || by_rollup(&scheme, month, &tickets)),
                None => by_rollup(&scheme, month, &tickets),
            };
            let empty = Tally::empty(&scheme);
            let units = tally.units.keys().chain(rolled.keys());
            units.into_iter().any(|unit| tally.of(unit.as_ref()) != *rolled.get(unit).unwrap_or(&empty))
        })
    }

    #[test]
    fn rollups_count_what_facts_count() {
        assert_eq!(disagreement(None), None);
    }

    #[test]
    fn months_in_utc_and_reworks_that_count_twice_are_found_in_rollups() {
        assert!(disagreement(Some(Bug::UtcMonth)).is_some(), "a month boundary is moved");
        assert!(disagreement(Some(Bug::ReworkTwice)).is_some(), "a rework counts twice");
    }

    #[test]
    fn every_condition_has_its_own_bit() {
        for (place, condition) in Condition::ALL.iter().enumerate() {
            let properties = Properties(1 << place);
            let has = |one: &&Condition| properties.has(**one, AnswersOf::Survey);
            assert_eq!(Condition::ALL.iter().filter(has).collect::<Vec<_>>(), [condition]);
        }
        for (place, condition) in Condition::OF_ANSWERS.iter().enumerate() {
            let properties = Properties(1 << (RECHECK + place));
            let has = |one: &&Condition| properties.has(**one, AnswersOf::Recheck);
            assert_eq!(Condition::ALL.iter().filter(has).collect::<Vec<_>>(), [condition]);
        }
        let bits = RECHECK + Condition::OF_ANSWERS.len();
        assert!(bits < 40 && Properties(LAST_CYCLE).is_last_cycle());
    }
}
