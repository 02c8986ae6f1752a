//! Scores: from the facts of a month to the rates, points and ranks of its units.
//!
//! ```text
//! facts of a ticket ──lines──▶ tally of a unit ──score──▶ items and composite ──rank──▶ ranking of a group
//! ```
//!
//! Everything here is pure. A [`Scheme`] is a document: which cases an item counts, and how its rate becomes points.
//! All numbers are exact fractions until they are printed, so the same facts give the same bytes on every machine.
//! A rate without cases has no value; nothing here divides by zero or takes it for 0 %.
//!
//! | term | meaning |
//! |---|---|
//! | fact | what a unit did with a ticket in one handling cycle |
//! | item | a rate with its scale of points |
//! | raw, adjusted | without and with the exclusions of the scheme |
//! | line | why a fact counts for an item, or why it does not |
//! | tally | the counts of a unit for every item |
//! | rollup | how many cases of a unit and month have the same properties, for any scheme |

pub mod answers_of;
mod bug;
pub mod condition;
pub mod difference;
pub mod fact;
pub mod fraction;
pub mod interval;
pub mod line;
pub mod month;
pub mod points;
pub mod ranking;
pub mod report;
pub mod rollup;
pub mod scheme;
pub mod tally;
#[cfg(test)]
mod tests;
pub mod unit_score;

pub use condition::Condition;
pub use difference::{Difference, Outcome, differences};
pub use fact::{Fact, FollowUpAnswers};
pub use fraction::Fraction;
pub use line::{Line, Verdict, lines};
pub use month::Month;
pub use ranking::{Place, Standing, rank};
pub use report::report;
pub use rollup::{CaseKey, Properties, RollupRow};
pub use scheme::{Item, Scheme, SchemeFault};
pub use tally::{MonthTally, Tally};
pub use unit_score::{ItemScore, Rate, UnitScore};
