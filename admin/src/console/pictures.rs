//! Pictures of the work: each with its figures as a table and as a file, each bar a link to its list.
//!
//! Those who may ask the analysis get its counts, which have no bound but 800 days. For other readers, the tickets that
//! they may see are read and counted here, up to a bound that the page names.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use askama::Template;
use axum::extract::Path;
use chrono::{Days, NaiveDate};
use hotline_client::{Error, ListTickets, Rung, Ticket, TicketState};

use super::analysis_pictures;
use super::content::{Figure, cell, linked};
use super::page::{Page, READERS, show};
use super::svg::{self, Bar, Part};
use super::ticket_filter::OPEN;
use super::ticket_list::csv_answer;
use super::ticket_rows::is_open;
use super::visit::{Answer, Visit};
use super::zone;

/// The most tickets that are read for the pictures.
const TICKETS_MAX: usize = 10_000;
const READ_AT_ONCE: u32 = 200;
/// The days that are shown.
pub(crate) const DAYS: u64 = 28;
/// The most topics that are shown.
const TOPICS_MAX: usize = 12;
/// Ages of open tickets in days: the text, the first day, and the day after the last one.
pub(crate) const AGES: [(&str, i64, i64); 5] =
    [("<1", 0, 1), ("1–2", 1, 3), ("3–6", 3, 7), ("7–14", 7, 15), ("15+", 15, i64::MAX)];
/// The classes of colours.
const CLASSES: [&str; 5] = ["c1", "c2", "c3", "c4", "c5"];

#[derive(Debug, Template)]
#[template(path = "pictures.html")]
struct PicturesPage {
    page: Page,
    pictures: Vec<Figure>,
    /// The tickets that were read.
    count: Option<usize>,
    is_bounded: bool,
}

/// The tickets that changed in the days shown, and all open ones.
async fn read(visit: &Visit) -> Result<Vec<Ticket>, Error> {
    let start = zone::day(visit.now).checked_sub_days(Days::new(DAYS)).and_then(zone::start_of);
    let changed = ListTickets::default().update_start_time(start).page_size(READ_AT_ONCE);
    let open = ListTickets::default().states(OPEN).page_size(READ_AT_ONCE);
    let tickets = visit.client.tickets();
    let changed = tickets.list_tickets(changed).take_up_to(TICKETS_MAX);
    let open = tickets.list_tickets(open).take_up_to(TICKETS_MAX);
    let (changed, open) = tokio::try_join!(changed, open)?;
    let all: BTreeMap<_, _> =
        changed.into_iter().chain(open).map(|ticket| (ticket.number.clone(), ticket)).collect();
    Ok(all.into_values().collect())
}

/// The day on which a ticket went out.
fn out_day(ticket: &Ticket) -> Option<NaiveDate> {
    let closed = ticket.closing.as_ref().map(|closing| closing.close_time);
    let answered = ticket.answer.as_ref().and_then(|answer| answer.answer_time);
    let declined = ticket.decline.as_ref().and_then(|decline| decline.decline_time);
    let gone =
        matches!(ticket.state, TicketState::Withdrawn | TicketState::Merged).then_some(ticket.update_time);
    let out = ticket.cycle.complete_time.or(answered).or(declined).or(gone).or(closed);
    out.filter(|_| !is_open(ticket)).map(zone::day)
}

/// A part of a bar.
pub(crate) fn part(class: &'static str, name: &str, value: usize, href: String) -> Part {
    Part { class, name: name.to_owned(), value, href }
}

/// A picture with its figures, whose cells lead to the lists of its bars.
pub(crate) fn picture(key: &str, title: &str, svg: String, bars: &[Bar], first: &str) -> Figure {
    let names = bars.first().map(|bar| bar.parts.iter()).into_iter().flatten();
    let legend: Vec<_> = names.map(|part| (part.class, part.name.clone())).collect();
    let heads = [first.to_owned()].into_iter().chain(legend.iter().map(|(_, name)| name.clone())).collect();
    let rows = bars.iter().map(|bar| {
        let values = bar.parts.iter().map(|part| linked(part.value.to_string(), &part.href));
        [cell(&bar.label)].into_iter().chain(values).collect()
    });
    Figure {
        key: key.to_owned(),
        title: title.to_owned(),
        svg,
        heads,
        rows: rows.collect(),
        legend,
        csv: format!("/pictures/{key}.csv"),
        is_open: false,
    }
}

