//! The answers of the hotline as plain types: times are UTC, absent is `None`, an empty list is an empty `Vec`.
//!
//! Names and meanings are the same as in the contract. Nothing here calls a server.

mod article;
mod audit;
mod call;
mod call_words;
mod classification;
mod client;
mod cycle;
mod deadline;
mod digest;
mod directory;
mod event;
mod event_detail;
mod handling;
mod identity;
mod proposal;
mod reading;
mod rules;
mod search;
mod seat;
mod suggestion;
mod ticket;
mod ticket_builder;
mod transfer;
mod undo_events;

pub use article::*;
pub use audit::*;
pub use call::*;
pub use call_words::*;
pub use classification::*;
pub use client::*;
pub use cycle::*;
pub use deadline::*;
pub use digest::*;
pub use directory::*;
pub use event::*;
pub use event_detail::*;
pub use handling::*;
pub use identity::*;
pub use proposal::*;
pub use reading::*;
pub use rules::*;
pub use search::*;
pub use seat::*;
pub use suggestion::*;
pub use ticket::*;
pub use ticket_builder::TicketBuilder;
pub use transfer::*;
pub use undo_events::*;
