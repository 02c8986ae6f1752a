//! The table of the leaves of the topic tree: what companies ask about.

use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder as _, QuerySelect as _};

use crate::platform::Fault;

/// A leaf of the topic tree.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct Topic {
    pub code: String,
    pub name: String,
    pub name_en: String,
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
        pub words: String,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Topics by code, after a code, at most `limit`.
///
/// # Errors
/// If the database refuses.
pub async fn page(db: &impl ConnectionTrait, after: Option<&str>, limit: u64) -> Result<Vec<Topic>, Fault> {
    let mut query = row::Entity::find().order_by_asc(row::Column::Code).limit(limit);
    if let Some(after) = after {
        query = query.filter(row::Column::Code.gt(after));
    }
    let rows = query.all(db).await?;
    Ok(rows.into_iter().map(|row| Topic { code: row.code, name: row.name, name_en: row.name_en }).collect())
}

/// The codes of topics with their words, by code, at most `limit`.
///
/// # Errors
/// If the database refuses.
pub async fn words(db: &impl ConnectionTrait, limit: u64) -> Result<Vec<(String, String)>, Fault> {
    let words = row::Entity::find()
        .select_only()
        .columns([row::Column::Code, row::Column::Words])
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
