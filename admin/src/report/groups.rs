//! The sections about groups of tickets: topics, districts, channels and categories.

use hotline_client::{AnalysedTickets, AnalysisGroup};

use super::figures::Figures;
use super::page::{Chart, PageCell, PageColumn, PageRow, Section, Shape, column};
use super::totals::{instead, of_period};
use super::wording::{Grouping, Wording};
use crate::analysis::rates::Share;

/// The rows of a table of topics.
const TOP: usize = 15;
/// The bars of a chart.
const BARS: usize = 10;

/// The tickets that lack the value.
fn missing(answer: &AnalysedTickets) -> i64 {
    let empty = answer.groups.iter().filter(|group| group.values.iter().any(String::is_empty));
    empty.map(|group| group.counts.tickets).sum()
}

fn value(group: &AnalysisGroup, place: usize) -> &str {
    group.values.get(place).map_or("", String::as_str)
}

/// A name, or what stands for a value that is absent or has no name.
fn name(figures: &Figures, by: Grouping, value: &str, wording: Wording) -> String {
    let name = by.name(figures, value, wording.0);
    if value.is_empty() { wording.missing() } else { name }
}

/// A table by one dimension.
struct GroupTable<'a> {
    figures: &'a Figures,
    wording: Wording,
    by: Grouping,
    answer: &'a AnalysedTickets,
}

impl GroupTable<'_> {
    fn known(&self) -> i64 {
        self.answer.total.tickets - missing(self.answer)
    }

    fn columns(&self) -> Vec<PageColumn> {
        let wording = self.wording;
        let period = &self.figures.period;
        let (all, known) = (self.answer.total.tickets, self.known());
        vec![
            column(wording.say("名称", "Name"), Shape::Text),
            column(wording.say("代码", "Code"), Shape::Text),
            column(wording.say("本期", "Period"), Shape::Count),
            column(wording.count("占填写的 {} 件", "Share of the {} with a value", known), Shape::Share),
            column(wording.count("占收到的 {} 件", "Share of all {} received", all), Shape::Share),
            column(wording.say("之前同样天数", "As many days before"), Shape::Count)
                .adds(instead(wording, period.before())),
            column(wording.say("去年同期", "Year before"), Shape::Count)
                .adds(instead(wording, period.year_before())),
            column(wording.say("增长", "Growth"), Shape::Number),
        ]
    }

    fn row(&self, group: &AnalysisGroup) -> PageRow {
        let value = value(group, 0);
        let tickets = group.counts.tickets;
        let of_known = Share::new(tickets, self.known());
        let cells = vec![
            PageCell::Text(name(self.figures, self.by, value, self.wording)),
            PageCell::Text(self.by.code(value)),
            PageCell::Count(tickets),
            if value.is_empty() { PageCell::Empty } else { PageCell::Share(of_known) },
            PageCell::Share(Share::new(tickets, self.answer.total.tickets)),
            PageCell::Count(group.tickets_period_before),
            PageCell::Count(group.tickets_year_before),
            PageCell::Growth(group.growth),
        ];
        let mut behind = of_period(self.figures);
        if !self.by.select(&mut behind.selection, value) {
            behind = behind.value(self.by.column(), value);
        }
        PageRow { cells, command: behind.to_string() }
    }

    fn bars(&self, groups: &[&AnalysisGroup]) -> Chart {
        let bars = groups.iter().take(BARS).map(|group| {
            let (value, name) = (value(group, 0), name(self.figures, self.by, value(group, 0), self.wording));
            (if name.is_empty() { self.by.code(value) } else { name }, group.counts.tickets)
        });
        Chart::Bars(bars.collect())
    }

    /// The groups with tickets in the period, the most first.
    fn section(&self, key: &'static str, heading: String, max: usize) -> Section {
        let groups: Vec<_> = self.answer.groups.iter().filter(|group| group.counts.tickets > 0).collect();
        let mut paragraphs = Vec::new();
        if groups.len() > max {
            let left = i64::try_from(groups.len() - max).unwrap_or(i64::MAX);
            paragraphs.push(self.wording.count("另有 {} 项未列出。", "{} more are not listed.", left));
        }
        let shown: Vec<_> = groups.into_iter().take(max).collect();
        let rows = shown.iter().map(|group| self.row(group)).collect();
        Section { key, heading, paragraphs, chart: Some(self.bars(&shown)), columns: self.columns(), rows }
    }
}

