//! Entries of the work list of call-backs. A call has one at most. The number to call is encrypted with the numbers of
//! the call, and shown by `GetCall` alone.

use sea_orm::entity::prelude::*;
use serde_json::json;

use super::board::Board;
use super::model::{CallBack, CallBackCause, CallBackState, CallBackWish, SeatCall, SeatCallState};
use super::rows::{self, call_back};
use crate::audit_log::records;
use crate::deadline::{self, Limit};
use crate::desk::call;
use crate::identity::{self, CallNumbers};
use crate::platform::Fault;
use crate::ticket::dated::Dated;
use crate::ticket::{Actor, CallId};

/// The name of the automatic action in the audit log.
const CALL_BACK_INSTEAD: &str = "CallBackInsteadOfWaiting";

/// Makes the entry of a call that waits or has just arrived, and takes the call from the queue.
pub(super) async fn make(
    board: &Board<'_>,
    mut call: SeatCall,
    cause: CallBackCause,
    wish: &CallBackWish,
    actor: &Actor,
) -> Result<(), Fault> {
    let limit = Limit::Days(board.rules.policy.seats.call_back);
    let due = deadline::due(board.now, limit, &board.rules.calendar)
        .map_err(|error| Fault::internal(format!("the limit of a call-back: {error}")))?;
    call.leave_seat(SeatCallState::CallBack);
    call.ended_at = Some(board.now);
    board.put_call(&call).await?;
    let entry = CallBack {
        call: call.id.clone(),
        skill: call.skill.clone(),
        cause,
        created_at: board.now,
        due_at: due.due_at,
        state: CallBackState::Open,
        attempts: 0,
        attempted_at: None,
        ticket: None,
    };
    let row = rows::call_back_row(&entry);
    call_back::Entity::insert(row).exec_without_returning(&board.work.tx).await?;
    keep_wish(board, &call.id, wish).await?;
    let details = json!({ "cause": cause.stored(), "due": entry.due_at.timestamp_micros() });
    let subject = format!("call/{}", call.id);
    records::record(board.work, actor, CALL_BACK_INSTEAD, &subject, details).await
}

/// Encrypts what the caller wishes, with the numbers of the call.
async fn keep_wish(board: &Board<'_>, id: &CallId, wish: &CallBackWish) -> Result<(), Fault> {
    let dated = |value: &Option<String>| value.clone().map(|value| Dated { at: board.now, value });
    let wished = CallNumbers {
        call_back: dated(&wish.number),
        call_back_wish: dated(&wish.wish),
        ..CallNumbers::default()
    };
    if wished.is_empty() {
        return Ok(());
    }
    call::lock(&board.work.tx, id).await?;
    identity::join_call_numbers(board.work, &board.seats.vault, id, &wished).await?;
    Ok(())
}
