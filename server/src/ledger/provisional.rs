//! The open tickets whose limit was counted in a year without a notice. A new calendar may move them.

use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder as _, QuerySelect as _};

use super::rows::ticket;
use crate::platform::Fault;
use crate::ticket::{Ticket, TicketNumber};

/// The open tickets with a provisional limit, by number, after a given one and at most `limit`; not locked, and without
/// their content. They are shown to nobody.
///
/// # Errors
/// If the database refuses, or a row can't be read.
pub async fn page(
    db: &impl ConnectionTrait,
    after: Option<TicketNumber>,
    limit: u64,
) -> Result<Vec<Ticket>, Fault> {
    let mut query = ticket::Entity::find()
        .select_only()
        .columns([ticket::Column::Number, ticket::Column::Document])
        // In the words of its partial index.
        .filter(Expr::cust("is_provisional"))
        .order_by_asc(ticket::Column::Number)
        .limit(limit);
    if let Some(after) = after {
        query = query.filter(ticket::Column::Number.gt(after.as_i64()));
    }
    let rows: Vec<(i64, String)> = query.into_tuple().all(db).await?;
    rows.iter().map(|(number, document)| ticket::read(*number, document, String::new())).collect()
}
