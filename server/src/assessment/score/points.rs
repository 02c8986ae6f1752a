//! From a rate to points: a slope between a full mark and a floor, and a cliff under it.

use super::Fraction;
use super::scheme::{Scale, WithoutCases};

impl Scale {
    /// The points of a rate in percent; of an item without cases if there is no rate.
    #[must_use]
    pub fn points_of(&self, rate: Option<&Fraction>) -> Option<Fraction> {
        let Some(rate) = rate else {
            return match self.without_cases {
                WithoutCases::Unscored => None,
                WithoutCases::Full => Some(self.points.clone()),
            };
        };
        if let Some(cliff) = self.cliff.as_ref().filter(|cliff| *rate < cliff.below) {
            return Some(cliff.points.clone());
        }
        if *rate >= self.full_at {
            return Some(self.points.clone());
        }
        let lost = &self.slope * &(&self.full_at - rate);
        Some((&self.points - &lost).max(self.floor.clone()))
    }
}
