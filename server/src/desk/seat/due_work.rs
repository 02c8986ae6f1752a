//! What is due without anybody asking: offers that nobody answered go on, agents whose program is silent are signed
//! out, and companies that have waited too long are called back instead. Every decision does it, and a sweep in the
//! background, so that it needs no server in particular.

use chrono::TimeDelta;
use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder as _, QuerySelect as _};
use serde_json::json;

use super::board::Board;
use super::model::{BreakReason, CallBackCause, CallBackWish, SeatCallState, SeatStatus};
use super::rows::{self, seat, seat_call};
use super::{assignment, call_back};
use crate::audit_log::records;
use crate::deadline::Policy;
use crate::platform::Fault;
use crate::ticket::{Actor, Instant};

/// Offers, agents and calls of each kind that one decision handles at most; the next one goes on.
const BATCH: u64 = 64;
/// The names of the automatic actions in the audit log.
const SIGN_OUT_SILENT: &str = "SignOutSilentAgent";
const END_WRAP_UP: &str = "EndWrapUp";

/// Does what is due, and offers calls.
pub(super) async fn run(board: &Board<'_>) -> Result<(), Fault> {
    pass_offers_on(board).await?;
    sign_out_silent(board).await?;
    end_wrap_up(board).await?;
    call_back_instead(board).await?;
    assignment::run(board).await
}

/// Offers that have expired.
pub(super) fn expired(now: Instant) -> Select<seat_call::Entity> {
    seat_call::Entity::find()
        .filter(seat_call::Column::State.eq(SeatCallState::Offered.stored()))
        .filter(seat_call::Column::ExpiresAt.lte(now.timestamp_micros()))
        .order_by_asc(seat_call::Column::ExpiresAt)
        .limit(BATCH)
}

/// Seats whose agent's program is silent.
pub(super) fn silent(now: Instant, policy: &Policy) -> Select<seat::Entity> {
    let timeout = TimeDelta::seconds(policy.seats.heartbeat_timeout_seconds.into());
    seat::Entity::find()
        .filter(seat::Column::Principal.is_not_null())
        .filter(seat::Column::HeartbeatAt.lt((now - timeout).timestamp_micros()))
        .order_by_asc(seat::Column::HeartbeatAt)
        .limit(BATCH)
}

/// Seats whose agent has finished the last call for longer than the policy allows; none without a limit.
pub(super) fn wrapped_up(now: Instant, policy: &Policy) -> Option<Select<seat::Entity>> {
    let limit = policy.seats.wrap_up_max_seconds;
    let begun = now - TimeDelta::seconds(limit.into());
    (limit > 0).then(|| {
        seat::Entity::find()
            .filter(seat::Column::Principal.is_not_null())
            .filter(seat::Column::Status.eq(SeatStatus::WrapUp.stored()))
            .filter(seat::Column::Since.lt(begun.timestamp_micros()))
            .order_by_asc(seat::Column::Since)
            .limit(BATCH)
    })
}

/// Calls that have waited too long.
pub(super) fn overdue(now: Instant, policy: &Policy) -> Select<seat_call::Entity> {
    let wait_max = TimeDelta::seconds(policy.seats.queue_wait_max_seconds.into());
    seat_call::Entity::find()
        .filter(seat_call::Column::State.eq(SeatCallState::Waiting.stored()))
        .filter(seat_call::Column::QueuedAt.lt((now - wait_max).timestamp_micros()))
        .order_by_asc(seat_call::Column::QueuedAt)
        .limit(BATCH)
}

/// The seat has a break, so that the call does not come back to it at once.
async fn pass_offers_on(board: &Board<'_>) -> Result<(), Fault> {
    for row in expired(board.now).all(&board.work.tx).await? {
        let mut call = rows::call_of(row)?;
        if let Some(code) = call.seat.clone() {
            board.set_status(&code, SeatStatus::Break, Some(BreakReason::OfferTimedOut)).await?;
        }
        call.leave_seat(SeatCallState::Waiting);
        board.put_call(&call).await?;
    }
    Ok(())
}

async fn sign_out_silent(board: &Board<'_>) -> Result<(), Fault> {
    for row in silent(board.now, &board.rules.policy).all(&board.work.tx).await? {
        let Some(found) = board.seat(&row.code).await? else { continue };
        board.sign_out(&found).await?;
        let details = json!({ "principal": found.principal });
        let subject = format!("seat/{}", row.code);
        records::record(board.work, &Actor::system(), SIGN_OUT_SILENT, &subject, details).await?;
    }
    Ok(())
}

/// The seat is ready again. An agent who is not there misses the next offer, and the seat has a break then.
async fn end_wrap_up(board: &Board<'_>) -> Result<(), Fault> {
    let Some(wrapped_up) = wrapped_up(board.now, &board.rules.policy) else { return Ok(()) };
    for row in wrapped_up.all(&board.work.tx).await? {
        board.set_status(&row.code, SeatStatus::Ready, None).await?;
        let details = json!({ "principal": row.principal });
        let subject = format!("seat/{}", row.code);
        records::record(board.work, &Actor::system(), END_WRAP_UP, &subject, details).await?;
    }
    Ok(())
}

async fn call_back_instead(board: &Board<'_>) -> Result<(), Fault> {
    for row in overdue(board.now, &board.rules.policy).all(&board.work.tx).await? {
        let call = rows::call_of(row)?;
        let cause = CallBackCause::WaitedTooLong;
        call_back::make(board, call, cause, &CallBackWish::default(), &Actor::system()).await?;
    }
    Ok(())
}
