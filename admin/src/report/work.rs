//! The sections about the handling: open work, the flow, supervision, and the units.

use std::collections::BTreeSet;

use hotline_client::{Rung, TicketCounts};

use super::behind::Behind;
use super::figures::Figures;
use super::gathering::open_days;
use super::page::{Chart, PageCell, PageColumn, PageRow, Section, Shape, column};
use super::period::days_of_week;
use super::totals::{of_period, tickets_of};
use super::wording::{Grouping, Wording, rung};
use crate::analysis::rates::{Rate, Share};
use crate::analysis::selection::Selection;
use crate::flags::flag_name;

/// The classes of age, as the server counts them.
const AGES: [&str; 7] = ["0-1", "1-3", "3-7", "7-15", "15-30", "30-60", "60+"];

pub(super) fn ages(figures: &Figures, wording: Wording) -> Section {
    let all = figures.ages.total.open;
    let (first, last) = open_days(figures.made_time);
    let open = || Behind::new(Selection { open_only: true, ..Selection::days(first, last) });
    let group = |age: &str| {
        figures.ages.groups.iter().find(|group| group.values.first().is_some_and(|one| one == age))
    };
    let rows = AGES.iter().map(|age| {
        let counts = group(age).map(|group| &group.counts);
        let count = |of: fn(&TicketCounts) -> i64| counts.map_or(0, of);
        let cells = vec![
            PageCell::Text((*age).to_owned()),
            PageCell::Count(count(|one| one.open)),
            PageCell::Share(Share::new(count(|one| one.open), all)),
            PageCell::Count(count(|one| one.open_late)),
        ];
        PageRow { cells, command: open().value("age", age).with_time(figures.made_time).to_string() }
    });
    let bars = AGES.iter().map(|age| ((*age).to_owned(), tickets_of(&figures.ages, age)));
    Section {
        key: "ages",
        heading: wording.say("在办工单的时长", "Open work by age"),
        paragraphs: vec![wording.say(
            &format!("制表时全部在办工单，{}受理。时长按天计。", wording.days((first, last))),
            &format!(
                "All work that is open when this page was made, taken in from {}. Ages are in days.",
                wording.days((first, last))
            ),
        )],
        chart: Some(Chart::Bars(bars.collect())),
        columns: vec![
            column(wording.say("天数", "Days"), Shape::Text),
            column(wording.say("在办", "Open"), Shape::Count),
            column(wording.count("占在办的 {} 件", "Share of the {} open", all), Shape::Share),
            column(wording.say("其中已超期", "Of them late"), Shape::Count).adds("--where is_late=yes"),
        ],
        rows: rows.collect(),
    }
}

pub(super) fn flow(figures: &Figures, wording: Wording) -> Section {
    let counts = &figures.total.total;
    let all = counts.tickets;
    let steps: [(&str, &str, i64, &[&str]); 6] = [
        ("收到", "Received", all, &[]),
        ("承办单位退回过", "Returned by a unit", counts.returned, &["returns=1+"]),
        ("再次派单", "Dispatched more than once", counts.redispatched, &["dispatches=2+"]),
        ("延期至承诺日", "Carried over", counts.carried_over, &["carried_over=yes"]),
        ("重新办理", "Handled again", counts.reworked, &["cycles=2+"]),
        ("已办结", "Completed", counts.completed, &["is_completed=yes"]),
    ];
    let rows = steps.iter().map(|(chinese, english, count, conditions)| {
        let behind = conditions.iter().fold(of_period(figures), |behind, one| behind.only(*one));
        let cells = vec![
            PageCell::Text(wording.say(chinese, english)),
            PageCell::Count(*count),
            PageCell::Share(Share::new(*count, all)),
        ];
        PageRow { cells, command: behind.to_string() }
    });
    let bars = steps.iter().map(|(chinese, english, count, _)| (wording.say(chinese, english), *count));
    Section {
        key: "flow",
        heading: wording.say("派单、退单与再派", "Dispatch, return, dispatch again"),
        paragraphs: Vec::new(),
        chart: Some(Chart::Bars(bars.collect())),
        columns: vec![
            column(wording.say("步骤", "Step"), Shape::Text),
            column(wording.say("工单", "Tickets"), Shape::Count),
            column(wording.count("占收到的 {} 件", "Share of all {} received", all), Shape::Share),
        ],
        rows: rows.collect(),
    }
}

