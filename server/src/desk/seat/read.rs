//! Reads of seats and calls, outside decisions.

use std::collections::HashMap;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait as _, Query};
use sea_orm::{QueryOrder as _, QuerySelect as _};

use super::model::{Seat, SeatCall, SeatCallState};
use super::rows::{self, seat, seat_call, seat_skill};
use crate::platform::Fault;
use crate::ticket::columns::instant;
use crate::ticket::{CallId, Instant};

/// Seats of rows, with their calls.
async fn with_calls(db: &impl ConnectionTrait, rows: Vec<seat::Model>) -> Result<Vec<Seat>, Fault> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let codes = rows.iter().map(|row| row.code.clone());
    let at_seats: Vec<(String, String)> = seat_call::Entity::find()
        .select_only()
        .columns([seat_call::Column::Seat, seat_call::Column::CallId])
        .filter(seat_call::Column::Seat.is_in(codes))
        .into_tuple()
        .all(db)
        .await?;
    let mut calls: HashMap<_, _> = at_seats.into_iter().collect();
    let seats = rows.into_iter().map(|row| {
        let call = calls.remove(&row.code).map(CallId);
        Ok(Seat { call, ..rows::seat_of(row)? })
    });
    seats.collect()
}

/// The seat of an agent, and when an offer to it expires.
pub(super) async fn seat_of_agent(
    db: &impl ConnectionTrait,
    principal: &str,
) -> Result<Option<(Seat, Option<Instant>)>, Fault> {
    let found = seat::Entity::find().filter(seat::Column::Principal.eq(principal)).one(db).await?;
    let Some(row) = found else { return Ok(None) };
    let at_seat = seat_call::Entity::find().filter(seat_call::Column::Seat.eq(row.code.as_str()));
    let call = at_seat.one(db).await?;
    let expires_at = call.as_ref().and_then(|call| call.expires_at).map(instant).transpose()?;
    let call = call.map(|call| CallId(call.call_id));
    Ok(Some((Seat { call, ..rows::seat_of(row)? }, expires_at)))
}

/// Which seats.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SeatFilter {
    /// With this skill.
    pub skill: Option<String>,
    /// Where somebody is signed in.
    pub is_signed_in_only: bool,
}

/// Seats by code, after a code.
pub(super) async fn page(
    db: &impl ConnectionTrait,
    filter: &SeatFilter,
    after: Option<&str>,
    limit: u64,
) -> Result<Vec<Seat>, Fault> {
    let mut query = seat::Entity::find().order_by_asc(seat::Column::Code).limit(limit);
    if let Some(skill) = &filter.skill {
        let mut with_skill = Query::select();
        with_skill
            .column(seat_skill::Column::Seat)
            .from(seat_skill::Entity)
            .and_where(seat_skill::Column::Skill.eq(skill.as_str()));
        query = query.filter(seat::Column::Code.in_subquery(with_skill));
    }
    if filter.is_signed_in_only {
        query = query.filter(seat::Column::Principal.is_not_null());
    }
    if let Some(after) = after {
        query = query.filter(seat::Column::Code.gt(after));
    }
    with_calls(db, query.all(db).await?).await
}

/// The number of the last decision.
pub(super) async fn revision(db: &impl ConnectionTrait) -> Result<i64, Fault> {
    let sql = "SELECT revision FROM seat_revision WHERE id = 1";
    let row = db.query_one_raw(sea_orm::Statement::from_string(db.get_database_backend(), sql)).await?;
    let row = row.ok_or_else(|| Fault::internal("the row of seat_revision is missing"))?;
    Ok(row.try_get_by_index(0)?)
}

/// Where a page of changes begins: behind a revision and the key of a row.
pub(super) type After = (i64, String);

/// Seats that changed behind a place, in the order of their last changes.
pub(super) async fn changed_seats(
    db: &impl ConnectionTrait,
    (revision, code): &After,
    limit: u64,
) -> Result<Vec<Seat>, Fault> {
    let place = Expr::tuple([Expr::col(seat::Column::Revision), Expr::col(seat::Column::Code)]);
    let query = seat::Entity::find()
        .filter(place.gt(Expr::tuple([Expr::val(*revision), Expr::val(code.as_str())])))
        .order_by_asc(seat::Column::Revision)
        .order_by_asc(seat::Column::Code)
        .limit(limit);
    with_calls(db, query.all(db).await?).await
}

/// Calls that changed behind a place, in the order of their last changes; only those that are not over, if `is_live`.
pub(super) async fn changed_calls(
    db: &impl ConnectionTrait,
    (revision, id): &After,
    is_live: bool,
    limit: u64,
) -> Result<Vec<SeatCall>, Fault> {
    let place = Expr::tuple([Expr::col(seat_call::Column::Revision), Expr::col(seat_call::Column::CallId)]);
    let mut query = seat_call::Entity::find()
        .filter(place.gt(Expr::tuple([Expr::val(*revision), Expr::val(id.as_str())])))
        .order_by_asc(seat_call::Column::Revision)
        .order_by_asc(seat_call::Column::CallId)
        .limit(limit);
    if is_live {
        query = query.filter(seat_call::Column::State.lt(SeatCallState::Ended.stored()));
    }
    query.all(db).await?.into_iter().map(rows::call_of).collect()
}
