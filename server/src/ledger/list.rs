//! Lists of tickets, page by page: a keyset on an index that has the order of the list, so that a page costs the same
//! wherever it lies and however many tickets there are. The content of tickets is read only if the query asks for it.
//!
//! - A list of staff is the merge of `branches`.
//! - A list of a unit walks the unit's own index, and passes over the tickets that its filter leaves out. So it costs
//!   the same however many tickets the other units have.

pub mod among;
mod branches;
mod conditions;
pub(super) mod open_without_timer;
mod query;
mod sql_text;

use sea_orm::{ConnectionTrait, Statement};

use self::branches::{Walk, states_of};
use self::conditions::{
    OrderColumns, add_filters, add_intake, add_queues, add_ranges, add_states, is_covered, sorts_intake,
};
pub use self::query::{Columns, Cursor, ListQuery, Order, SourceKey, TicketFilter};
use self::sql_text::SqlText;
use super::rows::ticket;
use super::visibility::UnitLineage;
use crate::access::Scope;
use crate::platform::Fault;
use crate::ticket::{State, Ticket};

/// The order by the columns of `ticket`, of `ticket_unit` and of the merged branches.
/// Lists by the last change are those of tickets alone.
const OF_TICKET: OrderColumns =
    OrderColumns { number: "t.number", due_at: "t.due_at", updated_at: "t.updated_at" };
const OF_UNIT: OrderColumns = OrderColumns { number: "u.ticket_number", due_at: "u.due_at", ..OF_TICKET };
const OF_CALLER: OrderColumns = OrderColumns { number: "i.ticket_number", ..OF_TICKET };
const OF_BRANCH: OrderColumns = OrderColumns { number: "b.number", due_at: "b.due_at", ..OF_TICKET };
const OF_WALK: OrderColumns = OrderColumns { number: "w.number", due_at: "w.due_at", ..OF_TICKET };
const OF_PAGE: OrderColumns = OrderColumns { number: "k.number", due_at: "k.due_at", ..OF_TICKET };

/// A page of tickets in a scope.
///
/// # Errors
/// If the database refuses, or a row can't be read.
pub async fn page(db: &impl ConnectionTrait, scope: &Scope, query: &ListQuery) -> Result<Vec<Ticket>, Fault> {
    let Some(statement) = statement(db, scope, query).await? else { return Ok(Vec::new()) };
    let mut tickets = Vec::new();
    for row in db.query_all_raw(statement).await? {
        let (number, document): (i64, String) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        let content = match query.columns {
            Columns::WithContent => row.try_get_by_index(2)?,
            Columns::WithoutContent => String::new(),
        };
        tickets.push(ticket::read(number, &document, content)?);
    }
    Ok(tickets)
}

/// The statement that reads a page; none if no ticket can meet the filter. For [`page`], and for those who look at
/// its plan.
///
/// # Errors
/// If the database refuses to say which units stand above the scope's.
pub async fn statement(
    db: &impl ConnectionTrait,
    scope: &Scope,
    query: &ListQuery,
) -> Result<Option<Statement>, Fault> {
    if states_of(&query.filter).is_empty() {
        return Ok(None);
    }
    let columns = match query.columns {
        Columns::WithoutContent => "t.number, t.document",
        Columns::WithContent => "t.number, t.document, t.content",
    };
    let sql = SqlText::new(db.get_database_backend());
    Ok(Some(match UnitLineage::of(db, scope).await? {
        Some(lineage) => of_unit(sql, &lineage, query, columns),
        None => of_staff(sql, query, columns),
    }))
}

/// Adds order and limit, which every list ends with.
fn end(mut sql: SqlText, query: &ListQuery, columns: OrderColumns) -> Statement {
    sql.push(&columns.order_by(query.order)).push(&limit(query));
    sql.statement()
}

fn limit(query: &ListQuery) -> String {
    format!(" LIMIT {}", query.limit)
}

