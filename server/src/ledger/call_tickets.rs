//! The tickets that came from a call. Only staff ask, so there is no scope: units are never told of calls.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait as _, IntoColumnRef, Query, SimpleExpr};
use sea_orm::{QueryOrder as _, QuerySelect as _};

use super::rows::ticket as row;
use crate::platform::Fault;
use crate::ticket::{CallId, TicketNumber, columns};

/// Tickets of one call that are read; an agent makes few.
const TICKETS_MAX: u64 = 64;

/// A ticket that came from a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallTicket {
    /// Its number.
    pub number: TicketNumber,
    /// Whether its caller is withheld.
    pub is_confidential: bool,
}

/// The tickets of a call by number. Without a scope: for staff alone.
///
/// # Errors
/// If the database refuses, or a row can't be read.
pub async fn of_call(db: &impl ConnectionTrait, id: &CallId) -> Result<Vec<CallTicket>, Fault> {
    let found: Vec<(i64, bool)> = row::Entity::find()
        .select_only()
        .columns([row::Column::Number, row::Column::IsConfidential])
        .filter(row::Column::CallId.eq(id.0.as_str()))
        .order_by_asc(row::Column::Number)
        .limit(TICKETS_MAX)
        .into_tuple()
        .all(db)
        .await?;
    let ticket =
        |(number, is_confidential)| Ok(CallTicket { number: columns::number(number)?, is_confidential });
    found.into_iter().map(ticket).collect()
}

/// The condition that the call in a column has a ticket: any, or a confidential one.
pub(crate) fn has_ticket<C: IntoColumnRef>(call_id: C, is_confidential: bool) -> SimpleExpr {
    let mut theirs = Query::select();
    theirs
        .expr(Expr::val(1))
        .from(row::Entity)
        .and_where(Expr::col((row::Entity, row::Column::CallId)).eq(Expr::col(call_id)));
    if is_confidential {
        theirs.and_where(Expr::col((row::Entity, row::Column::IsConfidential)).eq(true));
    }
    Expr::exists(theirs)
}
