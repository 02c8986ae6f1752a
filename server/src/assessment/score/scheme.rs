//! A scheme (考核方案): which cases an item counts, how its rate becomes points, and how much it weighs.
//!
//! A scheme is a document with a closed set of words. It can be changed without a release, and it cannot compute
//! anything else. Published schemes are piecewise linear, with floors and cliffs, and their thresholds move within a
//! year.

mod fault;
mod validate;

use serde::{Deserialize, Serialize};

use super::answers_of::AnswersOf;
use super::{Condition, Fact, Fraction, Month};
use crate::ticket::Instant;

pub use fault::SchemeFault;

/// Bytes of a scheme's document.
pub const SCHEME_BYTES_MAX: usize = 65_536;

const EQUAL_THIRDS: &str = include_str!("../../../data/schemes/equal_thirds.toml");
const ON_TIME_AND_SIGN_FOR: &str = include_str!("../../../data/schemes/on_time_and_sign_for.toml");

/// How a month is counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scheme {
    /// Its name, for people.
    pub name: String,
    /// Decimals of points and composites, rounded half up.
    pub decimals: u32,
    /// A unit with fewer cases in one of the weighted items gets no rank.
    pub cases_min: u64,
    /// The items, in the order in which they are printed.
    pub items: Vec<Item>,
}

/// One rate and its points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Its key, for example `response`.
    pub key: String,
    /// The clause of the scheme, as people wrote it. Lines of a score show it.
    pub clause: String,
    /// The instant by which a case belongs to a month.
    pub counted_by: CountedBy,
    /// Which handling cycles of a ticket count.
    #[serde(default)]
    pub cycles: CountedCycles,
    /// Which answers of the company count.
    #[serde(default)]
    pub answers: AnswersOf,
    /// What a case must have to be counted, beside its month.
    #[serde(default)]
    pub denominator: Vec<Condition>,
    /// What a case counts in the numerator: the first credit that applies.
    pub numerator: Vec<Credit>,
    /// What takes a case out of the adjusted rate. The raw rate counts it.
    #[serde(default)]
    pub exclusions: Vec<Condition>,
    /// Decimals of the rate in percent, as it is printed.
    pub rate_decimals: u32,
    /// Whether points are counted from the rate as it is printed, and not from the exact one.
    #[serde(default)]
    pub is_scored_as_printed: bool,
    /// What the points count in the composite.
    pub weight: Fraction,
    /// How the rate becomes points.
    pub scale: Scale,
}

/// What a case counts in the numerator if a condition holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credit {
    /// The condition.
    pub when: Condition,
    /// From 0 to 1.
    #[serde(default = "whole_case")]
    pub worth: Fraction,
}

fn whole_case() -> Fraction {
    Fraction::whole(1)
}

/// From a rate in percent to points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scale {
    /// The most points.
    pub points: Fraction,
    /// The rate from which on all points are given.
    pub full_at: Fraction,
    /// Points lost for each percent point below `full_at`.
    pub slope: Fraction,
    /// The fewest points on the slope.
    pub floor: Fraction,
    /// The rate below which there are other points, whatever slope and floor say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cliff: Option<Cliff>,
    /// What an item without cases gets.
    #[serde(default)]
    pub without_cases: WithoutCases,
}

/// A fall of the points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cliff {
    /// Rates below this are below the cliff.
    pub below: Fraction,
    /// Their points.
    pub points: Fraction,
}

/// The instant by which a case belongs to a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CountedBy {
    /// The intake.
    Received,
    /// The dispatch to the unit.
    Dispatched,
    /// The limit in force.
    Due,
    /// The completion.
    Completed,
    /// The follow-up call.
    Surveyed,
}

/// Which handling cycles of a ticket count for a unit in a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CountedCycles {
    /// The last one in the month, so that a ticket counts once.
    #[default]
    Last,
    /// Every one.
    Each,
}

/// What an item without cases gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WithoutCases {
    /// No points, and the unit no composite.
    #[default]
    Unscored,
    /// All points.
    Full,
}

impl Scheme {
    /// Reads a scheme from TOML.
    ///
    /// # Errors
    /// Everything that is wrong with it; one fault if it is no such document.
    pub fn read(text: &str) -> Result<Self, Vec<SchemeFault>> {
        if text.len() > SCHEME_BYTES_MAX {
            return Err(vec![SchemeFault::whole(format!("at most {SCHEME_BYTES_MAX} bytes"))]);
        }
        let scheme: Self = toml::from_str(text).map_err(|error| {
            vec![SchemeFault::whole(format!("is no scheme in TOML: {}", error.message()))]
        })?;
        let faults = scheme.faults();
        if faults.is_empty() { Ok(scheme) } else { Err(faults) }
    }

    /// The scheme that counts if nobody proposed one: equal thirds of the three rates of the survey.
    ///
    /// # Errors
    /// Never: a test reads it.
    pub fn equal_thirds() -> Result<Self, Vec<SchemeFault>> {
        Self::read(EQUAL_THIRDS)
    }

    /// An example with items for completion on time and for signing in time.
    ///
    /// # Errors
    /// Never: a test reads it.
    pub fn on_time_and_sign_for() -> Result<Self, Vec<SchemeFault>> {
        Self::read(ON_TIME_AND_SIGN_FOR)
    }
}

impl CountedBy {
    /// All of them, in the order of their numbers in tables.
    pub const ALL: [Self; 5] = [Self::Received, Self::Dispatched, Self::Due, Self::Completed, Self::Surveyed];

    /// The instant of a fact, if it has one.
    #[must_use]
    pub fn instant(self, fact: &Fact) -> Option<Instant> {
        match self {
            Self::Received => Some(fact.received_at),
            Self::Dispatched => fact.dispatched_at,
            Self::Due => Some(fact.due_at),
            Self::Completed => fact.completed_at,
            Self::Surveyed => fact.follow_up.as_ref().map(|answers| answers.surveyed_at),
        }
    }

    /// Whether a fact belongs to a month.
    #[must_use]
    pub fn is_in(self, month: Month, fact: &Fact) -> bool {
        self.instant(fact).is_some_and(|at| month.contains(at))
    }
}
