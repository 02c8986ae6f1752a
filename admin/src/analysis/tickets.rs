//! `hotline analysis tickets`: counts, shares with their denominators, and rates with their intervals.

use clap::Args;
use hotline_client::{
    AnalyseTickets, AnalysedTickets, AnalysisDimension, AnalysisGroup, AnalysisInstant, AnalysisOrder,
    TicketCounts,
};
use serde::Serialize;

use super::rates::{Rate, Share};
use super::selection::Selection;
use crate::context::{Context, Done};
use crate::flags::names;
use crate::output::{Column, Format};

/// What people read after the values of a group.
const TABLE_COLUMNS: &[Column] = &[
    ("TICKETS", "tickets"),
    ("SHARE OF ALL", "share_of_all_text"),
    ("SHARE OF KNOWN", "share_of_known_text"),
    ("ON TIME OF COMPLETED", "on_time_text"),
    ("RESOLVED OF ANSWERS", "resolved_text"),
    ("SATISFIED OF ANSWERS", "satisfied_text"),
];
/// The same against the time before.
const COMPARISON_COLUMNS: &[Column] =
    &[("BEFORE", "period_before"), ("YEAR BEFORE", "year_before"), ("GROWTH", "growth")];
/// What programs read after the values of a group.
const CSV_COLUMNS: &[Column] = &[
    ("TICKETS", "tickets"),
    ("SHARE_OF_ALL_PERCENT", "share_of_all.percent"),
    ("ALL", "share_of_all.of"),
    ("SHARE_OF_KNOWN_PERCENT", "share_of_known.percent"),
    ("KNOWN", "share_of_known.of"),
    ("PERIOD_BEFORE", "period_before"),
    ("YEAR_BEFORE", "year_before"),
    ("GROWTH", "growth"),
    ("OPEN", "counts.open"),
    ("OPEN_LATE", "counts.open_late"),
    ("COMPLETED", "counts.completed"),
    ("COMPLETED_ON_TIME", "on_time.count"),
    ("ON_TIME_PERCENT", "on_time.percent"),
    ("ON_TIME_LOW", "on_time.low"),
    ("ON_TIME_HIGH", "on_time.high"),
    ("RESPONDED_ANSWERS", "responded.of"),
    ("RESPONDED_YES", "responded.count"),
    ("RESPONDED_PERCENT", "responded.percent"),
    ("RESPONDED_LOW", "responded.low"),
    ("RESPONDED_HIGH", "responded.high"),
    ("RESOLVED_ANSWERS", "resolved.of"),
    ("RESOLVED_YES", "resolved.count"),
    ("RESOLVED_PERCENT", "resolved.percent"),
    ("RESOLVED_LOW", "resolved.low"),
    ("RESOLVED_HIGH", "resolved.high"),
    ("SATISFIED_ANSWERS", "satisfied.of"),
    ("SATISFIED_YES", "satisfied.count"),
    ("SATISFIED_PERCENT", "satisfied.percent"),
    ("SATISFIED_LOW", "satisfied.low"),
    ("SATISFIED_HIGH", "satisfied.high"),
    ("RETURNED", "counts.returned"),
    ("REDISPATCHED", "counts.redispatched"),
    ("REWORKED", "counts.reworked"),
    ("URGED", "counts.urged"),
    ("SUPERVISED", "counts.supervised"),
];

/// What is counted, as flags.
#[derive(Debug, Args)]
pub(crate) struct Question {
    #[command(flatten)]
    pub(crate) selection: Selection,
    /// By which instant a ticket belongs to a day, if it is not the intake.
    #[arg(long, value_parser = names!(AnalysisInstant))]
    pub(crate) counted_by: Option<AnalysisInstant>,
    /// Group by this. At most two.
    #[arg(long = "by", value_parser = names!(AnalysisDimension))]
    pub(crate) dimensions: Vec<AnalysisDimension>,
    /// Compare with the period before and the same days of the year before.
    #[arg(long = "compare")]
    pub(crate) with_comparison: bool,
    /// The order of the groups, if it is not that of their values. Growth needs --compare.
    #[arg(long, value_parser = names!(AnalysisOrder))]
    pub(crate) order: Option<AnalysisOrder>,
    /// Only the first groups.
    #[arg(long = "top", value_name = "NUMBER")]
    pub(crate) groups_max: Option<usize>,
}

impl Question {
    /// Without the number of groups: the share of what is known needs all of them.
    pub(crate) fn request(&self) -> AnalyseTickets {
        AnalyseTickets::new(self.selection.first_day, self.selection.last_day)
            .counted_by(self.counted_by)
            .dimensions(self.dimensions.clone())
            .filter(self.selection.filter())
            .with_comparison(self.with_comparison)
            .order(self.order)
    }
}

/// A group with its shares and rates.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Counted {
    pub(crate) value_1: String,
    pub(crate) value_2: Option<String>,
    pub(crate) tickets: i64,
    pub(crate) share_of_all: Share,
    /// Of the tickets that have the values; none for the group of those without.
    pub(crate) share_of_known: Option<Share>,
    pub(crate) period_before: Option<i64>,
    pub(crate) year_before: Option<i64>,
    pub(crate) growth: Option<f64>,
    pub(crate) on_time: Rate,
    pub(crate) responded: Rate,
    pub(crate) resolved: Rate,
    pub(crate) satisfied: Rate,
    pub(crate) counts: TicketCounts,
    share_of_all_text: String,
    share_of_known_text: String,
    on_time_text: String,
    resolved_text: String,
    satisfied_text: String,
}

