//! `SetSeatStatus`: an agent is ready, finishes the last call, or has a break. A seat that becomes ready gets the call
//! that waits longest for one of its skills.

use hotline_proto::v1::ErrorReason;
use prost::Message;
use serde_json::json;

use super::board::Board;
use super::model::{BreakReason, Seat, SeatStatus};
use super::{Seats, due_work};
use crate::access::Permit;
use crate::audit_log::records;
use crate::platform::Fault;
use crate::platform::idempotency::RequestKey;

/// What an agent does from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SetSeatStatus {
    /// Ready, wrap-up or break.
    pub status: SeatStatus,
    /// Why, for a break.
    pub break_reason: Option<BreakReason>,
}

impl Seats {
    /// Sets the status of the caller's seat, once per request; `answer` makes the answer, which is recorded.
    ///
    /// # Errors
    /// `NOT_SIGNED_IN`, `SEAT_BUSY`, `REQUEST_ID_REUSED`, `UNAVAILABLE`.
    pub async fn set_seat_status<A: Message + Default + 'static>(
        &self,
        permit: &Permit,
        key: RequestKey,
        command: SetSeatStatus,
        answer: fn(&Seat) -> A,
    ) -> Result<A, Fault> {
        let input = (self.clone(), permit.clone(), command, answer);
        let set = self.store.run_once(&self.clock, key, input, async |work, input| {
            let (seats, permit, command, answer) = input;
            let board = Board::open(work, seats).await?;
            Ok(answer(&set_in(&board, permit, *command).await?))
        });
        self.changes.announce(set.await)
    }
}

async fn set_in(board: &Board<'_>, permit: &Permit, command: SetSeatStatus) -> Result<Seat, Fault> {
    let own = board.own_seat(permit.principal()).await?;
    let code = own.setup.code.clone();
    if own.call.is_some() {
        return Err(Fault::new(ErrorReason::SeatBusy).with("seat", code));
    }
    // A seat that is ready already keeps its place.
    let SetSeatStatus { status, break_reason } = command;
    if (own.status, own.break_reason) != (status, break_reason) {
        board.put_seat(&Seat { status, break_reason, since: board.now, ..own }).await?;
        let details =
            json!({ "status": status.stored(), "break_reason": break_reason.map(BreakReason::stored) });
        let (actor, subject) = (permit.actor(), format!("seat/{code}"));
        records::record(board.work, &actor, permit.method().method, &subject, details).await?;
    }
    due_work::run(board).await?;
    let own = board.seat(&code).await?;
    own.ok_or_else(|| Fault::internal(format!("seat {code} is gone while it is locked")))
}
