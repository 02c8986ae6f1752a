//! What the product should do, written a second time from the domain's rules and the contract's words, by other means:
//! its own calendar reader, its own count of days, its own table of states, its own ladder.
//!
//! It shares words with the product (states, rungs, reasons) and no function that decides anything.

pub(crate) mod calendar;
pub(crate) mod due;
pub(crate) mod ladder;
pub(crate) mod rules;
pub(crate) mod ticket;
pub(crate) mod verbs;
