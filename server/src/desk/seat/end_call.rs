//! `EndCall`: a call has ended. What it held is free: its place in the queue, its offer, or its seat.

use hotline_proto::v1::ErrorReason;
use prost::Message;
use serde_json::json;

use super::board::Board;
use super::model::{SeatCall, SeatCallState, SeatStatus};
use super::{Seats, due_work};
use crate::access::Permit;
use crate::audit_log::records;
use crate::desk::call;
use crate::platform::Fault;
use crate::platform::idempotency::RequestKey;
use crate::ticket::CallId;

impl Seats {
    /// Ends a call, once per request; `answer` makes the answer, which is recorded. A call that never joined a queue
    /// has no place to leave.
    ///
    /// # Errors
    /// `CALL_NOT_FOUND`, `REQUEST_ID_REUSED`, `UNAVAILABLE`.
    pub async fn end_call<A: Message + Default + 'static>(
        &self,
        permit: &Permit,
        key: RequestKey,
        call: CallId,
        answer: fn(Option<&SeatCall>) -> A,
    ) -> Result<A, Fault> {
        let input = (self.clone(), permit.clone(), call, answer);
        let ended = self.store.run_once(&self.clock, key, input, async |work, input| {
            let (seats, permit, call, answer) = input;
            let board = Board::open(work, seats).await?;
            Ok(answer(end_in(&board, permit, call).await?.as_ref()))
        });
        self.changes.announce(ended.await)
    }
}

async fn end_in(board: &Board<'_>, permit: &Permit, id: &CallId) -> Result<Option<SeatCall>, Fault> {
    let Some(mut call) = board.call(id).await? else {
        let known = call::start_of(&board.work.tx, id).await?;
        let not_found = || Fault::new(ErrorReason::CallNotFound).with("call_id", id.0.as_str());
        return known.map(|_| None).ok_or_else(not_found);
    };
    if call.is_over() {
        return Ok(Some(call));
    }
    if let Some(code) = call.seat.clone() {
        match call.state {
            SeatCallState::Connected => board.set_status(&code, SeatStatus::WrapUp, None).await?,
            _ => board.take_back_offer(&code).await?,
        }
    }
    call.leave_seat(SeatCallState::Ended);
    call.ended_at = Some(board.now);
    board.put_call(&call).await?;
    let (actor, subject) = (permit.actor(), format!("call/{id}"));
    records::record(board.work, &actor, permit.method().method, &subject, json!({})).await?;
    due_work::run(board).await?;
    Ok(Some(call))
}
