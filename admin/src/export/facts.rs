//! `hotline export facts`: the facts behind the scores, one for each ticket and handling cycle.

use chrono::NaiveDate;
use clap::Args;
use hotline_client::{AssessmentFact, FactAnswers, ListFacts};

use super::column::{Cell, ExportColumn, Kind, Row};
use super::target::Target;
use crate::context::{Context, Done};

/// The columns. Their names and their order never change; new ones come at the end.
const COLUMNS: &[ExportColumn] = &[
    ("line", Kind::Text),
    ("ticket_number", Kind::Text),
    ("cycle", Kind::Integer),
    ("unit", Kind::Text),
    ("category", Kind::Text),
    ("channel", Kind::Text),
    ("topic", Kind::Text),
    ("district", Kind::Text),
    ("received_time", Kind::Time),
    ("dispatch_time", Kind::Time),
    ("accept_time", Kind::Time),
    ("accept_due_time", Kind::Time),
    ("due_time", Kind::Time),
    ("complete_time", Kind::Time),
    ("is_completed", Kind::Boolean),
    ("is_on_time", Kind::Boolean),
    ("carried_over", Kind::Boolean),
    ("rung", Kind::Text),
    ("returns", Kind::Integer),
    ("survey_time", Kind::Time),
    ("responded", Kind::Text),
    ("resolved", Kind::Text),
    ("satisfied", Kind::Text),
    ("recheck_time", Kind::Time),
    ("recheck_responded", Kind::Text),
    ("recheck_resolved", Kind::Text),
    ("recheck_satisfied", Kind::Text),
    ("recheck_due", Kind::Boolean),
    ("excluded", Kind::Boolean),
];
/// The facts of a page: as many as the server allows.
const PAGE_SIZE: u32 = 200;

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Facts {
    /// The first day of intake, for example 2019-10-01.
    #[arg(long = "from", value_name = "DAY")]
    first_day: NaiveDate,
    /// The last day of intake, at most 800 days after the first.
    #[arg(long = "to", value_name = "DAY")]
    last_day: NaiveDate,
    /// Facts of this unit only.
    #[arg(long, value_name = "CODE")]
    unit: Option<String>,
    #[command(flatten)]
    target: Target,
}

impl Facts {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let (first, last) = (self.first_day, self.last_day);
        let which = ListFacts::new(first, last).unit(self.unit.clone()).page_size(PAGE_SIZE);
        let listing = context.client().await?.assessment().list_facts(which);
        let unit = self.unit.as_ref().map(|unit| format!(" --unit {unit}")).unwrap_or_default();
        let asked = format!("export facts --from {first} --to {last}{unit}");
        let rows_of = |fact: AssessmentFact| vec![row(&fact)];
        self.target.export(context, &asked, COLUMNS, listing, rows_of, None).await
    }
}

/// The instant and the answers of a call; absent before it.
fn answers(answers: Option<&FactAnswers>) -> [Cell; 4] {
    [
        Cell::of(answers, |one| Cell::time(one.survey_time)),
        Cell::of(answers.and_then(|one| one.responded), Cell::text),
        Cell::of(answers.and_then(|one| one.resolved), Cell::text),
        Cell::of(answers.and_then(|one| one.satisfied), Cell::text),
    ]
}

fn row(fact: &AssessmentFact) -> Row {
    let text = |value: &Option<String>| Cell::of(value.clone(), Cell::Text);
    let completed = fact.complete_time;
    let mut row = vec![
        Cell::Text(format!("{}-{}", fact.ticket_number, fact.cycle)),
        Cell::text(&fact.ticket_number),
        Cell::Integer(fact.cycle.into()),
        text(&fact.unit),
        Cell::text(fact.category),
        Cell::text(fact.channel),
        text(&fact.topic),
        text(&fact.district),
        Cell::time(fact.received_time),
        Cell::of(fact.dispatch_time, Cell::time),
        Cell::of(fact.accept_time, Cell::time),
        Cell::of(fact.accept_due_time, Cell::time),
        Cell::time(fact.due_time),
        Cell::of(completed, Cell::time),
        Cell::Boolean(completed.is_some()),
        Cell::Boolean(completed.is_some_and(|completed| completed <= fact.due_time)),
        Cell::Boolean(fact.carried_over),
        Cell::text(fact.rung),
        Cell::Integer(fact.returns.into()),
    ];
    row.extend(answers(fact.survey.as_ref()));
    row.extend(answers(fact.recheck.as_ref()));
    row.extend([Cell::Boolean(fact.recheck_due), Cell::Boolean(fact.excluded)]);
    row
}
