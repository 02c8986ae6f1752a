//! The conditions of a list, in the words of the indexes.

use chrono::{Days, NaiveDate, TimeDelta};
use chrono_tz::Asia::Shanghai;

use super::branches::{rung_filter, states_of};
use super::query::{Cursor, ListQuery, Order, TicketFilter};
use super::sql_text::SqlText;
use crate::ledger::rows::{self, Queue};
use crate::ticket::{Instant, Relation, State, TicketNumber};

/// The columns that a list is ordered by, by the names that they have in the statement.
#[derive(Debug, Clone, Copy)]
pub(super) struct OrderColumns {
    /// The ticket number.
    pub(super) number: &'static str,
    /// The limit.
    pub(super) due_at: &'static str,
    /// The last change, where the list may have its order.
    pub(super) updated_at: &'static str,
}

impl OrderColumns {
    /// The order, in SQL.
    pub(super) fn order_by(self, order: Order) -> String {
        match order {
            Order::NewestFirst => format!(" ORDER BY {} DESC", self.number),
            Order::DueFirst => format!(" ORDER BY {}, {}", self.due_at, self.number),
            Order::SilentFirst => format!(" ORDER BY {}, {}", self.updated_at, self.number),
        }
    }

    /// Adds the condition that a ticket comes after another one.
    pub(super) fn after(self, sql: &mut SqlText, order: Order, after: Cursor) {
        let Self { number, due_at, updated_at } = self;
        let instant = match order {
            Order::NewestFirst => {
                sql.compare(&format!("{number} <"), after.number);
                return;
            }
            Order::DueFirst => due_at,
            Order::SilentFirst => updated_at,
        };
        sql.condition().push(&format!("({instant}, {number}) > (")).bind(after.instant);
        sql.push(", ").bind(after.number).push(")");
    }
}

/// The smallest number that a day may have.
fn first_number(day: NaiveDate) -> Option<i64> {
    TicketNumber::new(day, 0).ok().map(TicketNumber::as_i64)
}

fn day_of(instant: Instant) -> NaiveDate {
    instant.with_timezone(&Shanghai).date_naive()
}

/// The column that a list is not ordered by, in an expression that no planner looks up in an index. Otherwise one may
/// walk the index of the other order, and sort all that it finds.
fn unordered(column: &str) -> String {
    format!("({column} + 0)")
}

/// The longest range of intake whose tickets are sorted by limit, in days. In a longer one, an index by limit finds a
/// page sooner than all the tickets of the range are read.
const SORTED_DAYS_MAX: i64 = 7;

/// Whether a list by limit reads the tickets of a short range of intake and sorts them, instead of walking an index
/// by limit. Of open tickets there are so few that they are walked.
pub(super) fn sorts_intake(query: &ListQuery) -> bool {
    let filter = &query.filter;
    let (Some(from), Some(before)) = (filter.intake_from, filter.intake_before) else { return false };
    let is_short = before - from <= TimeDelta::days(SORTED_DAYS_MAX);
    query.order == Order::DueFirst && is_short && states_of(filter).iter().any(|state| !state.is_open())
}

/// Adds the range of numbers in which the tickets of a range of intake lie. A number is allotted before its ticket is
/// written, so the day in it is that of the intake, or the day before.
fn add_numbers_of_intake(sql: &mut SqlText, filter: &TicketFilter, number: &str) {
    let from = filter.intake_from.and_then(|from| day_of(from).checked_sub_days(Days::new(1)));
    if let Some(from) = from.and_then(first_number) {
        sql.compare(&format!("{number} >="), from);
    }
    let last = filter.intake_before.and_then(|end| end.checked_sub_signed(TimeDelta::microseconds(1)));
    let end = last.and_then(|last| day_of(last).checked_add_days(Days::new(1)));
    if let Some(end) = end.and_then(first_number) {
        sql.compare(&format!("{number} <"), end);
    }
}