pub(super) fn topics(figures: &Figures, wording: Wording) -> Section {
    let table = GroupTable { figures, wording, by: Grouping::Topic, answer: &figures.topics };
    table.section("topics", wording.say("诉求最多的事项", "Topics with the most requests"), TOP)
}

/// The groups that grew, the most first.
pub(super) fn growth(figures: &Figures, wording: Wording) -> Section {
    let table = GroupTable { figures, wording, by: Grouping::Topic, answer: &figures.topics };
    let mut groups: Vec<_> = figures
        .topics
        .groups
        .iter()
        .filter(|group| group.growth > 0.0 && !value(group, 0).is_empty())
        .collect();
    groups.sort_by(|one, other| other.growth.total_cmp(&one.growth));
    groups.truncate(BARS);
    Section {
        key: "growth",
        heading: wording.say("增长最快的事项", "Topics that grow most"),
        paragraphs: vec![growth_note(wording)],
        chart: None,
        columns: table.columns(),
        rows: groups.into_iter().map(|group| table.row(group)).collect(),
    }
}

fn growth_note(wording: Wording) -> String {
    wording.say(
        "增长 =（本期 − 之前）÷ √（本期 + 之前），即标准差的倍数；超过 2 才不像偶然。小数目不会因此排在前面。",
        "Growth is (now − before) / √(now + before), in standard deviations. Below 2 it may be chance. Small numbers do not win.",
    )
}

/// Topics in districts that grow most.
pub(super) fn places(figures: &Figures, wording: Wording) -> Option<Section> {
    let answer = figures.places.as_ref()?;
    let grown = answer.groups.iter().filter(|group| group.growth > 0.0);
    let rows = grown.map(|group| {
        let (topic, district) = (value(group, 0), value(group, 1));
        let mut behind = of_period(figures).value("topic", topic);
        if !Grouping::District.select(&mut behind.selection, district) {
            behind = behind.value("district", district);
        }
        let cells = vec![
            PageCell::Text(name(figures, Grouping::Topic, topic, wording)),
            PageCell::Text(topic.to_owned()),
            PageCell::Text(name(figures, Grouping::District, district, wording)),
            PageCell::Text(district.to_owned()),
            PageCell::Count(group.counts.tickets),
            PageCell::Count(group.tickets_period_before),
            PageCell::Growth(group.growth),
        ];
        PageRow { cells, command: behind.to_string() }
    });
    let before = instead(wording, figures.period.before());
    Some(Section {
        key: "places",
        heading: wording.say("增长最快的事项及其区域", "Topics and places that grow most"),
        paragraphs: vec![growth_note(wording)],
        chart: None,
        columns: vec![
            column(wording.say("事项", "Topic"), Shape::Text),
            column(wording.say("事项代码", "Topic code"), Shape::Text),
            column(wording.say("区域", "District"), Shape::Text),
            column(wording.say("区划代码", "District code"), Shape::Text),
            column(wording.say("本期", "Period"), Shape::Count),
            column(wording.say("之前同样天数", "As many days before"), Shape::Count).adds(before),
            column(wording.say("增长", "Growth"), Shape::Number),
        ],
        rows: rows.collect(),
    })
}

pub(super) fn districts(figures: &Figures, wording: Wording) -> Section {
    let table = GroupTable { figures, wording, by: Grouping::District, answer: &figures.districts };
    table.section("districts", wording.say("区域", "Districts"), usize::MAX)
}

pub(super) fn channels(figures: &Figures, wording: Wording) -> Section {
    let table = GroupTable { figures, wording, by: Grouping::Channel, answer: &figures.channels };
    table.section("channels", wording.say("渠道", "Channels"), usize::MAX)
}

pub(super) fn categories(figures: &Figures, wording: Wording) -> Section {
    let table = GroupTable { figures, wording, by: Grouping::Category, answer: &figures.categories };
    table.section("categories", wording.say("类别", "Categories"), usize::MAX)
}
