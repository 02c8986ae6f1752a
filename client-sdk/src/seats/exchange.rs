//! The commands of exchanges.

use hotline_proto::v1;
use uuid::Uuid;

use crate::call::Command;
use crate::convert::{IntoProto as _, answers, setters};
use crate::model::{EndedCall, SeatCall};

/// Asks for a seat for a call, or where the call stands.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OfferCall {
    /// The call.
    pub call_id: String,
    /// The skill.
    pub skill: String,
    /// Whether the caller wishes to be called back and not to wait.
    pub call_back: bool,
    /// The number to call; `None` for the calling number. It is never printed by the server.
    pub call_back_number: Option<String>,
    /// What the caller wishes, at most 200 characters.
    pub call_back_wish: Option<String>,
    /// `None` lets the library choose it.
    pub request_id: Option<Uuid>,
}

impl OfferCall {
    /// A call that waits for a skill.
    pub fn new(call_id: impl Into<String>, skill: impl Into<String>) -> Self {
        Self {
            call_id: call_id.into(),
            skill: skill.into(),
            call_back: false,
            call_back_number: None,
            call_back_wish: None,
            request_id: None,
        }
    }
}

/// The number and the wish say who called, so they are not printed.
impl std::fmt::Debug for OfferCall {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_struct("OfferCall");
        shown.field("call_id", &self.call_id).field("skill", &self.skill).field("call_back", &self.call_back);
        shown.finish_non_exhaustive()
    }
}

setters! {
    OfferCall {
        call_id: String,
        skill: String,
        call_back: bool,
        call_back_number: Option<String>,
        call_back_wish: Option<String>,
        request_id: Option<Uuid>,
    }
}

impl Command for OfferCall {
    type Request = v1::OfferCallRequest;
    type Changed = SeatCall;

    fn request_id(&self) -> Option<Uuid> {
        self.request_id
    }

    fn into_request(self, request_id: String) -> Self::Request {
        let wish = v1::CallBackWish {
            number: self.call_back_number.into_proto(),
            wish: self.call_back_wish.into_proto(),
        };
        v1::OfferCallRequest {
            request_id,
            call_id: self.call_id,
            skill: self.skill,
            call_back: self.call_back.then_some(wish),
        }
    }
}

/// Says that the seat has answered the call that was offered to it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AnswerCall {
    /// The call.
    pub call_id: String,
    /// The seat.
    pub seat: String,
    /// `None` lets the library choose it.
    pub request_id: Option<Uuid>,
}

impl AnswerCall {
    /// The command.
    pub fn new(call_id: impl Into<String>, seat: impl Into<String>) -> Self {
        Self { call_id: call_id.into(), seat: seat.into(), request_id: None }
    }
}

setters! {
    AnswerCall {
        call_id: String,
        seat: String,
        request_id: Option<Uuid>,
    }
}

impl Command for AnswerCall {
    type Request = v1::AnswerCallRequest;
    type Changed = SeatCall;

    fn request_id(&self) -> Option<Uuid> {
        self.request_id
    }

    fn into_request(self, request_id: String) -> Self::Request {
        v1::AnswerCallRequest { request_id, call_id: self.call_id, seat: self.seat }
    }
}

/// Says that a call has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct EndCall {
    /// The call.
    pub call_id: String,
    /// `None` lets the library choose it.
    pub request_id: Option<Uuid>,
}

impl EndCall {
    /// The command.
    pub fn new(call_id: impl Into<String>) -> Self {
        Self { call_id: call_id.into(), request_id: None }
    }
}

setters! {
    EndCall {
        call_id: String,
        request_id: Option<Uuid>,
    }
}

impl Command for EndCall {
    type Request = v1::EndCallRequest;
    type Changed = EndedCall;

    fn request_id(&self) -> Option<Uuid> {
        self.request_id
    }

    fn into_request(self, request_id: String) -> Self::Request {
        v1::EndCallRequest { request_id, call_id: self.call_id }
    }
}

answers! {
    SeatCall: OfferCallResponse.call, AnswerCallResponse.call;
}
