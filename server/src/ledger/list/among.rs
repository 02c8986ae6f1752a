//! Which of some tickets a reader may see and asks for. Search finds candidates elsewhere; whether a reader gets them
//! is decided here, by the same conditions as in a list.

use std::collections::{HashMap, HashSet};

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ArrayType;
use sea_orm::{QuerySelect as _, Value};

use super::branches::states_of;
use super::conditions::{add_filters, add_intake, add_states};
use super::query::TicketFilter;
use super::sql_text::SqlText;
use crate::access::Scope;
use crate::ledger::rows::{ticket, unit};
use crate::ledger::visibility::UnitLineage;
use crate::platform::Fault;
use crate::platform::bulk_sql::{is_among, json_rows};
use crate::ticket::Ticket;

/// Those of some tickets that lie in the scope and meet the filter.
///
/// # Errors
/// If the database refuses.
pub async fn visible(
    db: &impl ConnectionTrait,
    scope: &Scope,
    filter: &TicketFilter,
    numbers: &[i64],
) -> Result<HashSet<i64>, Fault> {
    let states = states_of(filter);
    if numbers.is_empty() || states.is_empty() {
        return Ok(HashSet::new());
    }
    let mut sql = SqlText::new(db.get_database_backend());
    sql.push("SELECT t.number FROM ticket AS t").begin_conditions().condition();
    if sql.is_postgres() {
        let values = numbers.iter().map(|number| Value::from(*number)).collect();
        sql.push("t.number = ANY(").bind(Value::Array(ArrayType::BigInt, Some(Box::new(values)))).push(")");
    } else {
        sql.push("t.number IN (SELECT value FROM json_each(").bind(json_rows(&numbers)?).push("))");
    }
    add_states(&mut sql, &states);
    add_filters(&mut sql, filter, "");
    add_intake(&mut sql, filter, "t.received_at");
    if let Some(lineage) = UnitLineage::of(db, scope).await? {
        sql.condition().push("EXISTS (SELECT 1 FROM ticket_unit AS u WHERE u.unit = ").bind(lineage.unit());
        sql.push(" AND u.ticket_number = t.number)");
        sql.condition().push("NOT EXISTS (SELECT 1 FROM ticket_accused AS a").begin_conditions();
        sql.condition().push("a.ticket_number = t.number");
        sql.one_of("a.unit", lineage.codes()).push(")");
    }
    let rows = db.query_all_raw(sql.statement()).await?;
    rows.iter().map(|row| Ok(row.try_get_by_index(0)?)).collect()
}

/// Those of some tickets that lie in the scope, with their content, by number.
///
/// # Errors
/// If the database refuses, or a row can't be read.
pub async fn tickets(
    db: &impl ConnectionTrait,
    scope: &Scope,
    numbers: &[i64],
) -> Result<HashMap<i64, Ticket>, Fault> {
    if numbers.is_empty() {
        return Ok(HashMap::new());
    }
    let mut query = ticket::Entity::find()
        .select_only()
        .columns([ticket::Column::Number, ticket::Column::Document, ticket::Column::Content])
        .filter(is_among(db, ticket::Column::Number, numbers.to_vec()));
    if let Some(lineage) = UnitLineage::of(db, scope).await? {
        query = query.filter(lineage.may_see((ticket::Entity, ticket::Column::Number)));
    }
    let found: Vec<(i64, String, String)> = query.into_tuple().all(db).await?;
    let tickets = found.into_iter();
    tickets
        .map(|(number, document, content)| Ok((number, ticket::read(number, &document, content)?)))
        .collect()
}

/// The numbers of a unit's tickets, if there are at most so many. Which of them it may see is decided by [`visible`].
///
/// # Errors
/// If the database refuses.
pub async fn few_of_unit(
    db: &impl ConnectionTrait,
    code: &str,
    max: usize,
) -> Result<Option<HashSet<i64>>, Fault> {
    let numbers: Vec<i64> = unit::Entity::find()
        .select_only()
        .column(unit::Column::TicketNumber)
        .filter(unit::Column::Unit.eq(code))
        .limit(max as u64 + 1)
        .into_tuple()
        .all(db)
        .await?;
    Ok((numbers.len() <= max).then(|| numbers.into_iter().collect()))
}
