//! `TransferCall`: an operator or an agent sends a call to a skill with one key, or adds a unit's policy number to it.

use hotline_proto::v1::ErrorReason;
use prost::Message;
use sea_orm::entity::prelude::*;
use serde_json::json;

use super::board::Board;
use super::model::{CallBackCause, CallBackWish, SeatCall, SeatCallState, SeatStatus, ThreeWayOutcome};
use super::rows::skill;
use super::{Seats, call_back, due_work, hours, three_way};
use crate::access::Permit;
use crate::audit_log::records;
use crate::desk::call;
use crate::platform::Fault;
use crate::platform::idempotency::RequestKey;
use crate::ticket::{CallId, Instant, UnitCode};

/// Where a call is sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TransferTarget {
    /// A skill.
    Skill(String),
    /// A three-way call with a unit; with its outcome when it has ended.
    ThreeWay(UnitCode, Option<ThreeWayOutcome>),
}

/// What became of a transfer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Transferred {
    /// Where the call stands.
    To(SeatCall),
    /// The number of the unit to dial.
    Dial(String),
}

impl Seats {
    /// Transfers a call, once per request; `answer` makes the answer, which is recorded.
    ///
    /// # Errors
    /// `CALL_NOT_FOUND`, `CALL_ENDED`, `SKILL_UNKNOWN`, `UNIT_UNKNOWN`, `NOT_SIGNED_IN`, `REQUEST_ID_REUSED`,
    /// `UNAVAILABLE`.
    pub async fn transfer_call<A: Message + Default + 'static>(
        &self,
        permit: &Permit,
        key: RequestKey,
        (call, target): (CallId, TransferTarget),
        answer: fn(&Transferred) -> A,
    ) -> Result<A, Fault> {
        let input = (self.clone(), permit.clone(), call, target, answer);
        let transferred = self.store.run_once(&self.clock, key, input, async |work, input| {
            let (seats, permit, call, target, answer) = input;
            let board = Board::open(work, seats).await?;
            Ok(answer(&transfer_in(&board, permit, call, target).await?))
        });
        self.changes.announce(transferred.await)
    }
}

async fn transfer_in(
    board: &Board<'_>,
    permit: &Permit,
    id: &CallId,
    target: &TransferTarget,
) -> Result<Transferred, Fault> {
    match target {
        TransferTarget::Skill(skill) => {
            if let Some(call) = board.call(id).await?.filter(|call| call.state == SeatCallState::Connected) {
                release(board, permit, call).await?;
            }
            Ok(Transferred::To(queue(board, permit, id, skill, None).await?))
        }
        TransferTarget::ThreeWay(unit, outcome) => {
            let number = three_way::record(board, permit, id, unit, *outcome).await?;
            Ok(Transferred::Dial(number))
        }
    }
}

/// The agent who speaks on a call gives it up. It keeps its arrival.
async fn release(board: &Board<'_>, permit: &Permit, mut call: SeatCall) -> Result<(), Fault> {
    let own = board.own_seat(permit.principal()).await?;
    if call.seat.as_deref() != Some(own.setup.code.as_str()) {
        return Err(Fault::new(ErrorReason::NotSignedIn));
    }
    call.leave_seat(SeatCallState::Waiting);
    board.put_call(&call).await?;
    board.set_status(&own.setup.code, SeatStatus::WrapUp, None).await
}

/// Brings a call into the queue of a skill, unless it is there or past it; outside the hours, or if the caller wishes
/// it, onto the list of call-backs. Then offers what can be offered.
pub(super) async fn queue(
    board: &Board<'_>,
    permit: &Permit,
    id: &CallId,
    skill: &str,
    wish: Option<&CallBackWish>,
) -> Result<SeatCall, Fault> {
    let not_found = || Fault::new(ErrorReason::CallNotFound).with("call_id", id.0.as_str());
    let start = call::start_of(&board.work.tx, id).await?.ok_or_else(not_found)?;
    check_skill(board, skill).await?;
    let known = board.call(id).await?;
    let is_new = known.is_none();
    if known.as_ref().is_some_and(SeatCall::is_over) && wish.is_none() {
        return Err(Fault::new(ErrorReason::CallEnded));
    }
    if start.is_ended && is_new && wish.is_none() {
        return Err(Fault::new(ErrorReason::CallEnded));
    }
    let mut call = known.unwrap_or_else(|| SeatCall::arrived(id, skill, board.revision, board.now));
    if is_new {
        board.add_call(&call).await?;
    }
    let cause = cause_of(board, &call, is_new, start.began_at, wish).await?;
    if let Some(cause) = cause {
        if call.state == SeatCallState::Offered
            && let Some(code) = call.seat.clone()
        {
            board.take_back_offer(&code).await?;
        }
        let wish = wish.cloned().unwrap_or_default();
        call_back::make(board, call, cause, &wish, &permit.actor()).await?;
    } else if call.skill != skill && call.state != SeatCallState::Connected {
        if let Some(code) = call.seat.clone() {
            board.take_back_offer(&code).await?;
        }
        call.leave_seat(SeatCallState::Waiting);
        skill.clone_into(&mut call.skill);
        board.put_call(&call).await?;
    }
    due_work::run(board).await?;
    let outcome = board.outcome(id).await?.ok_or_else(not_found)?;
    if is_new {
        let details = json!({ "skill": skill, "state": outcome.state.stored() });
        let (actor, subject) = (permit.actor(), format!("call/{id}"));
        records::record(board.work, &actor, permit.method().method, &subject, details).await?;
    }
    Ok(outcome)
}

/// Why the company is called back, if it is.
async fn cause_of(
    board: &Board<'_>,
    call: &SeatCall,
    is_new: bool,
    began_at: Instant,
    wish: Option<&CallBackWish>,
) -> Result<Option<CallBackCause>, Fault> {
    if wish.is_some() {
        return match call.state {
            SeatCallState::Connected => Err(Fault::new(ErrorReason::SeatBusy)),
            SeatCallState::Ended => Err(Fault::new(ErrorReason::CallEnded)),
            // It is on the list already.
            SeatCallState::CallBack => Ok(None),
            SeatCallState::Waiting | SeatCallState::Offered => Ok(Some(CallBackCause::Wish)),
        };
    }
    let is_open = !is_new || hours::is_open(&board.work.tx, &board.rules.policy, began_at).await?;
    Ok((!is_open).then_some(CallBackCause::OutsideHours))
}

/// # Errors
/// `SKILL_UNKNOWN`.
async fn check_skill(board: &Board<'_>, code: &str) -> Result<(), Fault> {
    let found = skill::Entity::find_by_id(code).one(&board.work.tx).await?;
    if found.is_some_and(|found| found.is_active) {
        return Ok(());
    }
    Err(Fault::new(ErrorReason::SkillUnknown).at("skill", "is an active skill"))
}
