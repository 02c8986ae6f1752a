//! The directory: handling units, the topic tree and the dispatch catalogue (派单目录).

pub mod catalogue;
pub mod seed;
pub mod seed_database;
pub mod topics;
pub mod unit_set;
pub mod units;

pub use unit_set::UnitSet;
pub use units::{Unit, UnitGroup};