/// Tickets taken in and out on each day. `count` answers both for a day.
pub(crate) fn in_and_out(visit: &Visit, count: impl Fn(NaiveDate) -> [usize; 2]) -> Figure {
    let l = visit.lang;
    let today = zone::day(visit.now);
    let days = (0..DAYS).rev().filter_map(|back| today.checked_sub_days(Days::new(back)));
    let bars: Vec<_> = days
        .map(|day| {
            let [taken, gone] = count(day);
            let list = format!("/tickets?from={day}&until={day}");
            let label = day.format("%m-%d").to_string();
            let out_list = format!("/tickets?state=COMPLETED&state=CLOSED&state=ANSWERED&until={day}");
            let parts = vec![
                part("c1", l.t("受理", "in"), taken, list),
                part("c2", l.t("办结", "out"), gone, out_list),
            ];
            Bar { label, parts }
        })
        .collect();
    let title = l.t("每日受理与办结", "In and out per day");
    picture("in-and-out", title, svg::bars(title, &bars, false), &bars, l.t("日期", "day"))
}

/// Open tickets by state and age. `count` answers for a state and a place in [`AGES`].
pub(crate) fn by_age(visit: &Visit, count: impl Fn(TicketState, usize) -> usize) -> Figure {
    let l = visit.lang;
    let today = zone::day(visit.now);
    let back = |days: i64| {
        let days = u64::try_from(days).ok().filter(|days| *days < 100_000);
        days.and_then(|days| today.checked_sub_days(Days::new(days)))
    };
    let bars: Vec<_> = OPEN
        .iter()
        .map(|state| {
            let parts = AGES.iter().zip(CLASSES).enumerate().map(|(place, ((name, from, to), class))| {
                let until = back(*from).map(|day| format!("&until={day}")).unwrap_or_default();
                let from = back(*to).map(|day| format!("&from={day}")).unwrap_or_default();
                let name = format!("{name} {}", l.t("天", "days"));
                part(class, &name, count(*state, place), format!("/tickets?state={state}{from}{until}"))
            });
            Bar { label: state.label(l.sdk()).into_owned(), parts: parts.collect() }
        })
        .collect();
    let title = l.t("未办结工单：状态与已历天数", "Open tickets by state and age");
    picture("by-age", title, svg::bars(title, &bars, true), &bars, l.t("状态", "state"))
}

/// Open tickets by the days to their limits. `count` answers for a number of days; the first and the last one stand for
/// all that lies further away.
pub(crate) fn days_left(visit: &Visit, count: impl Fn(RangeInclusive<i64>) -> usize) -> Figure {
    let l = visit.lang;
    let today = zone::day(visit.now);
    let (first, last) = (-10, 15);
    let bars: Vec<_> = (first..=last)
        .map(|days: i64| {
            let from = if days == first { i64::MIN } else { days };
            let count = count(from..=if days == last { i64::MAX } else { days });
            let offset = Days::new(days.unsigned_abs());
            let day = if days < 0 { today.checked_sub_days(offset) } else { today.checked_add_days(offset) };
            let day = day.map(|day| day.to_string()).unwrap_or_default();
            let class = if days < 0 { "late" } else { "c1" };
            let href = format!("/tickets?open=1&due={day}&order=DUE_FIRST");
            Bar { label: days.to_string(), parts: vec![part(class, l.t("工单", "tickets"), count, href)] }
        })
        .collect();
    let title = l.t("距时限天数（负数为超期）", "Days to the limit; negative is past it");
    picture("days-left", title, svg::bars(title, &bars, true), &bars, l.t("天数", "days"))
}

/// Open tickets by rung.
pub(crate) fn rungs(visit: &Visit, count: impl Fn(Rung) -> usize) -> Figure {
    let l = visit.lang;
    let rungs = [Rung::Reminded, Rung::Urged, Rung::Supervised, Rung::Manual];
    let bars: Vec<_> = rungs
        .iter()
        .map(|rung| {
            let href = format!("/tickets?open=1&rung={rung}&order=DUE_FIRST");
            let parts = vec![part("c3", l.t("未办结工单", "open tickets"), count(*rung), href)];
            Bar { label: rung.label(l.sdk()).into_owned(), parts }
        })
        .collect();
    let title = l.t("当前督办级别", "Rungs of open tickets");
    picture("rungs", title, svg::rows(title, &bars), &bars, l.t("级别", "rung"))
}

