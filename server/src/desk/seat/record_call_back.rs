//! `RecordCallBack`: how a call-back ended. If the company was reached, a ticket names the call already.

use hotline_proto::v1::ErrorReason;
use prost::Message;
use sea_orm::QuerySelect as _;
use sea_orm::entity::prelude::*;
use serde_json::json;

use super::Seats;
use super::model::{CallBack, CallBackState};
use super::rows::{self, call_back};
use crate::access::Permit;
use crate::audit_log::records;
use crate::ledger::call_tickets;
use crate::platform::idempotency::RequestKey;
use crate::platform::{Fault, Work};
use crate::ticket::{CallId, TicketNumber};

/// How a call-back ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallBackOutcome {
    /// The company was reached, and this ticket was made.
    Reached(TicketNumber),
    /// Nobody was reached.
    NotReached,
    /// Nobody is to be called any more.
    Dropped,
}

impl Seats {
    /// Records an outcome, once per request; `answer` makes the answer, which is recorded.
    ///
    /// # Errors
    /// `CALL_BACK_NOT_FOUND`, `CALL_BACK_CLOSED`, `REQUEST_ID_REUSED`, `UNAVAILABLE`; `INVALID_FIELDS` if the ticket
    /// does not name the call.
    pub async fn record_call_back<A: Message + Default + 'static>(
        &self,
        permit: &Permit,
        key: RequestKey,
        (call, outcome): (CallId, CallBackOutcome),
        answer: fn(&CallBack) -> A,
    ) -> Result<A, Fault> {
        let input = (permit.clone(), call, outcome, answer);
        self.store
            .run_once(&self.clock, key, input, async |work, (permit, call, outcome, answer)| {
                Ok(answer(&record_in(work, permit, call, *outcome).await?))
            })
            .await
    }
}

async fn record_in(
    work: &Work,
    permit: &Permit,
    call: &CallId,
    outcome: CallBackOutcome,
) -> Result<CallBack, Fault> {
    let locked = call_back::Entity::find_by_id(call.0.as_str()).lock_exclusive().one(&work.tx).await?;
    let before = locked.map(rows::call_back_of).transpose()?;
    let before =
        before.ok_or_else(|| Fault::new(ErrorReason::CallBackNotFound).with("call_id", call.0.as_str()))?;
    if before.state != CallBackState::Open {
        return Err(Fault::new(ErrorReason::CallBackClosed));
    }
    let after = match outcome {
        CallBackOutcome::Reached(ticket) => {
            let tickets = call_tickets::of_call(&work.tx, call).await?;
            if !tickets.iter().any(|one| one.number == ticket) {
                return Err(Fault::invalid_fields().at("ticket_number", "is a ticket that names the call"));
            }
            CallBack { state: CallBackState::Reached, ticket: Some(ticket), ..before }
        }
        CallBackOutcome::NotReached => {
            CallBack { attempts: before.attempts + 1, attempted_at: Some(work.now()), ..before }
        }
        CallBackOutcome::Dropped => CallBack { state: CallBackState::Dropped, ..before },
    };
    call_back::Entity::update(rows::call_back_row(&after)).exec(&work.tx).await?;
    let details = json!({ "state": after.state.stored(), "attempts": after.attempts });
    let (actor, subject) = (permit.actor(), format!("call/{call}"));
    records::record(work, &actor, permit.method().method, &subject, details).await?;
    Ok(after)
}
