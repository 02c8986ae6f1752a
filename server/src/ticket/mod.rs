//! The noun: what a ticket is, which states it can be in, what can happen to it, and how its events fold into it.
//!
//! Everything here is pure. A [`Ticket`] is only ever made by [`apply::apply`] from its events; nothing sets a field
//! by hand.

pub mod apply;
pub mod classification;
pub mod codes;
pub(crate) mod columns;
pub mod event;
#[cfg(test)]
mod fixture;
pub mod invariants;
pub mod number;
pub mod parts;
pub mod record;
pub mod screen;
pub mod transitions;

pub use classification::{Category, Complexity, Rung, Tier};
pub use event::{Actor, Event, Recorded};
pub use number::TicketNumber;
pub use parts::*;
pub use record::{Cycle, Ticket, unit_sequence};
pub use screen::{TextField, TextMark};
pub use transitions::{Command, State};
