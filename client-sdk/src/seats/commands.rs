//! The commands of agents.

use hotline_proto::v1;
use uuid::Uuid;

use crate::call::Command;
use crate::convert::{IntoProto as _, answers, setters};
use crate::model::{BreakReason, Seat, SeatStatus, SignedIn, ThreeWayOutcome, TransferredCall};

/// Signs the calling agent in at a seat.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SignIn {
    /// The seat.
    pub seat: String,
    /// `None` lets the library choose it.
    pub request_id: Option<Uuid>,
}

impl SignIn {
    /// The command.
    pub fn new(seat: impl Into<String>) -> Self {
        Self { seat: seat.into(), request_id: None }
    }
}

setters! {
    SignIn {
        seat: String,
        request_id: Option<Uuid>,
    }
}

impl Command for SignIn {
    type Request = v1::SignInRequest;
    type Changed = SignedIn;

    fn request_id(&self) -> Option<Uuid> {
        self.request_id
    }

    fn into_request(self, request_id: String) -> Self::Request {
        v1::SignInRequest { request_id, seat: self.seat }
    }
}

/// Declines the call that is offered to the calling agent's seat.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeclineOffer {
    /// The call.
    pub call_id: String,
    /// `None` lets the library choose it.
    pub request_id: Option<Uuid>,
}

impl DeclineOffer {
    /// The command.
    pub fn new(call_id: impl Into<String>) -> Self {
        Self { call_id: call_id.into(), request_id: None }
    }
}

setters! {
    DeclineOffer {
        call_id: String,
        request_id: Option<Uuid>,
    }
}

impl Command for DeclineOffer {
    type Request = v1::DeclineOfferRequest;
    type Changed = Seat;

    fn request_id(&self) -> Option<Uuid> {
        self.request_id
    }

    fn into_request(self, request_id: String) -> Self::Request {
        v1::DeclineOfferRequest { request_id, call_id: self.call_id }
    }
}

/// Signs an agent out.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SignOut {
    /// The seat, for supervisors; `None` for the calling agent's own.
    pub seat: Option<String>,
    /// `None` lets the library choose it.
    pub request_id: Option<Uuid>,
}

impl SignOut {
    /// The calling agent's own seat.
    #[must_use]
    pub const fn own() -> Self {
        Self { seat: None, request_id: None }
    }
}

setters! {
    SignOut {
        seat: Option<String>,
        request_id: Option<Uuid>,
    }
}

impl Command for SignOut {
    type Request = v1::SignOutRequest;
    type Changed = Seat;

    fn request_id(&self) -> Option<Uuid> {
        self.request_id
    }

    fn into_request(self, request_id: String) -> Self::Request {
        v1::SignOutRequest { request_id, seat: self.seat.into_proto() }
    }
}

/// Says what the calling agent does.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SetSeatStatus {
    /// `Ready`, `WrapUp` or `Break`.
    pub status: SeatStatus,
    /// Why, for a break.
    pub break_reason: Option<BreakReason>,
    /// `None` lets the library choose it.
    pub request_id: Option<Uuid>,
}

impl SetSeatStatus {
    /// The agent waits for a call.
    #[must_use]
    pub const fn ready() -> Self {
        Self { status: SeatStatus::Ready, break_reason: None, request_id: None }
    }

    /// The agent finishes the last call.
    #[must_use]
    pub const fn wrap_up() -> Self {
        Self { status: SeatStatus::WrapUp, break_reason: None, request_id: None }
    }

    /// The agent has a break.
    #[must_use]
    pub const fn a_break(reason: BreakReason) -> Self {
        Self { status: SeatStatus::Break, break_reason: Some(reason), request_id: None }
    }
}

setters! {
    SetSeatStatus {
        status: SeatStatus,
        break_reason: Option<BreakReason>,
        request_id: Option<Uuid>,
    }
}

impl Command for SetSeatStatus {
    type Request = v1::SetSeatStatusRequest;
    type Changed = Seat;

    fn request_id(&self) -> Option<Uuid> {
        self.request_id
    }

    fn into_request(self, request_id: String) -> Self::Request {
        v1::SetSeatStatusRequest {
            request_id,
            status: self.status.into_proto(),
            break_reason: self.break_reason.into_proto(),
        }
    }
}

/// Where a call is transferred to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransferTarget {
    /// A skill.
    Skill(String),
    /// A three-way call to the policy number of a unit.
    ThreeWay {
        /// The unit.
        unit: String,
        /// How it ended; `None` when it begins.
        outcome: Option<ThreeWayOutcome>,
    },
}

/// Transfers a call.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TransferCall {
    /// The call.
    pub call_id: String,
    /// Where to.
    pub target: TransferTarget,
    /// `None` lets the library choose it.
    pub request_id: Option<Uuid>,
}

impl TransferCall {
    /// Transfers a call to a skill.
    pub fn to_skill(call_id: impl Into<String>, skill: impl Into<String>) -> Self {
        Self { call_id: call_id.into(), target: TransferTarget::Skill(skill.into()), request_id: None }
    }

    /// Begins a three-way call with a unit.
    pub fn three_way(call_id: impl Into<String>, unit: impl Into<String>) -> Self {
        let target = TransferTarget::ThreeWay { unit: unit.into(), outcome: None };
        Self { call_id: call_id.into(), target, request_id: None }
    }

    /// Records how the last three-way call with a unit ended.
    pub fn three_way_ended(
        call_id: impl Into<String>,
        unit: impl Into<String>,
        outcome: ThreeWayOutcome,
    ) -> Self {
        let target = TransferTarget::ThreeWay { unit: unit.into(), outcome: Some(outcome) };
        Self { call_id: call_id.into(), target, request_id: None }
    }
}

setters! {
    TransferCall {
        call_id: String,
        target: TransferTarget,
        request_id: Option<Uuid>,
    }
}

impl Command for TransferCall {
    type Request = v1::TransferCallRequest;
    type Changed = TransferredCall;

    fn request_id(&self) -> Option<Uuid> {
        self.request_id
    }

    fn into_request(self, request_id: String) -> Self::Request {
        let target = match self.target {
            TransferTarget::Skill(skill) => v1::transfer_call_request::Target::Skill(skill),
            TransferTarget::ThreeWay { unit, outcome } => {
                v1::transfer_call_request::Target::ThreeWay(v1::ThreeWayTarget {
                    unit,
                    outcome: outcome.into_proto(),
                })
            }
        };
        v1::TransferCallRequest { request_id, call_id: self.call_id, target: Some(target) }
    }
}

answers! {
    Seat: SignOutResponse.seat, SetSeatStatusResponse.seat, DeclineOfferResponse.seat;
}