fn growth(visit: &Visit, tickets: &[Ticket]) -> Figure {
    let l = visit.lang;
    let today = zone::day(visit.now);
    let middle = today.checked_sub_days(Days::new(DAYS / 2)).unwrap_or(today);
    let start = today.checked_sub_days(Days::new(DAYS)).unwrap_or(today);
    let mut topics: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for ticket in tickets {
        let (Some(topic), day) = (ticket.topic.as_deref(), zone::day(ticket.intake_time)) else { continue };
        let counts = topics.entry(topic).or_default();
        if day > middle {
            counts.1 += 1;
        } else if day > start {
            counts.0 += 1;
        }
    }
    let mut topics: Vec<_> = topics.into_iter().filter(|(_, (before, now))| before + now > 0).collect();
    topics.sort_by_key(|(topic, (before, now))| (before.cast_signed() - now.cast_signed(), *topic));
    let bars: Vec<_> = topics
        .into_iter()
        .take(TOPICS_MAX)
        .map(|(topic, (before, now))| Bar {
            label: visit.names.topic(topic, l).to_owned(),
            parts: vec![
                part(
                    "c5",
                    l.t("前 14 天", "14 days before"),
                    before,
                    format!("/tickets?topic={topic}&until={middle}"),
                ),
                part(
                    "c1",
                    l.t("近 14 天", "last 14 days"),
                    now,
                    format!("/tickets?topic={topic}&from={middle}"),
                ),
            ],
        })
        .collect();
    let title = l.t("事项增长", "Topics by growth");
    picture("growth", title, svg::rows(title, &bars), &bars, l.t("事项", "topic"))
}

/// The pictures of tickets that were read.
fn of_tickets(visit: &Visit, tickets: &[Ticket]) -> Vec<Figure> {
    let open = || tickets.iter().filter(|ticket| is_open(ticket));
    let today = zone::day(visit.now);
    let age = |ticket: &Ticket| (visit.now - ticket.intake_time).num_days().max(0);
    let left = |ticket: &Ticket| (zone::day(ticket.cycle.due_time) - today).num_days();
    vec![
        in_and_out(visit, |day| {
            let taken = tickets.iter().filter(|ticket| zone::day(ticket.intake_time) == day).count();
            [taken, tickets.iter().filter(|ticket| out_day(ticket) == Some(day)).count()]
        }),
        by_age(visit, |state, place| {
            let (_, from, to) = AGES[place];
            let found = tickets.iter().filter(|ticket| ticket.state == state);
            found.filter(|ticket| (from..to).contains(&age(ticket))).count()
        }),
        days_left(visit, |days| open().filter(|ticket| days.contains(&left(ticket))).count()),
        rungs(visit, |rung| open().filter(|ticket| ticket.cycle.rung == Some(rung)).count()),
        growth(visit, tickets),
    ]
}

/// The pictures for the visitor, and how many tickets were read for them; none for those who may ask the analysis.
async fn shown(visit: &Visit) -> Result<(Vec<Figure>, Option<usize>), Error> {
    if let Some(counted) = Box::pin(analysis_pictures::read(visit)).await? {
        return Ok((counted, None));
    }
    let tickets = read(visit).await?;
    Ok((of_tickets(visit, &tickets), Some(tickets.len())))
}

/// `GET /pictures`.
pub(crate) async fn get(visit: Visit) -> Answer {
    if !visit.session.has_any(&READERS) {
        return Err(visit.not_found());
    }
    let (pictures, count) = shown(&visit).await.map_err(|error| visit.refuse(&error))?;
    let page = visit.page(visit.lang.t("图表", "Charts"));
    let is_bounded = count.is_some_and(|count| count >= TICKETS_MAX);
    Ok(show(&PicturesPage { page, pictures, count, is_bounded }))
}

/// `GET /pictures/{key}`: the figures of a picture as a file.
pub(crate) async fn csv(visit: Visit, Path(key): Path<String>) -> Answer {
    let key = key.trim_end_matches(".csv");
    let (pictures, _) = shown(&visit).await.map_err(|error| visit.refuse(&error))?;
    let Some(picture) = pictures.into_iter().find(|picture| picture.key == key) else {
        return Err(visit.not_found());
    };
    Ok(csv_answer(&format!("{key}.csv"), &picture.lines()))
}
