//! `hotline score`: what the work of a unit in a month was worth, down to the ticket.

use clap::Args;
use hotline_client::{ListScoreLines, ListUnitScores, UnitGroup};

use crate::context::{Context, Done, ListLimit};
use crate::flags::names;
use crate::output::Column;
use crate::verbs::verbs;

const SCORES: &[Column] = &[
    ("RANK", "rank"),
    ("UNIT", "unit"),
    ("STANDING", "standing"),
    ("REQUESTS", "requests"),
    ("CASES", "cases"),
    ("COMPOSITE", "composite"),
    ("RAW", "raw_composite"),
];
const LINES: &[Column] = &[
    ("LINE", "line"),
    ("DUE", "due_time"),
    ("COMPLETED", "complete_time"),
    ("SURVEYED", "survey_time"),
    ("CARRIED_OVER", "carried_over"),
    ("ITEMS", "items"),
    ("EXCLUSIONS", "exclusions"),
];

verbs! {
    /// Ranks the units of a group in a month, as they stand now. For supervisors and analysts.
    List = List, calls "ListUnitScores";
    /// Prints the score of a unit in a month, as it stands now.
    Show = Show, calls "GetUnitScore";
    /// Lists the cases of a unit in a month. `--output json` says what each counts, and why.
    Lines = Lines, calls "ListScoreLines";
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct List {
    /// The month, for example 2019-10.
    month: String,
    /// The group.
    #[arg(long, value_parser = names!(UnitGroup))]
    group: UnitGroup,
    #[command(flatten)]
    limit: ListLimit,
}

impl List {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let which = ListUnitScores::new(self.month, self.group);
        context.list(SCORES, context.client().await?.assessment().list_unit_scores(which), self.limit).await
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// The unit's code.
    unit: String,
    /// The month, for example 2019-10.
    month: String,
}

impl Show {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let counted = context.client().await?.assessment().get_unit_score(self.unit, self.month).await?;
        context.record(&counted)
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Lines {
    /// The unit's code.
    unit: String,
    /// The month, for example 2019-10.
    month: String,
    #[command(flatten)]
    limit: ListLimit,
}

impl Lines {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let which = ListScoreLines::new(self.unit, self.month);
        context.list(LINES, context.client().await?.assessment().list_score_lines(which), self.limit).await
    }
}
