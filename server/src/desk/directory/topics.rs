//! The table of the leaves of the topic tree: what companies ask about.

use chrono::{DateTime, Utc};
use hotline_proto::v1::ErrorReason;
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder as _, QuerySelect as _};

use super::catalogue::instant;
use crate::platform::Fault;

/// Topics of a directory.
pub const TOPICS_MAX: u64 = 500;

/// A leaf of the topic tree.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct Topic {
    pub code: String,
    pub name: String,
    pub name_en: String,
    pub words: String,
    pub effective_from: Option<DateTime<Utc>>,
    pub effective_until: Option<DateTime<Utc>>,
    pub successor: Option<String>,
    pub version: u32,
}

impl Topic {
    /// The etag: changes with every change of the topic.
    #[must_use]
    pub fn etag(&self) -> String {
        format!("v{}", self.version)
    }

    /// Whether requests can be about it at an instant.
    #[must_use]
    pub fn is_in_force(&self, at: DateTime<Utc>) -> bool {
        self.effective_from.is_none_or(|from| from <= at)
            && self.effective_until.is_none_or(|until| at < until)
    }
}

/// The refusal of a topic that is not in force, with its successor.
#[must_use]
pub fn not_in_force(field: &str, topic: &str, successor: Option<&str>) -> Fault {
    let fault = Fault::new(ErrorReason::TopicNotInForce).at(field, "is not in force").with("topic", topic);
    match successor {
        Some(successor) => fault.with("successor", successor),
        None => fault,
    }
}

pub(super) mod row {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "topic")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub code: String,
        pub name: String,
        pub name_en: String,
        /// Begins with the name.
        pub words: String,
        pub effective_from: Option<i64>,
        pub effective_until: Option<i64>,
        pub successor: Option<String>,
        pub version: i32,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) fn topic_of(row: row::Model) -> Result<Topic, Fault> {
    let words = row.words.strip_prefix(row.name.as_str()).unwrap_or(&row.words).trim().to_owned();
    Ok(Topic {
        code: row.code,
        name: row.name,
        name_en: row.name_en,
        words,
        effective_from: row.effective_from.map(instant).transpose()?,
        effective_until: row.effective_until.map(instant).transpose()?,
        successor: row.successor,
        version: row.version.unsigned_abs(),
    })
}

pub(super) fn row_of(topic: &Topic) -> row::ActiveModel {
    let micros = |instant: Option<DateTime<Utc>>| instant.map(|instant| instant.timestamp_micros());
    row::ActiveModel {
        code: Set(topic.code.clone()),
        name: Set(topic.name.clone()),
        name_en: Set(topic.name_en.clone()),
        words: Set(format!("{} {}", topic.name, topic.words).trim().to_owned()),
        effective_from: Set(micros(topic.effective_from)),
        effective_until: Set(micros(topic.effective_until)),
        successor: Set(topic.successor.clone()),
        version: Set(i32::try_from(topic.version).unwrap_or(i32::MAX)),
    }
}

/// Topics by code, after a code, at most `limit`.
///
/// # Errors
/// If the database refuses, or a row can't be read.
pub async fn page(db: &impl ConnectionTrait, after: Option<&str>, limit: u64) -> Result<Vec<Topic>, Fault> {
    let mut query = row::Entity::find().order_by_asc(row::Column::Code).limit(limit);
    if let Some(after) = after {
        query = query.filter(row::Column::Code.gt(after));
    }
    query.all(db).await?.into_iter().map(topic_of).collect()
}

/// The codes of topics with their words, by code, at most `limit`. A topic that has an end is suggested no more.
///
/// # Errors
/// If the database refuses.
pub async fn words(db: &impl ConnectionTrait, limit: u64) -> Result<Vec<(String, String)>, Fault> {
    let words = row::Entity::find()
        .select_only()
        .columns([row::Column::Code, row::Column::Words])
        .filter(row::Column::EffectiveUntil.is_null())
        .order_by_asc(row::Column::Code)
        .limit(limit);
    Ok(words.into_tuple().all(db).await?)
}

/// Which of these codes are leaves of the tree.
///
/// # Errors
/// If the database refuses.
pub async fn known(db: &impl ConnectionTrait, codes: &[String]) -> Result<Vec<String>, Fault> {
    if codes.is_empty() {
        return Ok(Vec::new());
    }
    let found = row::Entity::find()
        .select_only()
        .column(row::Column::Code)
        .filter(row::Column::Code.is_in(codes.iter().map(String::as_str)));
    Ok(found.into_tuple().all(db).await?)
}
