//! The sections about all tickets: in and out, by day, and by hour of the week.

use chrono::NaiveDate;
use hotline_client::{AnalysedTickets, TicketCounts};

use super::behind::Behind;
use super::figures::Figures;
use super::page::{Chart, PageCell, PageRow, Section, Shape, column};
use super::period::short;
use super::wording::Wording;
use crate::analysis::rates::Rate;
use crate::analysis::selection::Selection;

/// The tickets that came in in the period.
pub(super) fn of_period(figures: &Figures) -> Behind {
    Behind::new(Selection::days(figures.period.first, figures.period.last))
}

/// The tickets of each group by its first value.
pub(super) fn tickets_of(answer: &AnalysedTickets, value: &str) -> i64 {
    let groups =
        answer.groups.iter().filter(|group| group.values.first().is_some_and(|first| first == value));
    groups.map(|group| group.counts.tickets).sum()
}

/// The flags of other days, which stand in place of those of a row.
pub(super) fn instead(wording: Wording, (first, last): (NaiveDate, NaiveDate)) -> String {
    format!(
        "--from {first} --to {last}{}",
        wording.say("（代替本期日期）", " (in place of the days of the period)")
    )
}

/// A line of the totals: its name, its count, its denominator and its conditions.
struct Measure {
    name: String,
    count: fn(&TicketCounts) -> i64,
    of: Option<fn(&TicketCounts) -> i64>,
    of_name: String,
    conditions: &'static [&'static str],
    is_of_now: bool,
}

fn measure(
    name: String,
    count: fn(&TicketCounts) -> i64,
    of: Option<fn(&TicketCounts) -> i64>,
    of_name: String,
    conditions: &'static [&'static str],
) -> Measure {
    Measure { name, count, of, of_name, conditions, is_of_now: false }
}

fn measures(wording: Wording) -> Vec<Measure> {
    let say = |chinese: &str, english: &str| wording.say(chinese, english);
    let all = || say("收到", "received");
    let completed = || say("已办结", "completed");
    let answers = || say("作答的企业", "companies that answered");
    let late = measure(
        say("其中已超期", "of them late"),
        |one| one.open_late,
        Some(|one| one.open),
        say("在办", "open"),
        &["is_late=yes"],
    );
    vec![
        measure(all(), |one| one.tickets, None, String::new(), &[]),
        measure(completed(), |one| one.completed, Some(|one| one.tickets), all(), &["is_completed=yes"]),
        measure(
            say("按时办结", "completed on time"),
            |one| one.completed_on_time,
            Some(|one| one.completed),
            completed(),
            &["is_on_time=yes"],
        ),
        measure(
            say("热线直接答复", "answered by the hotline"),
            |one| one.answered_by_hotline,
            Some(|one| one.completed),
            completed(),
            &["is_completed=yes", "answered_by_hotline=yes"],
        ),
        measure(say("在办", "open"), |one| one.open, Some(|one| one.tickets), all(), &["is_open=yes"]),
        Measure { is_of_now: true, ..late },
        measure(
            say("已联系", "contacted"),
            |one| one.responded_yes,
            Some(|one| one.responded_answers),
            answers(),
            &["responded=yes"],
        ),
        measure(
            say("已解决", "resolved"),
            |one| one.resolved_yes,
            Some(|one| one.resolved_answers),
            answers(),
            &["resolved=yes"],
        ),
        measure(
            say("满意或基本满意", "satisfied"),
            |one| one.satisfied_yes,
            Some(|one| one.satisfied_answers),
            answers(),
            &["satisfied=satisfied,basically"],
        ),
    ]
}

