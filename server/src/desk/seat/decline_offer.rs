//! `DeclineOffer`: an agent does not take the call that is offered. It goes on to the next seat.

use hotline_proto::v1::ErrorReason;
use prost::Message;
use serde_json::json;

use super::board::Board;
use super::model::{Seat, SeatCallState, SeatStatus};
use super::{Seats, due_work};
use crate::access::Permit;
use crate::audit_log::records;
use crate::platform::Fault;
use crate::platform::idempotency::RequestKey;
use crate::ticket::CallId;

impl Seats {
    /// Declines the offer of a call to the caller's seat, once per request; `answer` makes the answer, which is
    /// recorded.
    ///
    /// # Errors
    /// `NOT_SIGNED_IN`, `OFFER_GONE`, `REQUEST_ID_REUSED`, `UNAVAILABLE`.
    pub async fn decline_offer<A: Message + Default + 'static>(
        &self,
        permit: &Permit,
        key: RequestKey,
        call: CallId,
        answer: fn(&Seat) -> A,
    ) -> Result<A, Fault> {
        let input = (self.clone(), permit.clone(), call, answer);
        let declined = self.store.run_once(&self.clock, key, input, async |work, input| {
            let (seats, permit, call, answer) = input;
            let board = Board::open(work, seats).await?;
            Ok(answer(&decline_in(&board, permit, call).await?))
        });
        self.changes.announce(declined.await)
    }
}

async fn decline_in(board: &Board<'_>, permit: &Permit, id: &CallId) -> Result<Seat, Fault> {
    let own = board.own_seat(permit.principal()).await?;
    let code = own.setup.code.as_str();
    let offered = board
        .call(id)
        .await?
        .filter(|call| call.state == SeatCallState::Offered && call.seat.as_deref() == Some(code));
    let mut call = offered.ok_or_else(|| Fault::new(ErrorReason::OfferGone))?;
    call.leave_seat(SeatCallState::Waiting);
    board.put_call(&call).await?;
    // The agent has a reason, so the call must not come back at once.
    board.set_status(code, SeatStatus::WrapUp, None).await?;
    let details = json!({ "call": id });
    let (actor, subject) = (permit.actor(), format!("seat/{code}"));
    records::record(board.work, &actor, permit.method().method, &subject, details).await?;
    due_work::run(board).await?;
    let own = board.seat(code).await?;
    own.ok_or_else(|| Fault::internal(format!("seat {code} is gone while it is locked")))
}
