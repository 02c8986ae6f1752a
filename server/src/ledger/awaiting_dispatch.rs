//! The tickets that wait for dispatch, for staff and for units on duty in their field.

use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder as _, QuerySelect as _};

use super::rows::{category_number, ticket};
use super::visibility::UnitLineage;
use crate::platform::Fault;
use crate::ticket::{Category, State, Ticket, TicketNumber, UnitCode};

/// The states of a ticket that may wait for dispatch.
const STATES: [State; 3] = [State::Received, State::Planning, State::Returned];
/// All categories: the index of the newest of a category and a state is walked if there is no field.
const CATEGORIES: [Category; 3] = [Category::Consultation, Category::Appeal, Category::ComplaintReport];

/// What a unit on duty may see.
#[derive(Debug, Clone, Copy)]
pub struct Field<'a> {
    /// The unit. A ticket that accuses it, or a unit above it, is never shown.
    pub unit: &'a UnitCode,
    /// Its topics.
    pub topics: &'a [String],
}

/// The tickets after a number, at most `limit`, oldest first; all of them without a field.
///
/// # Errors
/// If the database refuses, or a row can't be read.
pub async fn page(
    db: &impl ConnectionTrait,
    field: Option<Field<'_>>,
    after: Option<TicketNumber>,
    limit: u64,
) -> Result<Vec<Ticket>, Fault> {
    let mut query = ticket::Entity::find()
        .filter(ticket::Column::State.is_in(STATES.iter().map(|state| state.name())))
        .filter(ticket::Column::LeadUnit.is_null())
        .order_by_asc(ticket::Column::Number)
        .limit(limit);
    query = match field {
        Some(Field { unit, topics }) => {
            let lineage = UnitLineage::of_unit(db, unit).await?;
            query
                .filter(ticket::Column::Topic.is_in(topics.iter().map(String::as_str)))
                .filter(lineage.is_not_accused((ticket::Entity, ticket::Column::Number)))
        }
        None => query.filter(ticket::Column::Category.is_in(CATEGORIES.map(category_number))),
    };
    if let Some(after) = after {
        query = query.filter(ticket::Column::Number.gt(after.as_i64()));
    }
    let rows = query.all(db).await?;
    rows.into_iter().map(|row| ticket::read(row.number, &row.document, row.content)).collect()
}