/// Adds the tickets `t` of a unit in the order of the list. On PostgreSQL its rows and each ticket are queries of
/// their own (`OFFSET 0`). So the rows are walked in this order, however few tickets the planner expects behind the
/// filter.
fn add_tickets_of_unit(sql: &mut SqlText, query: &ListQuery, unit: &str, is_lead: bool) {
    let is_postgres = sql.is_postgres();
    let is_open = states_of(&query.filter).iter().all(|state| state.is_open());
    if is_postgres {
        sql.push(" FROM (SELECT u.ticket_number, u.due_at FROM ticket_unit AS u");
    } else {
        let index = match (query.order, is_open) {
            (Order::DueFirst, true) => " INDEXED BY ticket_unit_open_due",
            (Order::DueFirst, false) => " INDEXED BY ticket_unit_due",
            // The unit's open tickets are sorted.
            (Order::NewestFirst | Order::SilentFirst, true) => " INDEXED BY ticket_unit_open_newest",
            // The primary key, which has no name.
            (Order::NewestFirst | Order::SilentFirst, false) => "",
        };
        sql.push(" FROM ticket_unit AS u").push(index).push(" CROSS JOIN ticket AS t");
    }
    sql.begin_conditions().compare("u.unit =", unit);
    if is_lead {
        sql.condition().push("u.relation = 1");
    } else if !query.filter.assigned_to.is_empty() {
        sql.one_of("u.assigned_to", query.filter.assigned_to.iter().map(String::as_str));
    }
    if is_open {
        sql.condition().push("u.is_open");
    }
    add_ranges(sql, query, OF_UNIT, false);
    if is_postgres {
        sql.push(&OF_UNIT.order_by(query.order)).push(" OFFSET 0) AS u CROSS JOIN LATERAL");
        sql.push(" (SELECT * FROM ticket WHERE ticket.number = u.ticket_number OFFSET 0) AS t");
        sql.begin_conditions();
    } else {
        sql.condition().push("t.number = u.ticket_number");
    }
    add_states(sql, &states_of(&query.filter));
    add_filters(sql, &query.filter, if is_lead { "lead_unit" } else { "" });
    add_intake(sql, &query.filter, "t.received_at");
}

fn of_unit(mut sql: SqlText, lineage: &UnitLineage, query: &ListQuery, columns: &str) -> Statement {
    sql.push("SELECT ").push(columns);
    add_tickets_of_unit(&mut sql, query, lineage.unit(), false);
    if query.filter.is_held {
        // No unit sees which of its tickets are held.
        sql.condition().push("1 = 0");
    }
    if query.filter.source.is_some() {
        // A unit is compared with its own systems alone: of a confidential ticket it may not know another reference,
        // and so may not guess at one.
        sql.compare("t.source_owner =", lineage.unit());
    }
    sql.condition().push("NOT EXISTS (SELECT 1 FROM ticket_accused AS a").begin_conditions();
    sql.condition().push("a.ticket_number = u.ticket_number");
    sql.one_of("a.unit", lineage.codes());
    // Not as a join, which could lose the order.
    let offset = if sql.is_postgres() { " OFFSET 0)" } else { ")" };
    sql.push(offset);
    end(sql, query, OF_UNIT)
}

fn of_staff(mut sql: SqlText, query: &ListQuery, columns: &str) -> Statement {
    let filter = &query.filter;
    sql.push("SELECT ").push(columns);
    match Walk::of(filter, query.order) {
        Walk::Caller => {
            sql.push(" FROM encrypted_identity AS i CROSS JOIN ticket AS t");
            sql.condition().push("t.number = i.ticket_number").condition().push("NOT i.is_confidential");
            for (columns, indexes) in filter.caller.indexes() {
                sql.any_is_one_of(&columns.map(|column| format!("i.{column}")), indexes);
            }
            add_rest(&mut sql, query, OF_CALLER, "");
            end(sql, query, OF_CALLER)
        }
        Walk::LeadUnit(code) => {
            add_tickets_of_unit(&mut sql, query, &code, true);
            end(sql, query, OF_UNIT)
        }
        Walk::Numbers if sql.is_postgres() => {
            sql.push(" FROM (SELECT * FROM ticket AS t");
            add_ranges(&mut sql, query, OF_TICKET, false);
            sql.push(&OF_TICKET.order_by(query.order)).push(" OFFSET 0) AS t").begin_conditions();
            add_intake(&mut sql, filter, "t.received_at");
            end(sql, query, OF_TICKET)
        }
        Walk::Few | Walk::Any | Walk::Numbers => {
            sql.push(" FROM ticket AS t");
            add_rest(&mut sql, query, OF_TICKET, "");
            end(sql, query, OF_TICKET)
        }
        Walk::Queues => {
            add_walk(&mut sql, "ticket_queue", |sql| add_queues(sql, filter));
            add_rest(&mut sql, query, OF_TICKET, "queue");
            end(sql, query, OF_TICKET)
        }
        Walk::Silent => {
            let add_silence = |sql: &mut SqlText| {
                sql.condition().push("t.is_open = TRUE");
                add_ranges(sql, query, OF_TICKET, false);
            };
            if sql.is_postgres() && filter.is_of_silence_alone() {
                // Its index has the order, so a page of it is read.
                add_silence(sql.push(" FROM ticket AS t"));
            } else {
                add_walk(&mut sql, "ticket_updated", add_silence);
            }
            if states_of(filter).len() < State::OPEN.len() {
                add_states(&mut sql, &states_of(filter));
            }
            add_filters(&mut sql, filter, "");
            add_intake(&mut sql, filter, "t.received_at");
            end(sql, query, OF_TICKET)
        }
        Walk::Branches { column, values, states } => {
            sql.push(" FROM (");
            add_merged_branches(&mut sql, query, (column, &values), &states);
            sql.push(") AS k CROSS JOIN ticket AS t").begin_conditions();
            sql.condition().push("t.number = k.number").push(&OF_PAGE.order_by(query.order));
            sql.statement()
        }
    }
}