pub(super) fn rungs(figures: &Figures, wording: Wording) -> Section {
    let answer = &figures.rungs;
    let weeks: BTreeSet<&str> =
        answer.groups.iter().filter_map(|group| group.values.first()).map(String::as_str).collect();
    let tickets = |week: &str, one: Rung| -> i64 {
        let groups = answer.groups.iter().filter(|group| match &group.values[..] {
            [first, second] => first == week && rung(second) == Some(one),
            _ => false,
        });
        groups.map(|group| group.counts.tickets).sum()
    };
    let mut columns = vec![
        column(wording.say("周", "Week"), Shape::Text),
        column(wording.say("收到", "Received"), Shape::Count),
    ];
    columns.extend(Rung::ALL.iter().map(|one| {
        let flags = format!("--where rung={}", flag_name(&one.to_string()));
        column(one.label(wording.0), Shape::Count).adds(flags)
    }));
    let (_, last) = figures.period.weeks();
    let rows = weeks.iter().map(|week| {
        let mut cells = vec![PageCell::Text((*week).to_owned()), PageCell::Count(tickets_of(answer, week))];
        cells.extend(Rung::ALL.iter().map(|one| PageCell::Count(tickets(week, *one))));
        let (first, sunday) = days_of_week(week).unwrap_or((figures.period.first, last));
        PageRow { cells, command: Behind::new(Selection::days(first, sunday.min(last))).to_string() }
    });
    Section {
        key: "rungs",
        heading: wording.say("各周督办级别", "Supervision by week"),
        paragraphs: vec![wording.say(
            "按受理周，计工单到过的最高级别；末周计至本期最后一天。",
            "By week of intake: the highest rung that a ticket reached. The last week ends with the period.",
        )],
        chart: None,
        columns,
        rows: rows.collect(),
    }
}

fn hours(time: Option<std::time::Duration>) -> PageCell {
    time.map_or(PageCell::Empty, |time| PageCell::Number(time.as_secs_f64() / 3_600.0))
}

fn unit_columns(wording: Wording) -> Vec<PageColumn> {
    let rate = |chinese: &str, english: &str, flags: &str| {
        column(wording.say(chinese, english), Shape::Rate).adds(flags)
    };
    vec![
        column(wording.say("单位", "Unit"), Shape::Text),
        column(wording.say("代码", "Code"), Shape::Text),
        column(wording.say("主办工单", "Tickets"), Shape::Count),
        rate("按时/已办结", "On time / completed", "--where is_on_time=yes"),
        rate("已联系/作答", "Contacted / answers", "--where responded=yes"),
        rate("已解决/作答", "Resolved / answers", "--where resolved=yes"),
        rate("满意/作答", "Satisfied / answers", "--where satisfied=satisfied,basically"),
        rate("退回过/主办工单", "Returned / tickets", "--where returns=1+"),
        column(wording.say("办理时长中位数（小时）", "Median handling time (hours)"), Shape::Number),
    ]
}

pub(super) fn units(figures: &Figures, wording: Wording) -> Section {
    let groups = figures.units.groups.iter().filter(|group| group.counts.tickets > 0);
    let rows = groups.map(|group| {
        let code = group.values.first().map_or("", String::as_str);
        let counts = &group.counts;
        let name = Grouping::Unit.name(figures, code, wording.0);
        let cells = vec![
            PageCell::Text(if code.is_empty() {
                wording.say("（无主办单位）", "(no unit)")
            } else {
                name
            }),
            PageCell::Text(code.to_owned()),
            PageCell::Count(counts.tickets),
            PageCell::Rate(Rate::new(counts.completed_on_time, counts.completed)),
            PageCell::Rate(Rate::new(counts.responded_yes, counts.responded_answers)),
            PageCell::Rate(Rate::new(counts.resolved_yes, counts.resolved_answers)),
            PageCell::Rate(Rate::new(counts.satisfied_yes, counts.satisfied_answers)),
            PageCell::Rate(Rate::new(counts.returned, counts.tickets)),
            hours(counts.handling_time_median),
        ];
        let mut behind = of_period(figures);
        if !Grouping::Unit.select(&mut behind.selection, code) {
            behind = behind.value("unit", code);
        }
        PageRow { cells, command: behind.to_string() }
    });
    Section {
        key: "units",
        heading: wording.say("承办单位", "Units"),
        paragraphs: vec![wording.say(
            "计现任主办单位。这里不是考核排名；考核以月度发布为准。",
            "By the unit that leads now. This is no ranking: the published month of the assessment is.",
        )],
        chart: None,
        columns: unit_columns(wording),
        rows: rows.collect(),
    }
}