pub(super) fn totals(figures: &Figures, wording: Wording) -> Section {
    let period = &figures.period;
    let now = &figures.total.total;
    let columns = vec![
        column(wording.say("指标", "Measure"), Shape::Text),
        column(wording.say("本期", "Period"), Shape::Count),
        column(wording.say("本期率", "Rate"), Shape::Rate),
        column(wording.say("分母", "Denominator"), Shape::Text),
        column(wording.say("之前同样天数", "As many days before"), Shape::Count)
            .adds(instead(wording, period.before())),
        column(wording.say("去年同期", "Year before"), Shape::Count)
            .adds(instead(wording, period.year_before())),
        column(wording.say("去年同期率", "Rate of the year before"), Shape::Rate),
    ];
    let rows = measures(wording).into_iter().map(|one| {
        let rate = |counts: &TicketCounts| match one.of {
            Some(of) => PageCell::Rate(Rate::new((one.count)(counts), of(counts))),
            None => PageCell::Empty,
        };
        let mut behind = of_period(figures);
        behind.conditions.extend(one.conditions.iter().map(|condition| (*condition).to_owned()));
        if one.is_of_now {
            behind = behind.with_time(figures.made_time);
        }
        let cells = vec![
            PageCell::Text(one.name.clone()),
            PageCell::Count((one.count)(now)),
            rate(now),
            PageCell::Text(one.of_name.clone()),
            PageCell::Count((one.count)(&figures.before)),
            PageCell::Count((one.count)(&figures.year_before)),
            rate(&figures.year_before),
        ];
        PageRow { cells, command: behind.to_string() }
    });
    Section {
        key: "totals",
        heading: wording.say("收到与办结", "In and out"),
        paragraphs: Vec::new(),
        chart: None,
        rows: rows.collect(),
        columns,
    }
}

pub(super) fn days(figures: &Figures, wording: Wording) -> Section {
    let days: Vec<_> =
        figures.period.first.iter_days().take_while(|day| *day <= figures.period.last).collect();
    let count = |day: &NaiveDate| tickets_of(&figures.days, &day.to_string());
    let rows = days.iter().map(|day| PageRow {
        cells: vec![PageCell::Text(day.to_string()), PageCell::Count(count(day))],
        command: Behind::new(Selection::days(*day, *day)).to_string(),
    });
    Section {
        key: "days",
        heading: wording.say("每日收到", "By day"),
        paragraphs: Vec::new(),
        chart: Some(Chart::Columns(days.iter().map(|day| (short(*day), count(day))).collect())),
        columns: vec![
            column(wording.say("日期", "Day"), Shape::Text),
            column(wording.say("收到", "Received"), Shape::Count),
        ],
        rows: rows.collect(),
    }
}

pub(super) fn hours(figures: &Figures, wording: Wording) -> Section {
    let count = |day: usize, hour: usize| tickets_of(&figures.hours, &format!("{}-{hour:02}", day + 1));
    let mut columns = vec![
        column(wording.say("时段", "Hour"), Shape::Text),
        column(wording.say("合计", "All"), Shape::Count),
    ];
    columns.extend((0..7).map(|day| {
        let flags = format!("--where hour_of_week={}-HH", day + 1);
        let flags = flags + &wording.say("（HH 为该行时段）", " (HH is the hour of the row)");
        column(wording.weekday(day), Shape::Count).adds(flags)
    }));
    let rows = (0..24).map(|hour| {
        let counts: Vec<_> = (0..7).map(|day| count(day, hour)).collect();
        let mut cells = vec![PageCell::Text(format!("{hour:02}")), PageCell::Count(counts.iter().sum())];
        cells.extend(counts.into_iter().map(PageCell::Count));
        let values: Vec<_> = (1..=7).map(|day| format!("{day}-{hour:02}")).collect();
        let behind = of_period(figures).only(format!("hour_of_week={}", values.join(",")));
        PageRow { cells, command: behind.to_string() }
    });
    Section {
        key: "hours",
        heading: wording.say("一周内的时段", "Hours of the week"),
        paragraphs: vec![wording.say(
            "时段 09 为 9 时至 10 时。颜色越深，收到越多。",
            "Hour 09 is from 9 to 10 o'clock. The darker, the more came in.",
        )],
        chart: Some(Chart::Heat {
            rows: (0..7).map(|day| wording.weekday(day)).collect(),
            columns: (0..24).map(|hour| format!("{hour:02}")).collect(),
            values: (0..7).map(|day| (0..24).map(|hour| count(day, hour)).collect()).collect(),
        }),
        columns,
        rows: rows.collect(),
    }
}
