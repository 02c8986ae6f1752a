//! Which lists are looked at, and how many rows each may pass over.

use chrono::DateTime;
use hotline_server::access::Scope;
use hotline_server::identity::LookUp;
use hotline_server::ledger::list::{Columns, Cursor, ListQuery, Order, TicketFilter};
use hotline_server::ticket::{Category, Instant, Rung, State};

use super::fill::{BEGIN, OPEN, PER_DAY};
use crate::store::fixture::unit;
use crate::support::bulk_tickets::DAY;

/// Rows that a page reads, one more than it shows.
pub(super) const PAGE: u64 = 51;
/// Rows that a list may pass over beside its page: one of each branch, and the rows that are read again by number.
const FEW: u64 = 8 * PAGE;
/// Days of the longest range of intake that is sorted, with the day before it.
const DAYS_SORTED: u64 = 8;
/// Days between an intake and the latest limit.
const DAYS_TO_LIMIT: u64 = 12;

/// A list to look at.
#[derive(Debug)]
pub(super) struct Case {
    pub(super) name: String,
    pub(super) scope: Scope,
    pub(super) query: ListQuery,
    /// Rows that all scans of the plan together may read.
    pub(super) rows_max: u64,
    /// Rows that one step may sort.
    pub(super) sorted_max: u64,
}

fn day(day: i64) -> Option<Instant> {
    DateTime::from_timestamp_micros(BEGIN + day * DAY)
}

fn text(text: &str) -> String {
    text.to_owned()
}

/// Filters by one attribute that has an index, often and rare values of it.
fn attributes() -> Vec<(&'static str, TicketFilter)> {
    let all = TicketFilter::default;
    vec![
        ("category", TicketFilter { category: Some(Category::Appeal), ..all() }),
        ("rare category", TicketFilter { category: Some(Category::ComplaintReport), ..all() }),
        ("topic", TicketFilter { topic: Some(text("topic-7")), ..all() }),
        ("rare topic", TicketFilter { topic: Some(text("rare")), ..all() }),
        ("district", TicketFilter { district: Some(text("110105")), ..all() }),
        ("rare district", TicketFilter { district: Some(text("110119")), ..all() }),
        ("lead unit", TicketFilter { lead_unit: Some(text("unit-8")), ..all() }),
        ("reminded", TicketFilter { rung_at_least: Some(Rung::Reminded), ..all() }),
        ("manual", TicketFilter { rung_at_least: Some(Rung::Manual), ..all() }),
    ]
}

/// Filters by state.
fn states() -> Vec<(&'static str, Vec<State>)> {
    vec![
        ("handling", vec![State::Handling]),
        ("returned", vec![State::Returned]),
        ("closed", vec![State::Closed]),
        ("withdrawn", vec![State::Withdrawn]),
        ("open", State::OPEN.to_vec()),
        ("open and closed", vec![State::Received, State::Closed]),
    ]
}

/// Each list of staff or of a unit: filter, and the rows that its walk passes over because of what its index does not
/// hold.
fn filters(caller: &LookUp) -> Vec<(String, TicketFilter, u64)> {
    let all = TicketFilter::default;
    let due = |filter: TicketFilter| TicketFilter { open_and_due_before: day(4_000), ..filter };
    let overdue = |filter: TicketFilter| TicketFilter { open_and_due_before: day(39), ..filter };
    let days =
        |filter, from, before| TicketFilter { intake_from: day(from), intake_before: day(before), ..filter };
    let (open, of_a_day) = (u64::from(OPEN), u64::from(PER_DAY));
    let lead = TicketFilter { lead_unit: Some(text("unit-8")), ..all() };
    let mut filters = vec![
        ("nothing".to_owned(), all(), 0),
        ("held".to_owned(), TicketFilter { is_held: true, ..all() }, 0),
        ("reopened".to_owned(), TicketFilter { is_reopened: true, ..all() }, 0),
        ("reopened, unit".to_owned(), TicketFilter { is_reopened: true, ..lead.clone() }, 0),
        ("calls due".to_owned(), TicketFilter { has_calls_due: true, ..all() }, 0),
        ("caller".to_owned(), TicketFilter { caller: caller.clone(), ..all() }, 0),
        ("due".to_owned(), due(all()), 0),
        ("overdue".to_owned(), overdue(all()), open),
        ("a day".to_owned(), days(all(), 20, 21), of_a_day),
        ("a week".to_owned(), days(all(), 10, 17), of_a_day),
        ("since a day".to_owned(), TicketFilter { intake_from: day(30), ..all() }, of_a_day),
        ("until a day".to_owned(), TicketFilter { intake_before: day(30), ..all() }, of_a_day),
    ];
    for (state, states) in states() {
        let of = TicketFilter { states: states.clone(), ..all() };
        filters.push((format!("{state}, a day"), days(of.clone(), 20, 21), of_a_day));
        filters.push((format!("{state}, caller"), TicketFilter { caller: caller.clone(), ..of.clone() }, 0));
        filters.push((state.to_owned(), of, 0));
        for (name, filter) in attributes() {
            filters.push((format!("{name}, {state}"), TicketFilter { states: states.clone(), ..filter }, 0));
        }
    }
    for (name, filter) in attributes() {
        filters.push((format!("{name}, due"), due(filter.clone()), 0));
        filters.push((format!("{name}, overdue"), overdue(filter.clone()), open));
        filters.push((format!("{name}, a day"), days(filter.clone(), 20, 21), of_a_day));
        filters.push((name.to_owned(), filter, 0));
    }
    filters
}