impl Counted {
    fn new(group: &AnalysisGroup, all: i64, known: i64, is_compared: bool) -> Self {
        let counts = &group.counts;
        let is_known = group.values.iter().all(|value| !value.is_empty());
        let share_of_all = Share::new(counts.tickets, all);
        let share_of_known = is_known.then(|| Share::new(counts.tickets, known));
        Self {
            value_1: group.values.first().cloned().unwrap_or_default(),
            value_2: group.values.get(1).cloned(),
            period_before: is_compared.then_some(group.tickets_period_before),
            year_before: is_compared.then_some(group.tickets_year_before),
            growth: is_compared.then(|| (group.growth * 10.0).round() / 10.0),
            share_of_all_text: share_text(share_of_all, "received"),
            share_of_known_text: share_of_known
                .map(|share| share_text(share, "with a value"))
                .unwrap_or_default(),
            share_of_all,
            share_of_known,
            ..whole(counts)
        }
    }
}

/// "25.0 % of 4 received".
fn share_text(share: Share, what: &str) -> String {
    share.percent.map(|percent| format!("{percent:.1} % of {} {what}", share.of)).unwrap_or_default()
}

/// "80.0 % of 5 (37.6–96.4)".
fn rate_text(rate: Rate) -> String {
    let ends = rate.percent.zip(rate.low.zip(rate.high));
    ends.map(|(percent, (low, high))| format!("{percent:.1} % of {} ({low:.1}–{high:.1})", rate.of))
        .unwrap_or_default()
}

/// The groups with their shares and rates.
pub(crate) fn counted(answer: &AnalysedTickets, is_compared: bool) -> Vec<Counted> {
    let all = answer.total.tickets;
    let unknown = answer.groups.iter().filter(|group| group.values.iter().any(String::is_empty));
    let known = all - unknown.map(|group| group.counts.tickets).sum::<i64>();
    answer.groups.iter().map(|group| Counted::new(group, all, known, is_compared)).collect()
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Tickets {
    #[command(flatten)]
    question: Question,
}

/// The answer for programs.
#[derive(Debug, Serialize)]
struct Answer {
    groups: Vec<Counted>,
    groups_total: u32,
    total: Counted,
    entries_behind: i64,
}

impl Tickets {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let question = self.question;
        let answer = context.client().await?.analysis().analyse_tickets(question.request()).await?;
        if answer.entries_behind > 0 {
            context.note(&format!("{} entries of the feed are not counted yet", answer.entries_behind));
        }
        print(&question, &answer, context.output)
    }
}

fn print(question: &Question, answer: &AnalysedTickets, format: Format) -> Done {
    let is_compared = question.with_comparison;
    let mut groups = counted(answer, is_compared);
    groups.truncate(question.groups_max.unwrap_or(usize::MAX));
    let total = total(answer, is_compared);
    if format == Format::Json {
        let (groups_total, entries_behind) = (answer.groups_total, answer.entries_behind);
        return format.record(&Answer { groups, groups_total, total, entries_behind });
    }
    let paths = ["value_1", "value_2"];
    let mut columns: Vec<Column> =
        question.dimensions.iter().zip(paths).map(|(dimension, path)| (heading(*dimension), path)).collect();
    if format == Format::Csv {
        columns.extend_from_slice(CSV_COLUMNS);
    } else {
        columns.extend_from_slice(TABLE_COLUMNS);
        if is_compared {
            columns.extend_from_slice(COMPARISON_COLUMNS);
        }
        if !question.dimensions.is_empty() {
            groups.push(total);
        }
    }
    format.list(&columns, &groups)
}

/// All tickets as a group.
fn total(answer: &AnalysedTickets, is_compared: bool) -> Counted {
    Counted {
        value_1: "all".to_owned(),
        period_before: is_compared.then_some(answer.tickets_period_before),
        year_before: is_compared.then_some(answer.tickets_year_before),
        ..whole(&answer.total)
    }
}

/// Counts as a group that is all.
fn whole(counts: &TicketCounts) -> Counted {
    let on_time = Rate::new(counts.completed_on_time, counts.completed);
    let resolved = Rate::new(counts.resolved_yes, counts.resolved_answers);
    let satisfied = Rate::new(counts.satisfied_yes, counts.satisfied_answers);
    let share_of_all = Share::new(counts.tickets, counts.tickets);
    Counted {
        value_1: String::new(),
        value_2: None,
        tickets: counts.tickets,
        share_of_all,
        share_of_known: None,
        period_before: None,
        year_before: None,
        growth: None,
        on_time,
        responded: Rate::new(counts.responded_yes, counts.responded_answers),
        resolved,
        satisfied,
        counts: counts.clone(),
        share_of_all_text: share_text(share_of_all, "received"),
        share_of_known_text: String::new(),
        on_time_text: rate_text(on_time),
        resolved_text: rate_text(resolved),
        satisfied_text: rate_text(satisfied),
    }
}

const fn heading(dimension: AnalysisDimension) -> &'static str {
    match dimension {
        AnalysisDimension::Topic => "TOPIC",
        AnalysisDimension::TopicBranch => "TOPIC BRANCH",
        AnalysisDimension::District => "DISTRICT",
        AnalysisDimension::Industry => "INDUSTRY",
        AnalysisDimension::Channel => "CHANNEL",
        AnalysisDimension::Category => "CATEGORY",
        AnalysisDimension::Unit => "UNIT",
        AnalysisDimension::State => "STATE",
        AnalysisDimension::Rung => "RUNG",
        AnalysisDimension::Age => "AGE IN DAYS",
        AnalysisDimension::HourOfWeek => "HOUR OF WEEK",
        AnalysisDimension::Day => "DAY",
        AnalysisDimension::Week => "WEEK",
        AnalysisDimension::Month => "MONTH",
        AnalysisDimension::Year => "YEAR",
        AnalysisDimension::DaysToLimit => "DAYS TO LIMIT",
        _ => "VALUE",
    }
}
