//! The directory: handling units, the topic tree and the dispatch catalogue (派单目录).

pub mod catalogue;
pub mod known;
pub mod plant;
pub mod seed;
pub mod topics;
pub mod units;

pub use known::KnownUnits;
pub use units::{Unit, UnitGroup};
