//! Offers calls to seats: the call that arrived first to the seat with its skill that has been ready longest, until no
//! call that waits has such a seat.

use chrono::TimeDelta;
use sea_orm::{ConnectionTrait as _, Statement};

use super::board::Board;
use super::model::{Seat, SeatCallState, SeatStatus};
use crate::platform::Fault;
use crate::ticket::CallId;

/// Calls that one decision offers at most; the next one goes on.
const OFFERS_MAX: usize = 64;
/// The one rule of the queue.
const NEXT_PAIR: &str = "SELECT seat_call.call_id, seat.code FROM seat_call \
                         JOIN seat_skill ON seat_skill.skill = seat_call.skill \
                         JOIN seat ON seat.code = seat_skill.seat \
                         WHERE seat_call.state = 1 AND seat.status = 2 AND seat.is_active \
                         ORDER BY seat_call.arrival, seat_call.call_id, seat.since, seat.code LIMIT 1";

/// Offers what can be offered.
pub(super) async fn run(board: &Board<'_>) -> Result<(), Fault> {
    for _ in 0..OFFERS_MAX {
        let Some((call, seat)) = next_pair(board).await? else { break };
        offer(board, &call, &seat).await?;
    }
    Ok(())
}

/// The next call and its seat.
async fn next_pair(board: &Board<'_>) -> Result<Option<(CallId, String)>, Fault> {
    let next = Statement::from_string(board.work.tx.get_database_backend(), NEXT_PAIR);
    let Some(row) = board.work.tx.query_one_raw(next).await? else { return Ok(None) };
    Ok(Some((CallId(row.try_get_by_index(0)?), row.try_get_by_index(1)?)))
}

async fn offer(board: &Board<'_>, id: &CallId, code: &str) -> Result<(), Fault> {
    let missing = || Fault::internal(format!("call {id} or seat {code} is gone while it is locked"));
    let mut call = board.call(id).await?.ok_or_else(missing)?;
    let seat = board.seat(code).await?.ok_or_else(missing)?;
    let timeout = TimeDelta::seconds(board.rules.policy.seats.offer_timeout_seconds.into());
    call.state = SeatCallState::Offered;
    call.seat = Some(code.to_owned());
    call.last_seat = Some(code.to_owned());
    call.first_offer = call.first_offer.or(Some(board.revision));
    (call.offered_at, call.expires_at) = (Some(board.now), Some(board.now + timeout));
    board.put_call(&call).await?;
    // It stays ready since when it was, in case that the caller hangs up.
    board.put_seat(&Seat { status: SeatStatus::Offered, break_reason: None, ..seat }).await
}
