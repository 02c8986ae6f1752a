//! Lines: for each fact and item, whether it counts, and why it does not.
//!
//! A tally is the sum of lines and of nothing else, so a unit that adds up its lines gets its score.

use super::bug::{self, Bug};
use super::scheme::{CountedCycles, Item};
use super::{Condition, Fact, Month, Scheme};

/// One fact under one item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line<'a> {
    /// The item.
    pub item: &'a Item,
    /// The fact.
    pub fact: &'a Fact,
    /// Whether it counts.
    pub verdict: Verdict,
}

/// Whether a fact counts for an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// In the denominator, and in the numerator by a credit of the item, if one applies.
    Counted {
        /// The place of the credit.
        credit: Option<usize>,
    },
    /// In the raw rate only.
    Excluded {
        /// The exclusion.
        by: Condition,
        /// The credit that it would have.
        credit: Option<usize>,
    },
    /// The instant that decides lies in another month, or has not come yet.
    OtherMonth,
    /// A later cycle of the same ticket counts in its place.
    LaterCycle {
        /// That cycle.
        cycle: u32,
    },
    /// It lacks a condition of the denominator.
    NotCounted {
        /// The first one that it lacks.
        lacks: Condition,
    },
}

/// The lines of one ticket for one unit: `facts` are its handling cycles with that unit.
pub fn lines<'a>(scheme: &'a Scheme, month: Month, facts: &'a [Fact]) -> impl Iterator<Item = Line<'a>> {
    scheme.items.iter().flat_map(move |item| {
        let last =
            facts.iter().filter(|fact| item.counted_by.is_in(month, fact)).map(|fact| fact.cycle).max();
        facts.iter().map(move |fact| Line { item, fact, verdict: item.verdict(month, fact, last) })
    })
}

impl Item {
    fn verdict(&self, month: Month, fact: &Fact, last: Option<u32>) -> Verdict {
        if !self.counted_by.is_in(month, fact) {
            return Verdict::OtherMonth;
        }
        let later = last.filter(|last| *last > fact.cycle);
        self.judge(later, |condition| condition.holds(fact, self.answers))
    }

    /// Whether a case of the month counts, by its properties. `later` is the cycle of the same ticket that counts in
    /// its place if a ticket counts once.
    pub(super) fn judge(&self, later: Option<u32>, holds: impl Fn(Condition) -> bool) -> Verdict {
        let is_once = self.cycles == CountedCycles::Last && !bug::is_injected(Bug::ReworkTwice);
        if let Some(cycle) = later.filter(|_| is_once) {
            return Verdict::LaterCycle { cycle };
        }
        if let Some(lacks) = self.denominator.iter().find(|condition| !holds(**condition)) {
            return Verdict::NotCounted { lacks: *lacks };
        }
        let credit = self.numerator.iter().position(|credit| holds(credit.when));
        match self.exclusions.iter().find(|condition| holds(**condition)) {
            Some(by) => Verdict::Excluded { by: *by, credit },
            None => Verdict::Counted { credit },
        }
    }
}
