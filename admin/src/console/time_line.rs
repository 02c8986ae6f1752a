//! One ticket's events against its limits: the picture, and its figures as a table and a file.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use hotline_client::{Ticket, TicketDeadline, TicketEvent};

use super::content::{Figure, cell, linked};
use super::language::Lang;
use super::svg::{WIDTH, escaped, open};
use super::ticket_events;
use super::ticket_rows;
use super::zone;

/// Where the line lies in the picture.
const LINE: f64 = 64.0;
const HEIGHT: f64 = 110.0;
/// The space beside the line.
const SIDE: f64 = 20.0;

/// A mark on a line of time.
#[derive(Debug, Clone)]
struct Mark {
    time: DateTime<Utc>,
    /// `event` and `rung` are points; `limit` and `now` are upright lines.
    class: &'static str,
    name: String,
    /// The place on the page that says more about it; empty for none.
    href: String,
}

impl Mark {
    fn is_point(&self) -> bool {
        matches!(self.class, "event" | "rung")
    }

    fn text(&self) -> String {
        format!("{} {}", zone::minute(self.time), self.name)
    }
}

/// The events, each limit that the ticket had or has, and now if it is open; in the order of their times.
fn marks(ticket: &Ticket, events: &[TicketEvent], deadline: &TicketDeadline, lang: Lang) -> Vec<Mark> {
    let event = |event: &TicketEvent| Mark {
        time: event.event_time,
        class: if event.detail.name().starts_with("Rung") { "rung" } else { "event" },
        name: ticket_events::title(event.detail.name(), lang),
        href: format!("#{}", ticket_events::id_of(event)),
    };
    let mut marks: Vec<_> = events.iter().map(event).collect();
    let mark = |time, class, name: &str, href: &str| Mark {
        time,
        class,
        name: name.to_owned(),
        href: href.to_owned(),
    };
    let due = ticket.cycle.due_time;
    marks.push(mark(due, "limit", lang.t("时限", "limit"), "#limit"));
    let mut former: Vec<_> = deadline.changes.iter().map(|change| change.due_time).collect();
    former.sort_unstable();
    former.dedup();
    for time in former.into_iter().filter(|time| *time != due) {
        marks.push(mark(time, "limit", lang.t("原时限", "former limit"), "#limit"));
    }
    if ticket_rows::is_open(ticket) {
        marks.push(mark(deadline.now, "now", lang.t("现在", "now"), ""));
    }
    marks.sort_by_key(|mark| mark.time);
    marks
}

/// A line of time with points for events and upright lines for limits.
fn picture(title: &str, marks: &[Mark]) -> String {
    let (Some(first), Some(last)) = (marks.first(), marks.last()) else { return String::new() };
    let (first, span) = (first.time.timestamp(), (last.time - first.time).num_seconds().max(1));
    let x = |mark: &Mark| {
        let share = (mark.time.timestamp() - first).saturating_mul(10_000) / span;
        SIDE + (WIDTH - 2.0 * SIDE) * f64::from(i32::try_from(share).unwrap_or_default()) / 10_000.0
    };
    let mut svg = open(title, HEIGHT, "group");
    let _ = write!(
        svg,
        "<line class=\"axis\" x1=\"{SIDE}\" x2=\"{:.1}\" y1=\"{LINE}\" y2=\"{LINE}\"/>",
        WIDTH - SIDE
    );
    for (place, limit) in marks.iter().filter(|mark| !mark.is_point()).enumerate() {
        let (at, label) = (x(limit), escaped(&limit.text()));
        let y = if place % 2 == 0 { 14.0 } else { 104.0 };
        let side = if at > WIDTH / 2.0 { "end" } else { "start" };
        let _ = write!(
            svg,
            "<line class=\"{}\" x1=\"{at:.1}\" x2=\"{at:.1}\" y1=\"20\" y2=\"94\"><title>{label}</title></line>\
             <text class=\"tick {side}\" x=\"{at:.1}\" y=\"{y}\">{label}</text>",
            limit.class
        );
    }
    for point in marks.iter().filter(|mark| mark.is_point()) {
        let (at, label) = (x(point), escaped(&point.text()));
        let _ = write!(
            svg,
            "<a href=\"{}\" aria-label=\"{label}\"><circle class=\"{}\" cx=\"{at:.1}\" cy=\"{LINE}\" r=\"6\">\
             <title>{label}</title></circle></a>",
            escaped(&point.href),
            point.class
        );
    }
    svg + "</svg>"
}

/// The picture with its figures. A row says how long before or after the present limit its time lies.
pub(crate) fn figure(
    ticket: &Ticket,
    events: &[TicketEvent],
    deadline: &TicketDeadline,
    lang: Lang,
) -> Figure {
    let marks = marks(ticket, events, deadline, lang);
    let title = lang.t("工单进程与时限", "Events against the limit");
    let due = ticket.cycle.due_time;
    let rows = marks.iter().map(|mark| {
        let before = due - mark.time;
        let side = if before.num_seconds() < 0 { lang.t("超 ", "late by ") } else { lang.t("剩 ", "in ") };
        let name = if mark.href.is_empty() { cell(&mark.name) } else { linked(&mark.name, &mark.href) };
        let left = format!("{side}{}", zone::span(before, lang.t("天", "d")));
        vec![cell(zone::full(mark.time)), name, cell(left)]
    });
    let legend = [
        ("event", lang.t("事件", "event")),
        ("rung", lang.t("督办升级", "rung")),
        ("limit", lang.t("时限", "limit")),
        ("now", lang.t("现在", "now")),
    ];
    let legend = legend.into_iter().filter(|(class, _)| marks.iter().any(|mark| mark.class == *class));
    let heads = [lang.t("时间", "Time"), lang.t("事项", "What"), lang.t("距时限", "To the limit")];
    Figure {
        key: "timeline".to_owned(),
        title: title.to_owned(),
        svg: picture(title, &marks),
        legend: legend.map(|(class, name)| (class, name.to_owned())).collect(),
        heads: heads.map(str::to_owned).into(),
        rows: rows.collect(),
        csv: format!("/tickets/{}/timeline.csv", ticket.number),
        is_open: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_time_begins_and_ends_inside_of_the_picture() {
        let mark = |second, class, href: &str| Mark {
            time: DateTime::from_timestamp(second, 0).expect("an instant"),
            class,
            name: "<b>".to_owned(),
            href: href.to_owned(),
        };
        let marks =
            [mark(0, "event", "#event-1"), mark(50, "limit", "#limit"), mark(100, "rung", "#event-2")];
        let svg = picture("t", &marks);
        assert!(svg.contains("cx=\"20.0\"") && svg.contains("cx=\"700.0\"") && svg.contains("x1=\"360.0\""));
        assert!(svg.contains("<a href=\"#event-1\"") && svg.contains("<a href=\"#event-2\""), "{svg}");
        assert!(!svg.contains("<b>"), "a text stays a text");
        assert_eq!(picture("t", &[]), "");
    }
}
