//! A ticket as a row of a list.

use chrono::{DateTime, Utc};
use hotline_client::{Rung, Ticket, TicketState};

use super::app::Directory;
use super::language::Lang;
use super::zone;

/// A row of a list.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) number: String,
    pub(crate) etag: String,
    pub(crate) subject: String,
    pub(crate) state: String,
    pub(crate) category: String,
    pub(crate) lead: String,
    pub(crate) topic: String,
    pub(crate) intake: String,
    pub(crate) due: String,
    pub(crate) left: String,
    /// `past`, `soon`, `done` or nothing: how the row is marked.
    pub(crate) mark: &'static str,
    pub(crate) rung: String,
    pub(crate) is_confidential: bool,
}

/// A ticket is due soon from so many hours before its limit.
const SOON_HOURS: i64 = 24;

/// Whether its limit still runs.
pub(crate) fn is_open(ticket: &Ticket) -> bool {
    super::ticket_filter::OPEN.contains(&ticket.state)
}

/// The time left until the limit, in words.
pub(crate) fn left(ticket: &Ticket, now: DateTime<Utc>, lang: Lang) -> String {
    let due = ticket.cycle.due_time;
    let days = lang.t("天", "d");
    if !is_open(ticket) {
        String::new()
    } else if due >= now {
        format!("{}{}", lang.t("剩 ", "in "), zone::span(due - now, days))
    } else {
        format!("{}{}", lang.t("超 ", "late by "), zone::span(now - due, days))
    }
}

/// How a ticket is marked.
pub(crate) fn mark(ticket: &Ticket, now: DateTime<Utc>) -> &'static str {
    let due = ticket.cycle.due_time;
    match ticket.state {
        _ if is_open(ticket) && due < now => "past",
        _ if is_open(ticket) && (due - now).num_hours() < SOON_HOURS => "soon",
        TicketState::Closed | TicketState::Completed => "done",
        _ => "",
    }
}

/// A ticket as a row.
pub(crate) fn row(ticket: &Ticket, now: DateTime<Utc>, lang: Lang, names: &Directory) -> Row {
    let lead = ticket.dispatch.as_ref().map(|dispatch| names.unit(&dispatch.lead_unit, lang));
    let rung = ticket.cycle.rung.filter(|rung| *rung != Rung::None);
    Row {
        number: ticket.number.clone(),
        etag: ticket.etag.clone(),
        subject: ticket.subject.clone(),
        state: ticket.state.label(lang.sdk()).into_owned(),
        category: ticket.category.label(lang.sdk()).into_owned(),
        lead: lead.unwrap_or_default().to_owned(),
        topic: ticket.topic.as_deref().map(|topic| names.topic(topic, lang)).unwrap_or_default().to_owned(),
        intake: zone::minute(ticket.intake_time),
        due: zone::minute(ticket.cycle.due_time),
        left: left(ticket, now, lang),
        mark: mark(ticket, now),
        rung: rung.map(|rung| rung.label(lang.sdk()).into_owned()).unwrap_or_default(),
        is_confidential: ticket.confidential,
    }
}