/// Adds the ranges of the columns that lists are ordered by: of the filter, and the place of the page. They are
/// looked up in the index that has the order of the list, or of the numbers, if the list [sorts its
/// intake](sorts_intake).
pub(super) fn add_ranges(sql: &mut SqlText, query: &ListQuery, columns: OrderColumns, sorts_intake: bool) {
    let filter = &query.filter;
    let (number, due_at) = match query.order {
        Order::NewestFirst => (columns.number.to_owned(), unordered(columns.due_at)),
        Order::DueFirst if sorts_intake => (columns.number.to_owned(), unordered(columns.due_at)),
        Order::DueFirst => (unordered(columns.number), columns.due_at.to_owned()),
        Order::SilentFirst => (unordered(columns.number), unordered(columns.due_at)),
    };
    add_numbers_of_intake(sql, filter, &number);
    if let Some(from) = filter.intake_from.filter(|_| query.order == Order::DueFirst) {
        // No limit lies before the intake, so the order by limit begins here.
        sql.compare(&format!("{due_at} >="), from.timestamp_micros());
    }
    if let Some(before) = filter.open_and_due_before {
        sql.compare(&format!("{due_at} <"), before.timestamp_micros());
    }
    if let Some(before) = filter.open_and_updated_before {
        sql.compare(&format!("{} <", columns.updated_at), before.timestamp_micros());
    }
    if let Some(after) = query.after {
        columns.after(sql, query.order, after);
    }
}

/// Adds the range of intake itself, of a column.
pub(super) fn add_intake(sql: &mut SqlText, filter: &TicketFilter, received_at: &str) {
    if let Some(from) = filter.intake_from {
        sql.compare(&format!("{received_at} >="), from.timestamp_micros());
    }
    if let Some(before) = filter.intake_before {
        sql.compare(&format!("{received_at} <"), before.timestamp_micros());
    }
}

/// Adds the other conditions on the ticket `t`, but for the column that the walk fixes.
pub(super) fn add_filters(sql: &mut SqlText, filter: &TicketFilter, has: &str) {
    let texts = [("topic", &filter.topic), ("lead_unit", &filter.lead_unit), ("district", &filter.district)];
    for (column, value) in texts {
        if let Some(value) = value.as_ref().filter(|_| column != has) {
            sql.compare(&format!("t.{column} ="), value.as_str());
        }
    }
    if let Some(category) = filter.category.filter(|_| has != "category") {
        sql.compare("t.category =", rows::category_number(category));
    }
    if let Some(rung) = rung_filter(filter).filter(|_| has != "rung") {
        sql.compare("t.rung >=", rows::rung_number(rung));
    }
    if has != "queue" {
        add_queues(sql, filter);
    }
    if let Some(source) = &filter.source {
        sql.compare("t.source_reference =", source.reference.as_str());
        sql.compare("t.source_system =", source.system.as_str());
    }
    if let Some(unit) = &filter.assist_unit {
        sql.condition().push("t.number IN (SELECT s.ticket_number FROM ticket_unit AS s WHERE s.unit = ");
        sql.bind(unit.as_str()).push(" AND s.relation = ");
        sql.bind(rows::unit::relation_number(Relation::Assist)).push(")");
    }
    if filter.has_help_open {
        // A few; in the words of the partial index.
        sql.condition()
            .push("t.number IN (SELECT h.ticket_number FROM ticket_unit AS h WHERE h.has_help_open)");
    }
    if let Some(from) = filter.updated_from {
        // The index has the open tickets apart.
        sql.condition().push("t.is_open IN (FALSE, TRUE)");
        sql.compare("t.updated_at >=", from.timestamp_micros());
    }
}

/// Adds the queues that the ticket `t` may be in.
pub(super) fn add_queues(sql: &mut SqlText, filter: &TicketFilter) {
    let queues: [(bool, &[Queue]); 3] = [
        (filter.is_held, &Queue::HELD),
        (filter.is_reopened, &Queue::REOPENED),
        (filter.has_calls_due, &[Queue::CallsDue]),
    ];
    for (_, queues) in queues.into_iter().filter(|(is_asked, _)| *is_asked) {
        let numbers: Vec<_> = queues.iter().map(|queue| queue.number().to_string()).collect();
        // The second condition is in the words of the partial index.
        sql.condition().push(&format!("t.queue IN ({}) AND t.queue > 0", numbers.join(", ")));
    }
}

/// Whether an index of branches holds all that the filter asks for, besides the column that it begins with.
pub(super) fn is_covered(filter: &TicketFilter, has: &str) -> bool {
    let is_other = |column: &str, is_asked: bool| is_asked && column != has;
    !is_other("topic", filter.topic.is_some())
        && !is_other("lead_unit", filter.lead_unit.is_some())
        && !is_other("district", filter.district.is_some())
        && !is_other("category", filter.category.is_some())
        && !is_other("rung", rung_filter(filter).is_some())
}

/// Adds the states, unless all are asked for.
pub(super) fn add_states(sql: &mut SqlText, states: &[State]) {
    if states.len() < State::ALL.len() {
        sql.one_of("t.state", states.iter().map(|state| state.name()));
    }
}
