//! Telephone calls as the exchange reports them. One file for each method of `CallService`, beside the tables that they
//! read and write. What is known of a call is the join of its parts ([`details`]).

pub mod attach_recording;
pub mod details;
pub mod erlang;
pub mod forecast_seats;
pub mod get_call;
pub mod get_call_context;
pub mod get_recording;
pub mod get_service_level;
pub mod list_calls;
mod mark_training;
pub mod queue_rule;
pub mod report_call;
pub mod rollup;
mod rows;

use hotline_proto::v1::ErrorReason;

use crate::deadline::RuleBook;
use crate::identity::CallNumbers;
use crate::identity::vault::Vault;
use crate::platform::{Clock, Fault, Store};
use crate::ticket::{CallId, TicketNumber};

pub use details::CallDetails;
pub(in crate::desk) use mark_training::mark_training;
pub(in crate::desk) use rows::{lock, start_of};

/// The dependencies of calls.
#[derive(Debug, Clone)]
pub struct Calls {
    /// The database.
    pub store: Store,
    /// The clock.
    pub clock: Clock,
    /// The policies: which starts are of one call.
    pub rules: RuleBook,
    /// Encrypts the numbers of the parties.
    pub vault: Vault,
}

/// A call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Its id.
    pub id: CallId,
    /// The exchange.
    pub system: String,
    /// The id that the exchange keeps over transfers.
    pub end_to_end_id: Option<String>,
    /// The exchange's id of the call.
    pub reference: Option<String>,
    /// What was reported of it.
    pub details: CallDetails,
    /// Whether it was answered at a training seat.
    pub is_training: bool,
}

/// A call as a reader sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisclosedCall {
    /// The call.
    pub call: Call,
    /// The numbers of its parties; empty if the reader may not know them.
    pub numbers: CallNumbers,
    /// Whether there are numbers that are withheld.
    pub is_withheld: bool,
    /// The tickets that came from it.
    pub tickets: Vec<TicketNumber>,
}

fn not_found(id: &CallId) -> Fault {
    Fault::new(ErrorReason::CallNotFound).with("call_id", id.0.as_str())
}
