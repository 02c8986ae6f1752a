//! The feed: every event of a ticket and every digest with its position, for readers that must miss nothing.
//!
//! - A **position** is dense and never taken back. No entry that is committed later gets an earlier position. The
//!   events of one ticket are in their order. SQLite's one writer takes positions by itself; on PostgreSQL the
//!   [`Sequencer`] numbers what it can see.
//! - A **cursor** is a position of one epoch of the database, sealed. A restored backup begins a new epoch, so a cursor
//!   from before is answered with a gap and never skips entries silently.
//! - One reader of each server reads new entries and passes them to all open streams (`fan_out`). A stream that is
//!   behind has a task that reads the database until it has caught up (`reading`).
//! - What a caller gets of an entry is decided when the entry is sent ([`Watch`]).
//!
//! Whatever follows tickets by position (streams, rollups, search) reads the feed. Nothing here writes a ticket.

mod cursor;
mod deliver;
mod entry;
mod epoch;
mod fan_out;
pub mod followers;
mod handle;
mod listener;
mod page_bytes;
mod read;
mod reading;
mod rows;
pub mod search;
pub mod sequencer;
pub mod set_aside;
mod snapshot;
mod streams;
mod unreadable;
mod watch;

pub use self::deliver::Delivery;
pub use self::handle::{Feed, StreamSlot};
pub use self::sequencer::Sequencer;
pub use self::streams::StreamLimits;
pub use self::watch::{Delivered, Item, Start, Watch};
