//! Closed tickets with what people decided about them: the texts that suggestions learn from. No caller reads them
//! here, so they need no scope.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait as _;
use sea_orm::{QueryOrder as _, QuerySelect as _};

use super::rows::ticket;
use super::training_calls;
use crate::platform::Fault;
use crate::ticket::{State, Ticket, TicketNumber};

/// Closed tickets with their contents, the newest first, before a number and at most `limit`.
///
/// # Errors
/// If the database refuses, or a row can't be read.
pub async fn page(
    db: &impl ConnectionTrait,
    before: Option<TicketNumber>,
    limit: u64,
) -> Result<Vec<Ticket>, Fault> {
    use ticket::Column;
    let mut query = ticket::Entity::find()
        .select_only()
        .columns([Column::Number, Column::Document, Column::Content])
        .filter(Column::State.eq(State::Closed.name()))
        // A ticket for practice teaches nothing.
        .filter(training_calls::is_training((ticket::Entity, Column::CallId)).not())
        .order_by_desc(Column::Number)
        .limit(limit);
    if let Some(before) = before {
        query = query.filter(Column::Number.lt(before.as_i64()));
    }
    let rows: Vec<(i64, String, String)> = query.into_tuple().all(db).await?;
    rows.into_iter().map(|(number, document, content)| ticket::read(number, &document, content)).collect()
}
