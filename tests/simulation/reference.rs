//! The expected behaviour of the product, implemented a second time from the domain's rules and the contract: its own
//! calendar reader, count of days, table of states, and ladder.
//!
//! It shares types with the product (states, rungs, reasons) but no function that decides anything.

pub(crate) mod around;
pub(crate) mod calendar;
pub(crate) mod carry_over;
pub(crate) mod due;
pub(crate) mod ladder;
pub(crate) mod moves;
mod parts;
pub(crate) mod rules;
pub(crate) mod table;
pub(crate) mod ticket;
pub(crate) mod undo;
pub(crate) mod verbs;
