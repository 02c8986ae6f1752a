//! The only writer of tickets.
//!
//! A change comes as events. The ledger folds them into the ticket and checks the invariants. It writes event, ticket,
//! unit, timer and effect rows in the given unit of work, all or nothing. It takes several tickets at once, in about as
//! many statements as one needs. Only the ledger knows the tables of the ticket. Identities and the heads of hash
//! chains go to the modules below it as plain arguments.

pub mod accused;
pub(crate) mod audience;
pub mod awaiting_dispatch;
pub mod call_keys;
pub mod call_tickets;
mod citations;
pub mod confirmed_decisions;
pub(crate) mod departures;
pub mod digests;
mod entry;
pub mod list;
pub mod lock;
pub mod locked_ticket;
pub(crate) mod look_up;
pub mod missing_timers;
pub mod numbers;
pub mod own_intakes;
pub mod provisional;
pub mod read;
pub mod record_restore;
pub(crate) mod rows;
pub mod timers;
pub mod training_calls;
pub mod transfers;
pub(crate) mod visibility;
mod write;
mod write_rows;

pub use entry::Entry;
pub(crate) use entry::TicketChange;
pub use locked_ticket::{LockedTicket, instant_of};
pub use timers::cycle_limit;
pub use write::Ledger;
