//! Seats, the queue, and offers of calls. One file for each method of `SeatService`, and for the methods of the
//! directory that put seats, skills and shifts.
//!
//! A decision locks the one row of `seat_revision` first, on whatever server it runs, so decisions run one after the
//! other. The database keeps the rule beside that: a call has one row with one seat, and a unique index gives a seat
//! one call. Each decision does what it was asked for, then what is due (`due_work`), and then offers calls
//! (`assignment`): the call that arrived first to the seat that has been ready longest.

pub mod answer_call;
mod assignment;
mod board;
mod call_back;
pub mod change_feed;
pub mod decline_offer;
mod due_work;
pub mod end_call;
pub mod figures;
pub mod heartbeat;
mod hours;
pub mod list_call_backs;
pub mod list_seats;
pub mod list_shifts;
pub mod list_skills;
pub mod model;
pub mod offer_call;
pub mod put_seat;
pub mod put_shift;
pub mod put_skill;
mod read;
pub mod record_call_back;
mod rows;
pub mod set_seat_status;
pub mod sign_in;
pub mod sign_out;
pub mod sweep;
mod three_way;
pub mod transfer_call;
pub mod watch_seats;

use std::sync::Arc;

use crate::deadline::RuleBook;
use crate::feed::Feed;
use crate::identity::vault::Vault;
use crate::platform::{Clock, Store};

use change_feed::ChangeFeed;
pub use model::{
    BreakReason, CallBack, CallBackCause, CallBackState, CallBackWish, Seat, SeatCall, SeatCallState,
    SeatStatus, Shift, Skill, ThreeWayOutcome,
};

/// The dependencies of seats.
#[derive(Debug, Clone)]
pub struct Seats {
    /// The database.
    pub store: Store,
    /// The clock.
    pub clock: Clock,
    /// The policies: hours, and how long offers, calls and agents are waited for.
    pub rules: RuleBook,
    /// Encrypts the numbers of companies that are to be called back.
    pub vault: Vault,
    /// The limits on streams, and the end of the server.
    feed: Feed,
    /// Passes changes to the streams of this server.
    changes: Arc<ChangeFeed>,
}

impl Seats {
    /// The seats of a database.
    #[must_use]
    pub fn new(store: Store, clock: Clock, rules: RuleBook, vault: Vault, feed: Feed) -> Self {
        let changes = Arc::new(ChangeFeed::new(store.clone()));
        Self { store, clock, rules, vault, feed, changes }
    }
}
