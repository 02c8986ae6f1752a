//! `AnswerCall`: the seat that a call is offered to has answered. An offer that has just expired, and that no decision
//! has passed on, is still good.

use hotline_proto::v1::ErrorReason;
use prost::Message;
use serde_json::json;

use super::board::Board;
use super::model::{SeatCall, SeatCallState, SeatStatus};
use super::{Seats, due_work};
use crate::access::Permit;
use crate::audit_log::records;
use crate::desk::call::mark_training;
use crate::platform::Fault;
use crate::platform::idempotency::RequestKey;
use crate::ticket::CallId;

impl Seats {
    /// Connects a call with its seat, once per request; `answer` makes the answer, which is recorded.
    ///
    /// # Errors
    /// `CALL_NOT_FOUND`, `OFFER_GONE`, `CALL_ENDED`, `REQUEST_ID_REUSED`, `UNAVAILABLE`.
    pub async fn answer_call<A: Message + Default + 'static>(
        &self,
        permit: &Permit,
        key: RequestKey,
        (call, seat): (CallId, String),
        answer: fn(&SeatCall) -> A,
    ) -> Result<A, Fault> {
        let input = (self.clone(), permit.clone(), call, seat, answer);
        let answered = self.store.run_once(&self.clock, key, input, async |work, input| {
            let (seats, permit, call, seat, answer) = input;
            let board = Board::open(work, seats).await?;
            Ok(answer(&answer_in(&board, permit, call, seat).await?))
        });
        self.changes.announce(answered.await)
    }
}

async fn answer_in(board: &Board<'_>, permit: &Permit, id: &CallId, code: &str) -> Result<SeatCall, Fault> {
    let call = board.call(id).await?;
    let mut call =
        call.ok_or_else(|| Fault::new(ErrorReason::CallNotFound).with("call_id", id.0.as_str()))?;
    if call.is_over() {
        return Err(Fault::new(ErrorReason::CallEnded));
    }
    if call.seat.as_deref() != Some(code) {
        return Err(Fault::new(ErrorReason::OfferGone).with("seat", code));
    }
    if call.state == SeatCallState::Connected {
        return Ok(call);
    }
    let seat = board.seat(code).await?;
    call.is_training = seat.is_some_and(|seat| seat.setup.is_training);
    call.state = SeatCallState::Connected;
    (call.answered_at, call.expires_at) = (Some(board.now), None);
    board.put_call(&call).await?;
    if call.is_training {
        mark_training(board.work, id).await?;
    }
    board.set_status(code, SeatStatus::Talking, None).await?;
    let details = json!({ "seat": code, "is_training": call.is_training });
    let (actor, subject) = (permit.actor(), format!("call/{id}"));
    records::record(board.work, &actor, permit.method().method, &subject, details).await?;
    due_work::run(board).await?;
    Ok(call)
}
