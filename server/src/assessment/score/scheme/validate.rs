//! The bounds of a scheme. A refused scheme gets every fault at once, each with the path of its value.

use std::collections::BTreeSet;

use super::super::Fraction;
use super::fault::SchemeFault;
use super::{Item, Scheme};

/// Items of a scheme.
const ITEMS_MAX: usize = 20;
/// Conditions or credits of one list.
const CONDITIONS_MAX: usize = 12;
/// Characters of a key.
const KEY_CHARS_MAX: usize = 40;
/// Characters of a name or a clause.
const TEXT_CHARS_MAX: usize = 400;
/// Decimals of a printed number.
const DECIMALS_MAX: u32 = 6;
/// Points of an item.
const POINTS_MAX: u64 = 1_000;

/// Collects the faults of one part.
struct Faults {
    path: String,
    found: Vec<SchemeFault>,
}

impl Faults {
    fn require(&mut self, is_kept: bool, field: &str, rule: impl Into<String>) {
        if !is_kept {
            self.found.push(SchemeFault { path: format!("{}{field}", self.path), rule: rule.into() });
        }
    }
}

fn is_text(text: &str) -> bool {
    !text.trim().is_empty() && text.chars().count() <= TEXT_CHARS_MAX && !text.chars().any(char::is_control)
}

fn is_key(key: &str) -> bool {
    let is_letter = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
    !key.is_empty() && key.len() <= KEY_CHARS_MAX && key.chars().all(is_letter)
}

impl Scheme {
    /// Everything that is wrong with the scheme.
    #[must_use]
    pub fn faults(&self) -> Vec<SchemeFault> {
        let mut faults = Faults { path: String::new(), found: Vec::new() };
        faults.require(is_text(&self.name), "name", format!("a text of 1 to {TEXT_CHARS_MAX} characters"));
        faults.require(self.decimals <= DECIMALS_MAX, "decimals", format!("at most {DECIMALS_MAX}"));
        faults.require(self.cases_min >= 1, "cases_min", "at least 1");
        let is_count = (1..=ITEMS_MAX).contains(&self.items.len());
        faults.require(is_count, "items", format!("1 to {ITEMS_MAX} items"));
        let is_weighted = self.items.iter().any(|item| !item.weight.is_zero());
        faults.require(is_weighted, "items", "at least one item with a weight");
        let mut keys = BTreeSet::new();
        for (place, item) in self.items.iter().take(ITEMS_MAX).enumerate() {
            faults.path = format!("items[{place}].");
            faults.require(keys.insert(&item.key), "key", "a key that no other item has");
            item.find_faults(&mut faults);
        }
        faults.found
    }
}

impl Item {
    fn find_faults(&self, faults: &mut Faults) {
        let (one, hundred) = (Fraction::whole(1), Fraction::whole(100));
        faults.require(
            is_key(&self.key),
            "key",
            format!("1 to {KEY_CHARS_MAX} small letters, digits or underscores"),
        );
        faults.require(
            is_text(&self.clause),
            "clause",
            format!("a text of 1 to {TEXT_CHARS_MAX} characters"),
        );
        faults.require(
            self.rate_decimals <= DECIMALS_MAX,
            "rate_decimals",
            format!("at most {DECIMALS_MAX}"),
        );
        for (field, conditions) in [("denominator", &self.denominator), ("exclusions", &self.exclusions)] {
            let is_few = conditions.len() <= CONDITIONS_MAX;
            faults.require(is_few, field, format!("at most {CONDITIONS_MAX} conditions"));
        }
        let is_count = (1..=CONDITIONS_MAX).contains(&self.numerator.len());
        faults.require(is_count, "numerator", format!("1 to {CONDITIONS_MAX} credits"));
        let is_worth = self.numerator.iter().all(|credit| credit.worth <= one);
        faults.require(is_worth, "numerator", "credits that are worth 0 to 1");
        faults.require(self.weight <= Fraction::whole(100), "weight", "from 0 to 100");
        let scale = &self.scale;
        faults.require(
            scale.points <= Fraction::whole(POINTS_MAX),
            "scale.points",
            format!("at most {POINTS_MAX}"),
        );
        faults.require(scale.full_at <= hundred, "scale.full_at", "a rate of at most 100 percent");
        faults.require(scale.floor <= scale.points, "scale.floor", "not more than the points");
        if let Some(cliff) = &scale.cliff {
            faults.require(cliff.below <= hundred, "scale.cliff.below", "a rate of at most 100 percent");
            faults.require(cliff.points <= scale.points, "scale.cliff.points", "not more than the points");
        }
    }
}
