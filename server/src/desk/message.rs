//! Messages to the company (事事有回音), and its questions about the progress of its ticket.
//!
//! - [`planned`] decides which events are told, and [`template`] makes the text. Both are pure.
//! - [`follow`] follows the feed and puts messages into the outbox, with its position, in one transaction.
//! - [`send`] takes what is due from the outbox, reads the address, and passes it to the gateway.
//! - [`gateway`] is the interface to a provider of messages, with an HTTP and a file implementation.
//! - One file for each method of `MessageService`.
//!
//! A message names neither the caller nor a unit that the ticket complains about. Addresses are in the vault, and are
//! decrypted only to send a message. No log line holds an address, a text or a code.

pub mod choose_messages;
mod code;
mod file_gateway;
pub mod follow;
pub mod gateway;
pub mod get_progress;
mod http_gateway;
pub mod list_messages;
pub mod list_templates;
pub mod model;
pub mod open_gateway;
pub mod planned;
pub mod put_template;
mod rows;
pub mod send;
pub mod template;

use std::sync::Arc;

pub use model::{
    Choice, CompanyMessage, MessageChannel, MessageEvent, MessageLanguage, MessageState, Template,
};

use crate::identity::vault::Vault;
use crate::net::penalty::PenaltyBudget;
use crate::platform::{Clock, Store};

/// Wrong codes of one caller for one ticket in a minute; after that it waits.
const GUESSES_PER_MINUTE: u32 = 5;

/// The dependencies of messages.
#[derive(Debug, Clone)]
pub struct Messages {
    /// The database.
    pub store: Store,
    /// The clock.
    pub clock: Clock,
    /// Encrypts addresses, and derives the codes for the progress.
    pub vault: Vault,
    /// Wrong codes by caller and ticket.
    guesses: Arc<PenaltyBudget<(String, i64)>>,
}

impl Messages {
    /// The messages of a database.
    #[must_use]
    pub fn new(store: Store, clock: Clock, vault: Vault) -> Self {
        Self { store, clock, vault, guesses: Arc::new(PenaltyBudget::of(GUESSES_PER_MINUTE)) }
    }
}
