//! Counts rows without reading more than a limit, so that a long queue is not read whole just to be counted.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Alias, Asterisk, Expr, ExprTrait as _, Query};
use sea_orm::{QuerySelect as _, QueryTrait as _};

use super::Fault;

/// How many rows a query finds, at most `limit`.
///
/// # Errors
/// Where the database refuses.
pub(crate) async fn count<E: EntityTrait>(
    db: &impl ConnectionTrait,
    rows: Select<E>,
    column: E::Column,
    limit: u32,
) -> Result<u32, Fault> {
    let rows = rows.select_only().column(column).limit(u64::from(limit)).into_query();
    let counted = Query::select()
        .expr(Expr::col(Asterisk).count())
        .from_subquery(rows, Alias::new("counted"))
        .to_owned();
    let row = db.query_one(&counted).await?;
    let count: i64 = row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or_default();
    Ok(u32::try_from(count).unwrap_or(limit))
}