/// Tickets of a unit for each ticket that there is: one of 300 as lead, and some as assisting unit.
const OWN_OF: u64 = 200;
/// Scans that read a ticket of a unit: its row of the unit, the ticket, and what the policies probe for each.
const SCANS_OF_UNIT: u64 = 8;

/// A list of staff, which passes over so many rows because of what its index does not hold; a unit has `own` tickets.
fn of_staff(name: &str, query: ListQuery, passed: u64, own: u64) -> Case {
    let filter = &query.filter;
    let is_by_limit = query.order == Order::DueFirst;
    let has_intake = filter.intake_from.is_some() || filter.intake_before.is_some();
    // Limits lie behind the intake, so the order by limit passes over what was taken in before.
    let passed = if is_by_limit && has_intake { DAYS_TO_LIMIT * u64::from(PER_DAY) } else { passed };
    // The lead unit's tickets by limit are found by the unit, which passes over its own.
    let of_lead = if is_by_limit && filter.lead_unit.is_some() { SCANS_OF_UNIT * own } else { 0 };
    let is_closed = filter.states.is_empty() || filter.states.iter().any(|state| !state.is_open());
    let sorts_intake = is_by_limit && filter.intake_before.is_some() && is_closed;
    Case {
        name: format!("staff: {name}"),
        scope: Scope::All,
        query,
        rows_max: passed + of_lead + FEW,
        sorted_max: if sorts_intake { DAYS_SORTED * u64::from(PER_DAY) } else { PAGE },
    }
}

/// A list of a unit that has `own` tickets: it passes over them alone, whatever the filter.
fn of_unit(name: &str, query: ListQuery, own: u64) -> Case {
    let (name, scope) = (format!("unit: {name}"), Scope::Unit(unit("unit-7")));
    Case { name, scope, query, rows_max: FEW + SCANS_OF_UNIT * own, sorted_max: PAGE }
}

/// A list of a unit that has a fifth of all tickets: each scan reads a page.
fn of_large_unit(name: &str, query: ListQuery) -> Case {
    let (name, scope) = (format!("large unit: {name}"), Scope::Unit(unit("informed")));
    Case { name, scope, query, rows_max: FEW + PAGE / 2, sorted_max: PAGE }
}

/// The pages of what a unit took in, and before which number each begins.
pub(super) fn own_intakes() -> [(Case, Option<i64>); 2] {
    [None, Some(2_001_260_000_000)].map(|before| {
        let (filter, columns) = (TicketFilter::default(), Columns::WithoutContent);
        let query = ListQuery { filter, order: Order::NewestFirst, columns, after: None, limit: PAGE };
        let (name, scope) = (format!("own intakes before {before:?}"), Scope::Unit(unit("unit-2")));
        (Case { name, scope, query, rows_max: FEW, sorted_max: PAGE }, before)
    })
}

/// A page of the tickets with a provisional limit, behind a ticket number.
pub(super) fn provisional(after: i64) -> Case {
    let (filter, columns) = (TicketFilter::default(), Columns::WithoutContent);
    let query = ListQuery { filter, order: Order::NewestFirst, columns, after: None, limit: PAGE };
    let name = format!("provisional limits behind {after}");
    Case { name, scope: Scope::All, query, rows_max: PAGE, sorted_max: 0 }
}

/// The lists of open tickets that have not changed since an instant. With another filter, PostgreSQL may read all of
/// them and sort those that fit: they are open.
fn silent(tickets: u32) -> Vec<Case> {
    let last = Cursor { instant: BEGIN + (i64::from((tickets - OPEN / 2) / PER_DAY)) * DAY, number: 0 };
    let all = || TicketFilter { open_and_updated_before: day(4_000), ..TicketFilter::default() };
    let open = u64::from(OPEN);
    let filters = [
        ("silent", all(), 0),
        ("silent, handling", TicketFilter { states: vec![State::Handling], ..all() }, open),
        ("silent, rare topic", TicketFilter { topic: Some(text("rare")), ..all() }, open),
        ("silent, unit", TicketFilter { lead_unit: Some(text("unit-8")), ..all() }, open),
    ];
    let mut cases = Vec::new();
    for (name, filter, passed) in filters {
        for after in [None, Some(last)] {
            let (order, columns) = (Order::SilentFirst, Columns::WithoutContent);
            let query = ListQuery { filter: filter.clone(), order, columns, after, limit: PAGE };
            let place = if after.is_some() { ", later page" } else { "" };
            // An entry of the index and a row for each.
            let (name, rows_max) = (format!("staff: {name}{place}"), 2 * passed + FEW);
            cases.push(Case { name, scope: Scope::All, query, rows_max, sorted_max: PAGE + passed });
        }
    }
    cases
}

/// Every case.
pub(super) fn all(caller: &LookUp, tickets: u32) -> Vec<Case> {
    let own = u64::from(tickets) / OWN_OF;
    let middle = Cursor { instant: BEGIN + 25 * DAY, number: 2_001_260_000_000 };
    let mut cases = Vec::new();
    for (filter_name, filter, passed) in filters(caller) {
        for order in [Order::NewestFirst, Order::DueFirst] {
            for after in [None, Some(middle)] {
                let columns = Columns::WithoutContent;
                let query = ListQuery { filter: filter.clone(), order, columns, after, limit: PAGE };
                let place = if after.is_some() { ", later page" } else { "" };
                let name = format!("{filter_name}, {order:?}{place}");
                if filter.caller.is_empty() {
                    cases.push(of_unit(&name, query.clone(), own));
                }
                if ["nothing", "due"].contains(&filter_name.as_str()) {
                    cases.push(of_large_unit(&name, query.clone()));
                }
                cases.push(of_staff(&name, query, passed, own));
            }
        }
    }
    cases.extend(silent(tickets));
    cases
}
