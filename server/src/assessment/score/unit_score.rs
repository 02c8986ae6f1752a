//! The score of a unit: every item with its counts, its rate and its points, raw and adjusted, and the composite.

use super::interval::{Interval, wilson};
use super::tally::{Count, ItemTally};
use super::{Fraction, Item, Scheme, Tally};

/// The score of one unit in one month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitScore {
    /// The tickets that it got.
    pub requests: u64,
    /// The items, in the order of the scheme.
    pub items: Vec<ItemScore>,
    /// The weighted points without exclusions; `None` if an item has none.
    pub raw_composite: Option<Fraction>,
    /// The weighted points.
    pub composite: Option<Fraction>,
    /// The cases of the weighted item that has the fewest.
    pub cases: u64,
}

/// One item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemScore {
    /// Without the exclusions.
    pub raw: Rate,
    /// With the exclusions.
    pub adjusted: Rate,
}

/// A rate with its counts and points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rate {
    /// The sum of the credits.
    pub numerator: Fraction,
    /// The cases.
    pub denominator: u64,
    /// In percent; `None` without cases.
    pub percent: Option<Fraction>,
    /// The points; `None` if an item without cases has none.
    pub points: Option<Fraction>,
}

impl Rate {
    fn of(item: &Item, count: &Count) -> Self {
        let credits = item.numerator.iter().zip(&count.credits);
        let worth = |sum: Fraction, (credit, cases): (&super::scheme::Credit, &u64)| {
            &sum + &(&credit.worth * &Fraction::whole(*cases))
        };
        let numerator = credits.fold(Fraction::zero(), worth);
        let share = numerator.divided_by(count.denominator);
        let percent = share.map(|share| &share * &Fraction::whole(100));
        let scored = percent.as_ref().map(|percent| item.scored(percent));
        let points = item.scale.points_of(scored.as_ref());
        Self { numerator, denominator: count.denominator, percent, points }
    }

    /// The 95 % interval of the rate; `None` without cases.
    #[must_use]
    pub fn interval(&self) -> Option<Interval> {
        wilson(&self.numerator.divided_by(self.denominator)?, self.denominator)
    }
}

impl Item {
    /// The rate from which points are counted.
    fn scored(&self, percent: &Fraction) -> Fraction {
        if self.is_scored_as_printed { percent.rounded(self.rate_decimals) } else { percent.clone() }
    }
}

impl UnitScore {
    /// The score of a tally under the scheme that counted it.
    #[must_use]
    pub fn of(scheme: &Scheme, tally: &Tally) -> Self {
        let score = |(item, tally): (&Item, &ItemTally)| ItemScore {
            raw: Rate::of(item, &tally.raw),
            adjusted: Rate::of(item, &tally.adjusted),
        };
        let items: Vec<_> = scheme.items.iter().zip(&tally.items).map(score).collect();
        let composite = |rate: fn(&ItemScore) -> &Rate| {
            scheme.items.iter().zip(&items).try_fold(Fraction::zero(), |sum, (item, score)| {
                if item.weight.is_zero() {
                    return Some(sum);
                }
                Some(&sum + &(&item.weight * rate(score).points.as_ref()?))
            })
        };
        let (raw_composite, adjusted) = (composite(|score| &score.raw), composite(|score| &score.adjusted));
        let weighted = scheme.items.iter().zip(&items).filter(|(item, score)| {
            let is_given = score.adjusted.denominator == 0 && score.adjusted.points.is_some();
            !item.weight.is_zero() && !is_given
        });
        let cases = weighted.map(|(_, score)| score.adjusted.denominator).min().unwrap_or(0);
        Self { requests: tally.requests, raw_composite, composite: adjusted, cases, items }
    }

    /// Whether an item has a case, excluded or not.
    #[must_use]
    pub fn has_cases(&self) -> bool {
        self.items.iter().any(|item| item.raw.denominator > 0)
    }
}
