//! Tallies: how many cases each item of a scheme has, unit by unit. They are whole numbers, so they can be added in any
//! order, and stored.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::scheme::CountedBy;
use super::{Fact, Month, Scheme, Verdict, lines};
use crate::ticket::UnitCode;

/// The cases of one item, counted once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// The cases.
    pub denominator: u64,
    /// How many of them have each credit of the numerator.
    pub credits: Vec<u64>,
}

/// The cases of one item.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemTally {
    /// All cases.
    pub raw: Count,
    /// Those that are not excluded.
    pub adjusted: Count,
}

/// The cases of one unit in a month.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// The tickets that the unit got in the month, or that the hotline kept for itself.
    pub requests: u64,
    /// The cases of the items, in the order of the scheme.
    pub items: Vec<ItemTally>,
}

/// The tallies of all units in a month; `None` is the hotline itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthTally<'s> {
    scheme: &'s Scheme,
    month: Month,
    /// The tally of each unit with a fact.
    pub units: BTreeMap<Option<UnitCode>, Tally>,
}

impl Count {
    fn add(&mut self, credit: Option<usize>, cases: u64) {
        self.denominator += cases;
        if let Some(of_credit) = credit.and_then(|place| self.credits.get_mut(place)) {
            *of_credit += cases;
        }
    }
}

impl ItemTally {
    /// Adds cases with the same verdict.
    pub(super) fn add(&mut self, verdict: Verdict, cases: u64) {
        match verdict {
            Verdict::Counted { credit } => {
                self.raw.add(credit, cases);
                self.adjusted.add(credit, cases);
            }
            Verdict::Excluded { credit, .. } => self.raw.add(credit, cases),
            Verdict::OtherMonth | Verdict::LaterCycle { .. } | Verdict::NotCounted { .. } => {}
        }
    }
}

impl Tally {
    /// A tally without cases.
    #[must_use]
    pub fn empty(scheme: &Scheme) -> Self {
        let items = scheme.items.iter().map(|item| {
            let count = Count { denominator: 0, credits: vec![0; item.numerator.len()] };
            ItemTally { raw: count.clone(), adjusted: count }
        });
        Self { requests: 0, items: items.collect() }
    }

    /// Adds a ticket: all its cycles with the unit.
    pub fn add(&mut self, scheme: &Scheme, month: Month, facts: &[Fact]) {
        self.requests += u64::from(facts.iter().any(|fact| is_request(month, fact)));
        // Lines come item by item, as many for each as there are facts.
        for (place, line) in lines(scheme, month, facts).enumerate() {
            if let Some(item) = self.items.get_mut(place / facts.len().max(1)) {
                item.add(line.verdict, 1);
            }
        }
    }
}

/// Whether the unit got the ticket in the month.
fn is_request(month: Month, fact: &Fact) -> bool {
    let came_by = if fact.unit.is_some() { CountedBy::Dispatched } else { CountedBy::Received };
    came_by.is_in(month, fact)
}

impl<'s> MonthTally<'s> {
    /// A month without cases.
    #[must_use]
    pub const fn new(scheme: &'s Scheme, month: Month) -> Self {
        Self { scheme, month, units: BTreeMap::new() }
    }

    /// Adds a ticket: all its cycles, whichever units they belong to.
    pub fn add(&mut self, facts: &[Fact]) {
        let mut of_units: BTreeMap<&Option<UnitCode>, Vec<Fact>> = BTreeMap::new();
        for fact in facts {
            of_units.entry(&fact.unit).or_default().push(fact.clone());
        }
        for (unit, facts) in of_units {
            let tally = self.units.entry(unit.clone()).or_insert_with(|| Tally::empty(self.scheme));
            tally.add(self.scheme, self.month, &facts);
        }
    }

    /// The tally of a unit, also if it has no facts.
    #[must_use]
    pub fn of(&self, unit: Option<&UnitCode>) -> Tally {
        self.units.get(&unit.cloned()).cloned().unwrap_or_else(|| Tally::empty(self.scheme))
    }
}
