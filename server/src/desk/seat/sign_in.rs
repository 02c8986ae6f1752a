//! `SignIn`: an agent takes a seat. An agent has one seat, and a seat one agent.

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

/// Heartbeats that may get lost before an agent counts as silent.
const HEARTBEATS_IN_TIMEOUT: u32 = 3;

/// An agent who has a seat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// The seat.
    pub seat: Seat,
    /// At which interval the agent's program sends heartbeats, in seconds.
    pub heartbeat_interval_seconds: u32,
}

impl Seats {
    /// Signs the caller in, once per request; `answer` makes the answer, which is recorded.
    ///
    /// # Errors
    /// `SEAT_NOT_FOUND`, `SEAT_TAKEN`, `ALREADY_SIGNED_IN`, `REQUEST_ID_REUSED`, `UNAVAILABLE`.
    pub async fn sign_in<A: Message + Default + 'static>(
        &self,
        permit: &Permit,
        key: RequestKey,
        code: String,
        answer: fn(&SignedIn) -> A,
    ) -> Result<A, Fault> {
        let input = (self.clone(), permit.clone(), code, answer);
        let signed_in = self.store.run_once(&self.clock, key, input, async |work, input| {
            let (seats, permit, code, answer) = input;
            let board = Board::open(work, seats).await?;
            Ok(answer(&sign_in_at(&board, permit, code).await?))
        });
        self.changes.announce(signed_in.await)
    }
}

async fn sign_in_at(board: &Board<'_>, permit: &Permit, code: &str) -> Result<SignedIn, Fault> {
    // Who is silent gives the seat up first.
    due_work::run(board).await?;
    let timeout = board.rules.policy.seats.heartbeat_timeout_seconds;
    let heartbeat_interval_seconds = (timeout / HEARTBEATS_IN_TIMEOUT).max(1);
    let principal = permit.principal();
    if let Some(own) = board.seat_of(principal).await? {
        if own.setup.code != code {
            let refusal = Fault::new(ErrorReason::AlreadySignedIn);
            return Err(refusal.with("seat", own.setup.code));
        }
        board.renew_heartbeat(code).await?;
        return Ok(SignedIn { seat: own, heartbeat_interval_seconds });
    }
    let found = board.seat(code).await?.filter(|found| found.setup.is_active);
    let found = found.ok_or_else(|| Fault::new(ErrorReason::SeatNotFound).with("seat", code))?;
    if found.principal.is_some() {
        return Err(Fault::new(ErrorReason::SeatTaken).with("seat", code));
    }
    // A call that an agent was cut off from may still be there.
    let (status, break_reason) = match &found.call {
        Some(_) => (SeatStatus::Talking, None),
        None => (SeatStatus::Break, Some(BreakReason::SignedIn)),
    };
    let principal = Some(principal.to_owned());
    let seat = Seat { principal, status, break_reason, since: board.now, ..found };
    board.put_seat(&seat).await?;
    board.renew_heartbeat(code).await?;
    let (actor, subject) = (permit.actor(), format!("seat/{code}"));
    records::record(board.work, &actor, permit.method().method, &subject, json!({})).await?;
    Ok(SignedIn { seat, heartbeat_interval_seconds })
}
