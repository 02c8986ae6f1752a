//! `hotline export analysis`: counts in groups as a file.

use std::time::Duration;

use clap::Args;

use super::column::{Cell, ExportColumn, Kind, Row};
use super::target::Target;
use crate::analysis::rates::Rate;
use crate::analysis::{Counted, Question, counted};
use crate::context::{Context, Done};

/// The columns. Their names and their order never change; new ones come at the end.
const COLUMNS: &[ExportColumn] = &[
    ("value_1", Kind::Text),
    ("value_2", Kind::Text),
    ("tickets", Kind::Integer),
    ("share_of_all_percent", Kind::Number),
    ("all", Kind::Integer),
    ("share_of_known_percent", Kind::Number),
    ("known", Kind::Integer),
    ("period_before", Kind::Integer),
    ("year_before", Kind::Integer),
    ("growth", Kind::Number),
    ("open", Kind::Integer),
    ("open_late", Kind::Integer),
    ("completed", Kind::Integer),
    ("answered_by_hotline", Kind::Integer),
    ("carried_over", Kind::Integer),
    ("returned", Kind::Integer),
    ("redispatched", Kind::Integer),
    ("reworked", Kind::Integer),
    ("urged", Kind::Integer),
    ("supervised", Kind::Integer),
    ("handling_hours_median", Kind::Number),
    ("handling_hours_p90", Kind::Number),
    ("on_time", Kind::Integer),
    ("on_time_of", Kind::Integer),
    ("on_time_percent", Kind::Number),
    ("on_time_low", Kind::Number),
    ("on_time_high", Kind::Number),
    ("responded", Kind::Integer),
    ("responded_of", Kind::Integer),
    ("responded_percent", Kind::Number),
    ("responded_low", Kind::Number),
    ("responded_high", Kind::Number),
    ("resolved", Kind::Integer),
    ("resolved_of", Kind::Integer),
    ("resolved_percent", Kind::Number),
    ("resolved_low", Kind::Number),
    ("resolved_high", Kind::Number),
    ("satisfied", Kind::Integer),
    ("satisfied_of", Kind::Integer),
    ("satisfied_percent", Kind::Number),
    ("satisfied_low", Kind::Number),
    ("satisfied_high", Kind::Number),
];

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Analysis {
    #[command(flatten)]
    question: Question,
    #[command(flatten)]
    target: Target,
}

impl Analysis {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let question = &self.question;
        let answer = context.client().await?.analysis().analyse_tickets(question.request()).await?;
        let mut groups = counted(&answer, question.with_comparison);
        groups.truncate(question.groups_max.unwrap_or(usize::MAX));
        self.target.export_all(context, COLUMNS, groups.iter().map(row).collect())
    }
}

fn hours(time: Option<Duration>) -> Cell {
    Cell::of(time, |time| Cell::Number((time.as_secs_f64() / 360.0).round() / 10.0))
}

fn rate(rate: Rate) -> [Cell; 5] {
    let number = |value| Cell::of(value, Cell::Number);
    [
        Cell::Integer(rate.count),
        Cell::Integer(rate.of),
        number(rate.percent),
        number(rate.low),
        number(rate.high),
    ]
}

fn row(group: &Counted) -> Row {
    let counts = &group.counts;
    let mut row = vec![
        Cell::text(&group.value_1),
        Cell::of(group.value_2.clone(), Cell::Text),
        Cell::Integer(group.tickets),
        Cell::of(group.share_of_all.percent, Cell::Number),
        Cell::Integer(group.share_of_all.of),
        Cell::of(group.share_of_known.and_then(|share| share.percent), Cell::Number),
        Cell::of(group.share_of_known, |share| Cell::Integer(share.of)),
        Cell::of(group.period_before, Cell::Integer),
        Cell::of(group.year_before, Cell::Integer),
        Cell::of(group.growth, Cell::Number),
    ];
    let sums = [
        counts.open,
        counts.open_late,
        counts.completed,
        counts.answered_by_hotline,
        counts.carried_over,
        counts.returned,
        counts.redispatched,
        counts.reworked,
        counts.urged,
        counts.supervised,
    ];
    row.extend(sums.map(Cell::Integer));
    row.extend([hours(counts.handling_time_median), hours(counts.handling_time_p90)]);
    for one in [group.on_time, group.responded, group.resolved, group.satisfied] {
        row.extend(rate(one));
    }
    row
}