/// Adds the query for number and limit of the tickets of a page: the merge of the branches of these states for these
/// values of a column.
fn add_merged_branches(
    sql: &mut SqlText,
    query: &ListQuery,
    (column, values): (&'static str, &[sea_orm::Value]),
    states: &[State],
) {
    sql.push("SELECT b.number, b.due_at FROM (");
    let pairs = values.iter().flat_map(|value| states.iter().map(move |state| (value, *state)));
    for (place, (value, state)) in pairs.enumerate() {
        sql.push(if place == 0 { "" } else { " UNION ALL " });
        add_branch(sql, query, (column, value.clone()), state);
    }
    sql.push(") AS b").push(&OF_BRANCH.order_by(query.order)).push(&limit(query));
}

/// Adds the tickets `t` that one index finds. On PostgreSQL they are a query of their own (`OFFSET 0`), so that it
/// chooses no other index for the rest of the filter.
fn add_walk(sql: &mut SqlText, index: &str, add_conditions: impl FnOnce(&mut SqlText)) {
    let is_postgres = sql.is_postgres();
    if is_postgres {
        sql.push(" FROM (SELECT * FROM ticket AS t");
    } else {
        sql.push(" FROM ticket AS t INDEXED BY ").push(index);
    }
    add_conditions(sql);
    if is_postgres {
        sql.push(" OFFSET 0) AS t").begin_conditions();
    }
}

/// Adds all that a filter asks of the ticket `t`, but for the column that the walk fixes.
fn add_rest(sql: &mut SqlText, query: &ListQuery, columns: OrderColumns, has: &str) {
    add_states(sql, &states_of(&query.filter));
    add_filters(sql, &query.filter, has);
    add_intake(sql, &query.filter, "t.received_at");
    add_ranges(sql, query, columns, false);
}

/// Adds a branch. PostgreSQL merges branches if each has an order of its own; SQLite merges them if none has. SQLite
/// has no statistics by which it would choose between the two indexes of a column, so the index is named.
fn add_branch(
    sql: &mut SqlText,
    query: &ListQuery,
    (column, value): (&'static str, sea_orm::Value),
    state: State,
) {
    let filter = &query.filter;
    let is_postgres = sql.is_postgres();
    let has_intake = filter.intake_from.is_some() || filter.intake_before.is_some();
    // The range of intake is asked behind the walk, or PostgreSQL would expect few tickets in it, and sort them.
    let sorts_intake = sorts_intake(query);
    let is_walk = is_postgres && has_intake && is_covered(filter, column) && !sorts_intake;
    if is_walk {
        sql.push(
            "(SELECT w.number, w.due_at FROM (SELECT t.number, t.due_at, t.received_at FROM ticket AS t",
        );
    } else {
        sql.push(if is_postgres { "(" } else { "" }).push("SELECT t.number, t.due_at FROM ticket AS t");
    }
    if !is_postgres {
        let index = column.strip_suffix("_unit").unwrap_or(column);
        let is_newest = query.order == Order::NewestFirst || sorts_intake;
        sql.push(&format!(" INDEXED BY ticket_{index}_{}", if is_newest { "newest" } else { "due" }));
    }
    sql.begin_conditions().compare(&format!("t.{column} ="), value).compare("t.state =", state.name());
    if column == "rung" {
        // In the words of its partial index.
        sql.condition().push("t.rung > 0");
    }
    add_filters(sql, filter, column);
    add_ranges(sql, query, OF_TICKET, sorts_intake);
    if is_walk {
        sql.push(&OF_TICKET.order_by(query.order)).push(" OFFSET 0) AS w").begin_conditions();
        add_intake(sql, filter, "w.received_at");
        sql.push(&OF_WALK.order_by(query.order)).push(&limit(query)).push(")");
        return;
    }
    add_intake(sql, filter, "t.received_at");
    if is_postgres {
        sql.push(&OF_TICKET.order_by(query.order)).push(&limit(query)).push(")");
    }
}
