//! A ticket as a record of the export. Every dimension of the analysis and every count of it is a column, so that a
//! count by hand is a filter on one column.

use chrono::{DateTime, Datelike as _, TimeDelta, Timelike as _, Utc};
use chrono_tz::Asia::Shanghai;
use hotline_client::{TicketRecord, TicketState};

use super::column::{Cell, ExportColumn, Kind, Row};

/// The columns. Their names and their order never change; new ones come at the end.
pub(super) const COLUMNS: &[ExportColumn] = &[
    ("number", Kind::Text),
    ("received_time", Kind::Time),
    ("day", Kind::Text),
    ("week", Kind::Text),
    ("month", Kind::Text),
    ("hour_of_week", Kind::Text),
    ("category", Kind::Text),
    ("channel", Kind::Text),
    ("topic_branch", Kind::Text),
    ("topic", Kind::Text),
    ("district", Kind::Text),
    ("industry", Kind::Text),
    ("unit", Kind::Text),
    ("state", Kind::Text),
    ("is_open", Kind::Boolean),
    ("age", Kind::Text),
    ("due_time", Kind::Time),
    ("is_late", Kind::Boolean),
    ("completed_time", Kind::Time),
    ("is_completed", Kind::Boolean),
    ("is_on_time", Kind::Boolean),
    ("answered_by_hotline", Kind::Boolean),
    ("carried_over", Kind::Boolean),
    ("returns", Kind::Integer),
    ("dispatches", Kind::Integer),
    ("cycles", Kind::Integer),
    ("rung", Kind::Text),
    ("responded", Kind::Text),
    ("resolved", Kind::Text),
    ("satisfied", Kind::Text),
];

/// The classes of age in days, the oldest first.
const AGES: [(i64, &str); 7] =
    [(60, "60+"), (30, "30-60"), (15, "15-30"), (7, "7-15"), (3, "3-7"), (1, "1-3"), (0, "0-1")];

/// Whether a company still waits for an answer.
const fn is_open(state: TicketState) -> bool {
    matches!(
        state,
        TicketState::Received
            | TicketState::Planning
            | TicketState::Dispatched
            | TicketState::Handling
            | TicketState::Returned
    )
}

/// The class of age of a ticket that is open.
fn age(received: DateTime<Utc>, at: DateTime<Utc>) -> &'static str {
    let age = at - received;
    AGES.iter().find(|(days, _)| age >= TimeDelta::days(*days)).map_or("0-1", |(_, class)| class)
}

/// A ticket as it is at an instant.
pub(super) fn row(record: &TicketRecord, at: DateTime<Utc>) -> Row {
    let local = record.received_time.with_timezone(&Shanghai);
    let week = local.iso_week();
    let is_open = is_open(record.state);
    let completed = record.completed_time;
    let text = |value: &Option<String>| Cell::of(value.clone(), Cell::Text);
    let branch = record.topic.as_ref().and_then(|topic| topic.split('.').next()).map(str::to_owned);
    vec![
        Cell::text(&record.number),
        Cell::time(record.received_time),
        Cell::text(local.format("%Y-%m-%d")),
        Cell::Text(format!("{:04}-W{:02}", week.year(), week.week())),
        Cell::text(local.format("%Y-%m")),
        Cell::Text(format!("{}-{:02}", local.weekday().number_from_monday(), local.hour())),
        Cell::text(record.category),
        Cell::text(record.channel),
        text(&branch),
        text(&record.topic),
        text(&record.district),
        text(&record.industry),
        text(&record.unit),
        Cell::text(record.state),
        Cell::Boolean(is_open),
        if is_open { Cell::text(age(record.received_time, at)) } else { Cell::Absent },
        Cell::time(record.due_time),
        Cell::Boolean(is_open && record.due_time < at),
        Cell::of(completed, Cell::time),
        Cell::Boolean(completed.is_some()),
        Cell::Boolean(completed.is_some_and(|completed| completed <= record.due_time)),
        Cell::Boolean(record.answered_by_hotline),
        Cell::Boolean(record.carried_over),
        Cell::Integer(record.returns.into()),
        Cell::Integer(record.dispatches.into()),
        Cell::Integer(record.cycles.into()),
        Cell::text(record.rung),
        Cell::of(record.responded, Cell::text),
        Cell::of(record.resolved, Cell::text),
        Cell::of(record.satisfied, Cell::text),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_in_the_class_that_the_server_counts_it_in() {
        let at = DateTime::from_timestamp(1_600_000_000, 0).expect("an instant");
        for (hours, class) in [
            (0, "0-1"),
            (23, "0-1"),
            (24, "1-3"),
            (71, "1-3"),
            (72, "3-7"),
            (24 * 59, "30-60"),
            (24 * 60, "60+"),
        ] {
            assert_eq!(age(at - TimeDelta::hours(hours), at), class, "{hours} h");
        }
    }
}
