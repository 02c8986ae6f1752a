//! Calls that were answered at a training seat. What came of them is for practice, so it is counted nowhere, and
//! nothing learns from it.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Alias, Expr, ExprTrait as _, IntoColumnRef, Query, SimpleExpr};

use crate::platform::Fault;

/// The table of where calls stand, which the seats write.
fn table() -> Alias {
    Alias::new("seat_call")
}

/// The condition that the call in a column was answered at a training seat.
pub(crate) fn is_training<C: IntoColumnRef>(call_id: C) -> SimpleExpr {
    let mut training = Query::select();
    training
        .expr(Expr::val(1))
        .from(table())
        .and_where(Expr::col((table(), Alias::new("call_id"))).eq(Expr::col(call_id)))
        .and_where(Expr::col((table(), Alias::new("is_training"))).eq(true));
    Expr::exists(training)
}

/// Those of some calls that were answered at a training seat.
///
/// # Errors
/// If the database refuses.
pub async fn among(db: &impl ConnectionTrait, calls: &[&str]) -> Result<Vec<String>, Fault> {
    if calls.is_empty() {
        return Ok(Vec::new());
    }
    let mut training = Query::select();
    training
        .column(Alias::new("call_id"))
        .from(table())
        .and_where(Expr::col(Alias::new("call_id")).is_in(calls.iter().copied()))
        .and_where(Expr::col(Alias::new("is_training")).eq(true));
    let rows = db.query_all(&training).await?;
    rows.iter().map(|row| row.try_get_by_index(0).map_err(Fault::from)).collect()
}
