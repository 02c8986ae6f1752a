//! Knowledge gaps: questions of general consultations that no article answered. The ledger makes them with the answer;
//! the unit that is responsible for the topic works through them.

use hotline_proto::v1::ErrorReason;
use sea_orm::ActiveValue::{Set, Unchanged};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{QueryOrder as _, QuerySelect as _};

use super::article::ArticleKey;
use super::number::stored;
use crate::platform::{Fault, Work};
use crate::ticket::{Instant, TicketNumber, UnitCode, columns};

/// How a gap was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GapOutcome {
    /// An article answers the question now.
    Answered,
    /// It needs no article; the note says why.
    NotNeeded,
}

impl GapOutcome {
    const fn stored(self) -> i16 {
        match self {
            Self::Answered => 1,
            Self::NotNeeded => 2,
        }
    }

    const fn of_stored(number: i16) -> Option<Self> {
        match number {
            1 => Some(Self::Answered),
            2 => Some(Self::NotNeeded),
            _ => None,
        }
    }
}

/// The end of a gap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GapClosing {
    /// How.
    pub outcome: GapOutcome,
    /// The version that answers the question.
    pub article: Option<ArticleKey>,
    /// Why; may be empty if an article answers it.
    pub note: String,
    /// By whom.
    pub by: String,
    /// When.
    pub at: Instant,
}

/// A question that no article answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnowledgeGap {
    /// Its number.
    pub number: i64,
    /// The ticket whose answer left it open. Not shown to units.
    pub ticket: TicketNumber,
    /// The question.
    pub question: String,
    /// The ticket's topic.
    pub topic: Option<String>,
    /// The ticket's district.
    pub district: Option<String>,
    /// The unit that is responsible for it.
    pub unit: Option<UnitCode>,
    /// When it was asked.
    pub asked_at: Instant,
    /// How it was closed; `None` while it is open.
    pub closing: Option<GapClosing>,
}

mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "knowledge_gap")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub number: i64,
        pub ticket_number: i64,
        pub sequence: i32,
        pub question: String,
        pub topic: Option<String>,
        pub district: Option<String>,
        pub unit: Option<String>,
        pub asked_at: i64,
        pub closed_at: Option<i64>,
        pub outcome: Option<i16>,
        pub article: Option<String>,
        pub version: Option<i32>,
        pub note: Option<String>,
        pub closed_by: Option<String>,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

fn gap_of(row: row::Model) -> Result<KnowledgeGap, Fault> {
    let outcome = row.outcome.map(|outcome| {
        let read = GapOutcome::of_stored(outcome);
        read.ok_or_else(|| Fault::internal(format!("gap {} has the outcome {outcome}", row.number)))
    });
    let closing = match (outcome.transpose()?, row.closed_at) {
        (Some(outcome), Some(at)) => Some(GapClosing {
            outcome,
            article: row
                .article
                .zip(row.version)
                .map(|(article, version)| ArticleKey { article, version: version.unsigned_abs() }),
            note: row.note.unwrap_or_default(),
            by: row.closed_by.unwrap_or_default(),
            at: columns::instant(at)?,
        }),
        _ => None,
    };
    Ok(KnowledgeGap {
        number: row.number,
        ticket: columns::number(row.ticket_number)?,
        question: row.question,
        topic: row.topic,
        district: row.district,
        unit: row.unit.map(UnitCode),
        asked_at: columns::instant(row.asked_at)?,
        closing,
    })
}

/// A filter of gaps; all conditions that are set must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GapFilter {
    /// Of this unit only.
    pub unit: Option<UnitCode>,
    /// Without a unit only.
    pub has_no_unit: bool,
    /// Of this topic only.
    pub topic: Option<String>,
    /// Closed ones; open ones by default.
    pub is_closed: bool,
}

/// Gaps by number, after one, at most `limit`.
///
/// # Errors
/// If the database refuses, or a row can't be read.
pub(super) async fn page(
    db: &impl ConnectionTrait,
    filter: &GapFilter,
    after: Option<i64>,
    limit: u64,
) -> Result<Vec<KnowledgeGap>, Fault> {
    use row::Column;
    let state = if filter.is_closed { Column::ClosedAt.is_not_null() } else { Column::ClosedAt.is_null() };
    let mut query = row::Entity::find().filter(state).order_by_asc(Column::Number).limit(limit);
    if let Some(unit) = &filter.unit {
        query = query.filter(Column::Unit.eq(unit.as_str()));
    }
    if filter.has_no_unit {
        query = query.filter(Column::Unit.is_null());
    }
    if let Some(topic) = &filter.topic {
        query = query.filter(Column::Topic.eq(topic.as_str()));
    }
    if let Some(after) = after {
        query = query.filter(Column::Number.gt(after));
    }
    query.all(db).await?.into_iter().map(gap_of).collect()
}

/// A gap, locked until the unit of work ends; for a unit, only its own.
///
/// # Errors
/// `GAP_NOT_FOUND`.
pub(super) async fn lock(work: &Work, number: i64, unit: Option<&UnitCode>) -> Result<KnowledgeGap, Fault> {
    let locked = row::Entity::find_by_id(number).lock_exclusive().one(&work.tx).await?;
    let gap = locked.map(gap_of).transpose()?;
    let gap = gap.filter(|gap| unit.is_none() || gap.unit.as_ref() == unit);
    gap.ok_or_else(|| Fault::new(ErrorReason::GapNotFound).with("gap_number", number.to_string()))
}

/// Stores the end of a gap.
pub(super) async fn close(work: &Work, number: i64, closing: &GapClosing) -> Result<(), Fault> {
    let article = closing.article.as_ref();
    let row = row::ActiveModel {
        number: Unchanged(number),
        closed_at: Set(Some(closing.at.timestamp_micros())),
        outcome: Set(Some(closing.outcome.stored())),
        article: Set(article.map(|key| key.article.clone())),
        version: Set(article.map(|key| stored(key.version))),
        note: Set(Some(closing.note.clone())),
        closed_by: Set(Some(closing.by.clone())),
        ..Default::default()
    };
    row::Entity::update(row).exec(&work.tx).await?;
    Ok(())
}

/// Passes the open gaps of a unit on to its successor, or to nobody.
///
/// # Errors
/// If the database refuses.
pub async fn pass_on(work: &Work, from: &UnitCode, successor: Option<&UnitCode>) -> Result<(), Fault> {
    let successor = successor.map(|unit| unit.0.clone());
    row::Entity::update_many()
        .col_expr(row::Column::Unit, Expr::value(successor))
        .filter(row::Column::Unit.eq(from.as_str()))
        .filter(row::Column::ClosedAt.is_null())
        .exec(&work.tx)
        .await?;
    Ok(())
}
