//! `AdviseDispatch`: a unit on duty says whether it is responsible for a ticket that waits for dispatch.

use hotline_proto::v1::ErrorReason;
use prost::Message;
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;

use super::rows::dispatch_advice;
use super::{Rosters, field_of};
use crate::access::{Permit, Scope};
use crate::ledger::{self, Entry, accused, instant_of};
use crate::platform::idempotency::RequestKey;
use crate::platform::{Fault, Work};
use crate::ticket::{
    AdviceVerdict, CallerIdentity, DispatchAdvice, Event, Instant, Ticket, TicketNumber, UnitCode,
};

/// Advice on one ticket, so that a ticket stays small: some units in each round of dispatch.
const PER_TICKET_MAX: usize = 64;

/// The advice of the calling unit.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct AdviseDispatch {
    pub number: TicketNumber,
    pub verdict: AdviceVerdict,
    pub rule: String,
    pub note: String,
}

impl Rosters {
    /// Records advice, once per request; `answer` makes the answer, which is recorded.
    ///
    /// # Errors
    /// `NOT_ON_DUTY`, `TICKET_NOT_FOUND`, `ADVICE_GIVEN`, `REQUEST_ID_REUSED`, `UNAVAILABLE`.
    pub async fn advise_dispatch<A: Message + Default + 'static>(
        &self,
        permit: &Permit,
        key: RequestKey,
        command: AdviseDispatch,
        answer: fn(TicketNumber, &DispatchAdvice) -> A,
    ) -> Result<A, Fault> {
        let unit = permit.unit().cloned();
        let unit = unit.ok_or_else(|| Fault::internal("advice of a caller without a unit"))?;
        let input = (self.clone(), permit.clone(), unit, command, answer);
        self.store
            .run_once(&self.clock, key, input, async |work, input| {
                let (rosters, permit, unit, command, answer) = input;
                let advice = rosters.advise_in(work, permit, unit, command.clone()).await?;
                Ok(answer(command.number, &advice))
            })
            .await
    }

    /// The unit has no relation to the ticket yet, so the ticket is locked without its scope. What it may not see is
    /// the same to it as a ticket that does not exist.
    async fn advise_in(
        &self,
        work: &Work,
        permit: &Permit,
        unit: &UnitCode,
        command: AdviseDispatch,
    ) -> Result<DispatchAdvice, Fault> {
        let number = command.number;
        let not_found = || Fault::new(ErrorReason::TicketNotFound).with("ticket_number", number.to_string());
        let topics = field_of(&work.tx, unit, work.now()).await?;
        let locked = ledger::lock::lock_ticket(work, &Scope::All, number).await?.ok_or_else(not_found)?;
        if !is_in_field(&locked, &topics) || accused::accuses(&work.tx, number, unit).await? {
            return Err(not_found());
        }
        let advice = decide(&locked, unit, command, instant_of(work, &locked))?;
        dispatch_advice::Entity::insert(dispatch_advice::ActiveModel {
            advised_at: Set(advice.advised_at.timestamp_micros()),
            ticket_number: Set(number.as_i64()),
            unit: Set(unit.0.clone()),
        })
        .exec_without_returning(&work.tx)
        .await?;
        let entry = Entry {
            number,
            before: Some(locked),
            actor: permit.actor(),
            events: vec![Event::DispatchAdvised { advice: advice.clone() }],
            identity: CallerIdentity::default(),
        };
        self.ledger.write(work, vec![entry]).await?;
        Ok(advice)
    }
}

/// Whether a ticket waits for dispatch in a field. Pure.
fn is_in_field(ticket: &Ticket, topics: &[String]) -> bool {
    ticket.awaits_dispatch() && ticket.topic.as_ref().is_some_and(|topic| topics.contains(topic))
}

/// The advice, if the unit may still give it. Pure.
fn decide(
    ticket: &Ticket,
    unit: &UnitCode,
    command: AdviseDispatch,
    now: Instant,
) -> Result<DispatchAdvice, Fault> {
    let has_advised = ticket.present_advice().any(|advice| advice.unit == *unit);
    if has_advised || ticket.advice.len() >= PER_TICKET_MAX {
        return Err(Fault::new(ErrorReason::AdviceGiven).with("ticket_number", ticket.number.to_string()));
    }
    let AdviseDispatch { verdict, rule, note, .. } = command;
    Ok(DispatchAdvice { unit: unit.clone(), verdict, rule, note, advised_at: now, dispatched_to: None })
}
