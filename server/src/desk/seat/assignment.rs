//! Offers calls to seats by the rule of the queue ([`queue_rule`]), until no call that waits has a seat. The database
//! gives the rule what it can choose from: the first call of each skill, and the seats that are ready.

use chrono::TimeDelta;
use sea_orm::{ConnectionTrait as _, Statement};

use super::board::Board;
use super::model::{Seat, SeatCallState, SeatStatus};
use crate::desk::call::queue_rule::{self, ReadySeat, WaitingCall};
use crate::platform::{Fault, failpoint};
use crate::ticket::columns::instant;
use crate::ticket::{CallId, Instant};

/// Calls that one decision offers at most; the next one goes on.
const OFFERS_MAX: usize = 64;
/// The first call of each skill. Those behind it are never the next ones.
const FIRST_CALLS: &str = "SELECT seat_call.call_id, seat_call.skill, seat_call.arrival FROM skill \
                           JOIN seat_call ON seat_call.call_id = (SELECT first.call_id FROM seat_call AS first \
                           WHERE first.state = 1 AND first.skill = skill.code \
                           ORDER BY first.arrival, first.call_id LIMIT 1) \
                           ORDER BY seat_call.arrival, seat_call.call_id";
/// The seats that are ready, with each of their skills.
const READY_SEATS: &str = "SELECT seat.code, seat.since, seat_skill.skill FROM seat \
                           JOIN seat_skill ON seat_skill.seat = seat.code \
                           WHERE seat.status = 2 AND seat.is_active ORDER BY seat.code, seat_skill.skill";

/// A call that is the first of its skill.
struct FirstCall {
    id: CallId,
    skill: String,
    arrival: i64,
}

/// A seat that is ready.
struct Ready {
    code: String,
    since: Instant,
    skills: Vec<String>,
}

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
    let first_calls = first_calls(board).await?;
    if first_calls.is_empty() {
        return Ok(None);
    }
    let ready = ready_seats(board).await?;
    let calls: Vec<_> =
        first_calls.iter().map(|call| WaitingCall { arrival: call.arrival, skill: &call.skill }).collect();
    let skills: Vec<Vec<&str>> =
        ready.iter().map(|seat| seat.skills.iter().map(String::as_str).collect()).collect();
    let seats: Vec<_> = ready.iter().zip(&skills).map(|(seat, skills)| seat.as_ready(skills)).collect();
    let pair = queue_rule::next_pair(&calls, &seats);
    Ok(pair.map(|(call, seat)| (first_calls[call].id.clone(), ready[seat].code.clone())))
}

impl Ready {
    fn as_ready<'a>(&'a self, skills: &'a [&'a str]) -> ReadySeat<'a> {
        ReadySeat { ready_since: self.since, name: &self.code, skills }
    }
}

/// The calls that the rule chooses from.
async fn first_calls(board: &Board<'_>) -> Result<Vec<FirstCall>, Fault> {
    let mut sql = FIRST_CALLS.to_owned();
    if failpoint::queues_unfairly() {
        sql = sql.replace("first.arrival, first.call_id", "first.arrival DESC");
    }
    if failpoint::offers_twice() {
        sql = sql.replace("first.state = 1", "first.state IN (1, 3)");
    }
    let tx = &board.work.tx;
    let rows = tx.query_all_raw(Statement::from_string(tx.get_database_backend(), sql)).await?;
    let calls = rows.iter().map(|row| {
        let id = CallId(row.try_get_by_index(0)?);
        Ok(FirstCall { id, skill: row.try_get_by_index(1)?, arrival: row.try_get_by_index(2)? })
    });
    calls.collect()
}

/// The seats that the rule chooses from.
async fn ready_seats(board: &Board<'_>) -> Result<Vec<Ready>, Fault> {
    let tx = &board.work.tx;
    let statement = Statement::from_string(tx.get_database_backend(), READY_SEATS);
    let mut seats: Vec<Ready> = Vec::new();
    for row in tx.query_all_raw(statement).await? {
        let (code, skill): (String, String) = (row.try_get_by_index(0)?, row.try_get_by_index(2)?);
        if let Some(last) = seats.last_mut().filter(|last| last.code == code) {
            last.skills.push(skill);
        } else {
            let since = instant(row.try_get_by_index(1)?)?;
            seats.push(Ready { code, since, skills: vec![skill] });
        }
    }
    Ok(seats)
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
