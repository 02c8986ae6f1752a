//! Answers that cite what is not in force any more, and questions that no article answers.

use chrono::{DateTime, Utc};
use clap::Args;
use hotline_client::CloseKnowledgeGap;

use crate::context::{Context, Done, RequestId};
use crate::flags::text;
use crate::instant;
use crate::output::Column;
use crate::verbs::list_verb;

const ANSWER_COLUMNS: &[Column] = &[
    ("TICKET", "ticket_number"),
    ("ARTICLE", "article"),
    ("VERSION", "version"),
    ("ANSWERED", "answer_time"),
    ("ENDED", "end_time"),
    ("CURRENT", "current_version"),
];
const GAP_COLUMNS: &[Column] = &[
    ("GAP", "number"),
    ("ASKED", "ask_time"),
    ("TOPIC", "topic"),
    ("UNIT", "unit"),
    ("TICKET", "ticket_number"),
    ("QUESTION", "question"),
];

list_verb! {
    AffectedAnswers = knowledge.list_affected_answers(ListAffectedAnswers), ANSWER_COLUMNS => {
        /// That cite this article.
        #[arg(long, value_name = "CODE")]
        article: Option<String>,
        /// Given at or after this day or time.
        #[arg(long = "since", value_name = "TIME", value_parser = instant::parse)]
        answer_start_time: Option<DateTime<Utc>>,
    }
}

list_verb! {
    Gaps = knowledge.list_knowledge_gaps(ListKnowledgeGaps), GAP_COLUMNS => {
        /// For this unit.
        #[arg(long, value_name = "CODE")]
        unit: Option<String>,
        /// For no unit.
        #[arg(long)]
        without_unit: bool,
        /// About this topic leaf.
        #[arg(long, value_name = "CODE")]
        topic: Option<String>,
        /// The closed ones.
        #[arg(long)]
        closed: bool,
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct CloseGap {
    /// The number of the gap.
    gap_number: i64,
    /// The article that answers it now.
    #[arg(long, value_name = "CODE", required_unless_present = "note")]
    article: Option<String>,
    /// Why no article is needed.
    #[arg(long, value_parser = text)]
    note: Option<String>,
    #[command(flatten)]
    request: RequestId,
}

impl CloseGap {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let knowledge = context.client().await?.knowledge();
        let command = match self.article {
            Some(code) => {
                let article = knowledge.get_article(code).await?;
                CloseKnowledgeGap::answered_by(self.gap_number, &article).note(self.note)
            }
            None => CloseKnowledgeGap::not_needed(self.gap_number, self.note.unwrap_or_default()),
        };
        context.record(&knowledge.close_knowledge_gap(command.request_id(self.request.id)).await?)
    }
}
