//! What answers cite and what they leave open, as rows: the citations of articles that the knowledge base holds, and
//! the questions that no article answered. They are written with the answer's event.

use sea_orm::ActiveValue::Set;

use super::entry::TicketChange;
use crate::platform::Fault;
use crate::platform::writes::Writes;
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

/// Adds the rows of some changes to what a unit of work writes.
pub(super) fn add(changes: &[TicketChange], writes: &mut Writes) -> Result<(), Fault> {
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
