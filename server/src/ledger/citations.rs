//! What answers cite and what they leave open, as rows: the citations of articles that the knowledge base holds, and
//! the questions that no article answered. They are written with the answer's event. If the ticket is classified
//! otherwise later, its open question goes to the unit that is responsible then.

use sea_orm::ActiveValue::Set;
use sea_orm::Value;

use super::entry::TicketChange;
use crate::platform::Fault;
use crate::platform::writes::{Columns, Writes};
use crate::ticket::{Answer, Event, EventRecord};

/// `article_citation`: an answer cited a version.
mod citation {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "article_citation")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub article: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub version: i32,
        #[sea_orm(primary_key, auto_increment = false)]
        pub cited_at: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub ticket_number: i64,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// `knowledge_gap`, as it is made. The database numbers it.
mod gap {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "knowledge_gap")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub ticket_number: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub sequence: i32,
        pub question: String,
        pub topic: Option<String>,
        pub district: Option<String>,
        pub unit: Option<String>,
        pub asked_at: i64,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The citations of an answer, each version once.
fn citations_of(recorded: &EventRecord, answer: &Answer) -> Vec<citation::ActiveModel> {
    let mut rows: Vec<citation::ActiveModel> = Vec::new();
    for cited in answer.articles.iter().filter(|cited| !cited.is_free) {
        let row = citation::ActiveModel {
            article: Set(cited.article.clone()),
            version: Set(cited.version),
            cited_at: Set(recorded.at.timestamp_micros()),
            ticket_number: Set(recorded.ticket.as_i64()),
        };
        if !rows.contains(&row) {
            rows.push(row);
        }
    }
    rows
}

/// The open questions of tickets that are classified otherwise, with the place that decides about their unit. The unit
/// that a complaint is about must not read what becomes of it.
fn classified_gaps(changes: &[TicketChange]) -> Columns {
    let is_classified = |change: &&TicketChange| {
        let has_gap = change.after.answer.as_ref().is_some_and(|answer| answer.gap.is_some());
        has_gap && change.recorded.iter().any(|one| matches!(one.event, Event::TicketClassified(_)))
    };
    let found: Vec<&TicketChange> = changes.iter().filter(is_classified).collect();
    let column = |value: fn(&TicketChange) -> Value| found.iter().map(|change| value(change)).collect();
    vec![
        ("ticket_number", column(|change| change.after.number.as_i64().into())),
        ("topic", column(|change| change.after.topic.clone().unwrap_or_default().into())),
        ("district", column(|change| change.after.district.clone().unwrap_or_default().into())),
        ("is_complaint", column(|change| i64::from(change.after.was_complaint_report).into())),
        ("at", column(|change| change.after.updated_at.timestamp_micros().into())),
    ]
}

/// Gives these questions to the unit that the catalogue names, or to nobody.
fn reassign(source: &str) -> String {
    format!(
        "WITH moved (ticket_number, topic, district, is_complaint, at) AS ({source}) \
         UPDATE knowledge_gap SET topic = NULLIF(moved.topic, ''), district = NULLIF(moved.district, ''), \
         unit = CASE WHEN moved.is_complaint = 1 THEN NULL ELSE (SELECT entry.unit FROM catalogue_entry AS entry \
         WHERE entry.topic = moved.topic AND entry.district IN ('', moved.district) \
         AND entry.effective_from <= moved.at \
         AND (entry.effective_until IS NULL OR entry.effective_until > moved.at) \
         ORDER BY entry.district DESC LIMIT 1) END FROM moved \
         WHERE knowledge_gap.ticket_number = moved.ticket_number AND knowledge_gap.closed_at IS NULL"
    )
}

/// Adds the rows of some changes to what a unit of work writes.
pub(super) fn add(changes: &[TicketChange], writes: &mut Writes) -> Result<(), Fault> {
    writes.update_present(classified_gaps(changes), reassign)?;
    let (mut citations, mut gaps) = (Vec::new(), Vec::new());
    for change in changes {
        for recorded in &change.recorded {
            let Event::TicketAnswered { answer } = &recorded.event else { continue };
            citations.extend(citations_of(recorded, answer));
            gaps.extend(answer.gap.as_ref().map(|gap| gap::ActiveModel {
                ticket_number: Set(recorded.ticket.as_i64()),
                sequence: Set(i32::try_from(recorded.sequence).unwrap_or(i32::MAX)),
                question: Set(gap.question.clone()),
                topic: Set(change.after.topic.clone()),
                district: Set(change.after.district.clone()),
                unit: Set(gap.unit.as_ref().map(|unit| unit.0.clone())),
                asked_at: Set(recorded.at.timestamp_micros()),
            }));
        }
    }
    writes.insert(citations)?;
    writes.insert(gaps)
}
