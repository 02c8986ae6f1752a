//! The noun: what a ticket is, which states it can be in, what can happen to it, and how its events fold into it.
//!
//! Everything here is pure. A [`Ticket`] is only ever made by [`apply::apply`] from its events; nothing sets a field
//! by hand.

pub mod apply;
pub mod classification;
pub mod codes;
pub mod event;
#[cfg(test)]
mod fixture;
pub mod invariants;
pub mod number;
pub mod parts;
pub mod pii;
pub mod record;
pub mod transitions;

pub use classification::{Category, Complexity, Rung, Tier};
pub use event::{Actor, Event, Recorded};
pub use number::TicketNumber;
pub use parts::*;
pub use pii::{TextField, TextMark};
pub use record::{Cycle, Ticket, unit_sequence};
pub use transitions::{Command, State};
