//! `SignOut`: an agent leaves the seat, or a supervisor frees it. An offer goes on to the next seat.

use hotline_proto::v1::{ErrorReason, Role};
use prost::Message;
use serde_json::json;

use super::board::Board;
use super::model::{Seat, SeatStatus};
use super::{Seats, due_work};
use crate::access::Permit;
use crate::audit_log::records;
use crate::platform::Fault;
use crate::platform::idempotency::RequestKey;

impl Seats {
    /// Signs an agent out, once per request; `answer` makes the answer, which is recorded. Without a seat it is the
    /// caller's own.
    ///
    /// # Errors
    /// `NOT_SIGNED_IN`, `SEAT_NOT_FOUND`, `SEAT_BUSY`, `REQUEST_ID_REUSED`, `UNAVAILABLE`.
    pub async fn sign_out<A: Message + Default + 'static>(
        &self,
        permit: &Permit,
        key: RequestKey,
        code: Option<String>,
        answer: fn(&Seat) -> A,
    ) -> Result<A, Fault> {
        let input = (self.clone(), permit.clone(), code, answer);
        let signed_out = self.store.run_once(&self.clock, key, input, async |work, input| {
            let (seats, permit, code, answer) = input;
            let board = Board::open(work, seats).await?;
            Ok(answer(&sign_out_at(&board, permit, code.as_deref()).await?))
        });
        self.changes.announce(signed_out.await)
    }
}

async fn sign_out_at(board: &Board<'_>, permit: &Permit, code: Option<&str>) -> Result<Seat, Fault> {
    let found = seat_to_leave(board, permit, code).await?;
    let is_own = found.principal.as_deref() == Some(permit.principal());
    if found.principal.is_none() {
        return Ok(found);
    }
    if found.status == SeatStatus::Talking && (is_own || !permit.has(Role::Supervisor)) {
        return Err(Fault::new(ErrorReason::SeatBusy).with("seat", found.setup.code));
    }
    let out = board.sign_out(&found).await?;
    let details = json!({ "principal": found.principal });
    let (actor, subject) = (permit.actor(), format!("seat/{}", found.setup.code));
    records::record(board.work, &actor, permit.method().method, &subject, details).await?;
    due_work::run(board).await?;
    Ok(out)
}

/// The seat of the request, if the caller may leave it.
async fn seat_to_leave(board: &Board<'_>, permit: &Permit, code: Option<&str>) -> Result<Seat, Fault> {
    if let Some(code) = code.filter(|_| permit.has(Role::Supervisor)) {
        let found = board.seat(code).await?;
        return found.ok_or_else(|| Fault::new(ErrorReason::SeatNotFound).with("seat", code));
    }
    let own = board.own_seat(permit.principal()).await?;
    if code.is_some_and(|code| code != own.setup.code) {
        return Err(Fault::new(ErrorReason::NotSignedIn));
    }
    Ok(own)
}
