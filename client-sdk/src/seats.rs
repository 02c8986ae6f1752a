//! Seats: who sits there, which call waits, and which call is offered to whom.

mod commands;
mod exchange;
mod rosters;
mod setup;
mod watch;

use hotline_proto::v1;

pub use commands::{DeclineOffer, SetSeatStatus, SignIn, SignOut, TransferCall, TransferTarget};
pub use exchange::{AnswerCall, EndCall, OfferCall};
pub use rosters::PutRoster;
pub use setup::{PutSeat, PutShift, PutSkill, SeatSetup};
pub use watch::{SeatItem, SeatWatch};

use crate::call::Core;
use crate::convert::IntoProto as _;
use crate::error::Error;
use crate::model::{EndedCall, Seat, SeatCall, SeatHeartbeat, SignedIn, TransferredCall};
use crate::page::{self, Listing};

/// Seats and the queue. Made by [`HotlineClient::seats`](crate::HotlineClient::seats).
///
/// ```no_run
/// use hotline_client::{HotlineClient, SetSeatStatus, SignIn};
///
/// # async fn example(agent: HotlineClient) -> Result<(), hotline_client::Error> {
/// let signed_in = agent.seats().sign_in(SignIn::new("1001")).await?;
/// println!("a heartbeat every {} s", signed_in.heartbeat_interval_seconds);
/// agent.seats().set_seat_status(SetSeatStatus::ready()).await?;
/// let now = agent.seats().heartbeat().await?;
/// println!("{:?} {:?}", now.seat.status, now.seat.call_id);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Seats(Core);

/// A filter of seats; by default all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListSeats {
    /// With this skill only.
    pub skill: Option<String>,
    /// Where somebody is signed in only.
    pub signed_in_only: bool,
    /// Items per page: 50 by default, at most 200.
    pub page_size: Option<u32>,
}

crate::convert::setters! {
    ListSeats { skill: Option<String>, signed_in_only: bool, page_size: Option<u32> }
}

impl Seats {
    pub(crate) fn new(core: Core) -> Self {
        Self(core)
    }

    /// Signs the calling agent in at a seat. For agents.
    ///
    /// # Errors
    /// `SEAT_NOT_FOUND`, `SEAT_TAKEN`, `ALREADY_SIGNED_IN`, `REQUEST_ID_REUSED`.
    pub async fn sign_in(&self, command: SignIn) -> Result<SignedIn, Error> {
        self.0.command(command).await
    }

    /// Signs the calling agent out; a supervisor signs any seat out.
    ///
    /// # Errors
    /// `NOT_SIGNED_IN`, `SEAT_NOT_FOUND`, `SEAT_BUSY`, `REQUEST_ID_REUSED`.
    pub async fn sign_out(&self, command: SignOut) -> Result<Seat, Error> {
        self.0.command(command).await
    }

    /// Says what the calling agent does. A seat that becomes ready gets the call that waits longest. For agents.
    ///
    /// # Errors
    /// `NOT_SIGNED_IN`, `SEAT_BUSY`, `REQUEST_ID_REUSED`.
    pub async fn set_seat_status(&self, command: SetSeatStatus) -> Result<Seat, Error> {
        self.0.command(command).await
    }

    /// Says that the agent's program is there, and reads the agent's seat. For agents.
    ///
    /// # Errors
    /// `NOT_SIGNED_IN`.
    pub async fn heartbeat(&self) -> Result<SeatHeartbeat, Error> {
        self.0.query(v1::HeartbeatRequest {}).await
    }

    /// Transfers a call to a skill, or adds a unit's policy number to it. For agents.
    ///
    /// # Errors
    /// `CALL_NOT_FOUND`, `CALL_ENDED`, `SKILL_UNKNOWN`, `UNIT_UNKNOWN`, `NOT_SIGNED_IN`, `REQUEST_ID_REUSED`.
    pub async fn transfer_call(&self, command: TransferCall) -> Result<TransferredCall, Error> {
        self.0.command(command).await
    }

    /// Asks for a seat for a call, or where the call stands. For telephony.
    ///
    /// # Errors
    /// `CALL_NOT_FOUND`, `CALL_ENDED`, `SKILL_UNKNOWN`, `SEAT_BUSY`, `REQUEST_ID_REUSED`.
    pub async fn offer_call(&self, command: OfferCall) -> Result<SeatCall, Error> {
        self.0.command(command).await
    }

    /// Says that the seat has answered the call that was offered to it. For telephony.
    ///
    /// # Errors
    /// `CALL_NOT_FOUND`, `OFFER_GONE`, `CALL_ENDED`, `REQUEST_ID_REUSED`.
    pub async fn answer_call(&self, command: AnswerCall) -> Result<SeatCall, Error> {
        self.0.command(command).await
    }

    /// Declines the call that is offered to the calling agent's seat. For agents.
    ///
    /// # Errors
    /// `NOT_SIGNED_IN`, `OFFER_GONE`, `REQUEST_ID_REUSED`.
    pub async fn decline_offer(&self, command: DeclineOffer) -> Result<Seat, Error> {
        self.0.command(command).await
    }

    /// Says that a call has ended. For telephony.
    ///
    /// # Errors
    /// `CALL_NOT_FOUND`, `REQUEST_ID_REUSED`.
    pub async fn end_call(&self, command: EndCall) -> Result<EndedCall, Error> {
        self.0.command(command).await
    }

    /// Lists seats by code, with their agents and calls. For telephony, agents, supervisors and administrators.
    pub fn list_seats(&self, which: ListSeats) -> Listing<Seat> {
        let request = v1::ListSeatsRequest {
            page_size: which.page_size.into_proto(),
            page_token: String::new(),
            skill: which.skill.into_proto(),
            signed_in_only: which.signed_in_only,
        };
        page::list(self.0.clone(), request)
    }

    /// Opens a stream of seats and calls after a revision; 0 begins with all that is there. If the connection breaks or
    /// the reader is too slow, it opens again after the last revision by itself, and nothing is missed. For telephony
    /// and supervisors.
    ///
    /// # Errors
    /// `RATE_LIMITED`, `OVERLOADED`; if the first connection fails.
    pub async fn watch_seats(&self, revision: i64) -> Result<SeatWatch, Error> {
        SeatWatch::open(&self.0, revision).await
    }
}
