//! `hotline export lines`: the cases behind the scores of a unit.

use clap::Args;
use hotline_client::{ListScoreLines, ScoreLine};

use super::column::{Cell, ExportColumn, Kind, Row};
use super::target::Target;
use crate::context::{Context, Done};

/// The columns. Their names and their order never change; new ones come at the end.
const COLUMNS: &[ExportColumn] = &[
    ("unit", Kind::Text),
    ("month", Kind::Text),
    ("line", Kind::Text),
    ("ticket_number", Kind::Text),
    ("cycle", Kind::Integer),
    ("due_time", Kind::Time),
    ("complete_time", Kind::Time),
    ("survey_time", Kind::Time),
    ("carried_over", Kind::Boolean),
    ("item", Kind::Text),
    ("clause", Kind::Text),
    ("verdict", Kind::Text),
    ("credit", Kind::Text),
    ("condition", Kind::Text),
    ("exclusions", Kind::Integer),
];
/// The cases of a page: as many as the server allows.
const PAGE_SIZE: u32 = 200;

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Lines {
    /// The unit.
    #[arg(long, value_name = "CODE")]
    unit: String,
    /// The month, for example 2019-10.
    #[arg(long)]
    month: String,
    #[command(flatten)]
    target: Target,
}

impl Lines {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let which = ListScoreLines::new(&*self.unit, &*self.month).page_size(PAGE_SIZE);
        let listing = context.client().await?.assessment().list_score_lines(which);
        let asked = format!("export lines --unit {} --month {}", self.unit, self.month);
        let rows_of = |line: ScoreLine| rows(&self.unit, &self.month, &line);
        self.target.export(context, &asked, COLUMNS, listing, rows_of, None).await
    }
}

/// A case under each item of the scheme.
fn rows(unit: &str, month: &str, line: &ScoreLine) -> Vec<Row> {
    let exclusions = i64::try_from(line.exclusions.len()).unwrap_or(i64::MAX);
    let items = line.items.iter().map(|item| {
        vec![
            Cell::text(unit),
            Cell::text(month),
            Cell::text(&line.line),
            Cell::text(&line.ticket_number),
            Cell::Integer(line.cycle.into()),
            Cell::time(line.due_time),
            Cell::of(line.complete_time, Cell::time),
            Cell::of(line.survey_time, Cell::time),
            Cell::Boolean(line.carried_over),
            Cell::text(&item.key),
            Cell::text(&item.clause),
            Cell::text(item.verdict),
            Cell::of(item.credit.clone(), Cell::Text),
            Cell::of(item.condition.clone(), Cell::Text),
            Cell::Integer(exclusions),
        ]
    });
    items.collect()
}
