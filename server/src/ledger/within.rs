//! Whose tickets: the condition that a ticket lies in a scope. One place for tickets, lists and digests.
//!
//! A unit has the tickets that it leads, assists or is informed of, as long as it is not, and does not stand under, a
//! unit that the ticket accuses: the tree of units may have been changed since the dispatch, and is asked anew each time.

use sea_orm::sea_query::{Expr, ExprTrait as _, IntoColumnRef, Query, SelectStatement, SimpleExpr};

use super::rows::{accused, unit};
use crate::access::Scope;
use crate::ticket::UnitCode;

/// A unit and every unit above it.
const ABOVE: &str = "\"ticket_accused\".\"unit\" IN (WITH RECURSIVE above (code) AS (SELECT CAST($1 AS VARCHAR(64)) \
                     UNION SELECT unit.parent FROM unit JOIN above ON unit.code = above.code \
                     WHERE unit.parent IS NOT NULL) SELECT code FROM above)";

/// The condition that the ticket of a number column lies in a scope; `None` where every ticket does.
pub(super) fn within(scope: &Scope, number: impl IntoColumnRef + Clone) -> Option<SimpleExpr> {
    let Scope::Unit(code) = scope else { return None };
    let theirs: SelectStatement = Query::select()
        .column(unit::Column::TicketNumber)
        .from(unit::Entity)
        .and_where(Expr::col((unit::Entity, unit::Column::Unit)).eq(code.as_str()))
        .and_where(Expr::col((unit::Entity, unit::Column::TicketNumber)).eq(Expr::col(number.clone())))
        .to_owned();
    Some(Expr::exists(theirs).and(not_accused(code, number)))
}

/// The condition that the ticket of a number column accuses neither a unit nor one above it.
pub(super) fn not_accused(code: &UnitCode, number: impl IntoColumnRef) -> SimpleExpr {
    let accused: SelectStatement = Query::select()
        .column(accused::Column::TicketNumber)
        .from(accused::Entity)
        .and_where(Expr::col((accused::Entity, accused::Column::TicketNumber)).eq(Expr::col(number)))
        .and_where(Expr::cust_with_values(ABOVE, [code.as_str()]))
        .to_owned();
    Expr::exists(accused).not()
}
