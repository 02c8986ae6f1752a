//! `ListCalls`: calls without the numbers of their parties, the newest first. Whoever finds calls by a number knows who
//! made them. So such a search is recorded with what it found, and finds no call with a confidential ticket.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{JoinType, QueryOrder as _, QuerySelect as _, RelationDef};
use serde_json::json;

use super::details::{HandOverState, Outcome};
use super::rows::{self, call, call_seat};
use super::{Call, Calls};
use crate::access::Permit;
use crate::audit_log::records;
use crate::identity::CallLookUp;
use crate::ledger::call_tickets::has_ticket;
use crate::ledger::training_calls;
use crate::platform::{Fault, Work};
use crate::ticket::Instant;

/// Which calls; all conditions that are set must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct CallFilter {
    pub from: Option<Instant>,
    pub before: Option<Instant>,
    pub outcome: Option<Outcome>,
    pub seat: Option<String>,
    pub is_without_ticket: bool,
    /// The keys of the calling number.
    pub calling: Option<Vec<String>>,
    pub exchange_id: Option<String>,
    pub hand_over: Option<HandOverState>,
}

/// A list of calls to read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListCalls {
    /// Which.
    pub filter: CallFilter,
    /// After this call: its start in microseconds, and its id.
    pub after: Option<(i64, String)>,
    /// Maximum number.
    pub limit: u64,
}

impl Calls {
    /// The calls, the newest first.
    ///
    /// # Errors
    /// If the database refuses, or the vault's keys do not answer.
    pub async fn list_calls(&self, permit: &Permit, list: ListCalls) -> Result<Vec<Call>, Fault> {
        let Some(phones) = &list.filter.calling else {
            return page(self.store.reader(), &list, None).await;
        };
        let caller = CallLookUp::of(&self.vault, phones).await?;
        let input = (permit.clone(), list, caller);
        self.store
            .run(&self.clock, input, async |work, (permit, list, caller)| {
                look_up_in(work, permit, list, caller).await
            })
            .await
    }
}

/// The chain of records is the principal's own, so that searches of several agents do not wait for each other.
async fn look_up_in(
    work: &Work,
    permit: &Permit,
    list: &ListCalls,
    caller: &CallLookUp,
) -> Result<Vec<Call>, Fault> {
    let found = page(&work.tx, list, Some(caller)).await?;
    let ids: Vec<_> = found.iter().map(|call| call.id.0.as_str()).collect();
    let subject = format!("call_look_up/{}", permit.principal());
    records::record(work, &permit.actor(), "ListCalls", &subject, json!({ "calls": ids })).await?;
    Ok(found)
}

async fn page(
    db: &impl ConnectionTrait,
    list: &ListCalls,
    caller: Option<&CallLookUp>,
) -> Result<Vec<Call>, Fault> {
    let found = query(list, caller).all(db).await?;
    let mut calls = found.into_iter().map(rows::read).collect::<Result<Vec<_>, _>>()?;
    let ids: Vec<_> = calls.iter().map(|call| call.id.0.as_str()).collect();
    let training = training_calls::among(db, &ids).await?;
    for call in &mut calls {
        call.is_training = training.contains(&call.id.0);
    }
    Ok(calls)
}

/// The query of a list. With a seat it reads the seat's calls in their order, and otherwise all calls in theirs.
fn query(list: &ListCalls, caller: Option<&CallLookUp>) -> Select<call::Entity> {
    let filter = &list.filter;
    let id = || (call::Entity, call::Column::CallId);
    let mut query = call::Entity::find();
    let key = if let Some(seat) = &filter.seat {
        let of_seat: RelationDef = call_seat::Entity::belongs_to(call::Entity)
            .from(call_seat::Column::CallId)
            .to(call::Column::CallId)
            .into();
        query = query.join_rev(JoinType::InnerJoin, of_seat);
        query = query.filter(call_seat::Column::Seat.eq(seat.as_str()));
        query = query.order_by_desc(call_seat::Column::BeganAt).order_by_desc(call_seat::Column::CallId);
        [
            Expr::col((call_seat::Entity, call_seat::Column::BeganAt)),
            Expr::col((call_seat::Entity, call_seat::Column::CallId)),
        ]
    } else {
        query = query.order_by_desc(call::Column::BeganAt).order_by_desc(call::Column::CallId);
        [Expr::col((call::Entity, call::Column::BeganAt)), Expr::col(id())]
    };
    let began_at = key[0].clone();
    if let Some(from) = filter.from {
        query = query.filter(began_at.clone().gte(from.timestamp_micros()));
    }
    if let Some(before) = filter.before {
        query = query.filter(began_at.lt(before.timestamp_micros()));
    }
    if let Some(outcome) = filter.outcome {
        query = query.filter(call::Column::Outcome.eq(outcome.stored()));
    }
    if let Some(hand_over) = filter.hand_over {
        query = query.filter(call::Column::HandOver.eq(hand_over.stored()));
    }
    if filter.is_without_ticket {
        query = query.filter(has_ticket(id(), false).not());
    }
    if let Some(exchange_id) = &filter.exchange_id {
        let end_to_end = call::Column::EndToEndId.eq(exchange_id.as_str());
        query = query.filter(end_to_end.or(call::Column::Reference.eq(exchange_id.as_str())));
    }
    if let Some(caller) = caller {
        query = query.filter(caller.condition(id())).filter(has_ticket(id(), true).not());
    }
    if let Some((at, id)) = &list.after {
        let place = [Expr::val(*at), Expr::val(id.as_str())];
        query = query.filter(Expr::tuple(key).lt(Expr::tuple(place)));
    }
    query.limit(list.limit)
}
