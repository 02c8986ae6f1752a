//! The assessment (考核): what the work of a unit in a month was worth.
//!
//! - [`score`] counts rates, points and ranks. It is pure: facts and a scheme in, scores out.
//! - [`facts`] takes them from the events of a ticket. It is pure too.
//!
//! The follow-up survey gives the answers that are assessed. A scheme says how they count, and is data: cities change
//! their schemes within a year, and a month stays with the scheme that it was counted by.

pub mod facts;
pub mod score;
