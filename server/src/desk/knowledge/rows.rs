//! The tables of articles, and their rows as articles.

use sea_orm::ActiveValue::Set;

use super::article::{Article, ArticleContent, ArticleKey, ArticleState};
use super::number::stored;
use crate::platform::Fault;
use crate::ticket::columns::instant;

/// `article`: the articles, with the number of their last version.
pub(super) mod article {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "article")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub code: String,
        pub number: i32,
        pub latest_version: i32,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// `article_version`: what a version says. Append-only.
pub(super) mod version {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "article_version")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub article: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub version: i32,
        /// With a space before and after each code.
        pub topics: String,
        /// With a space before and after each code.
        pub districts: String,
        pub document: String,
        pub body: String,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// `article_state`: where a version is, and when it is in force.
pub(super) mod state {
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "article_state")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub article: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub version: i32,
        pub revision: i32,
        pub state: i16,
        pub owner_unit: Option<String>,
        pub in_force_from: Option<i64>,
        pub in_force_until: Option<i64>,
        pub review_at: Option<i64>,
        pub history: String,
    }

    #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Codes as a text in which each can be found with a space on both sides.
fn spaced(codes: &[String]) -> String {
    if codes.is_empty() { String::new() } else { format!(" {} ", codes.join(" ")) }
}

fn json(value: &impl serde::Serialize) -> Result<String, Fault> {
    serde_json::to_string(value).map_err(|error| Fault::internal(format!("an article: {error}")))
}

/// The row of what a version says.
pub(super) fn version_of(article: &Article) -> Result<version::ActiveModel, Fault> {
    Ok(version::ActiveModel {
        article: Set(article.key.article.clone()),
        version: Set(stored(article.key.version)),
        topics: Set(spaced(&article.content.topics)),
        districts: Set(spaced(&article.content.districts)),
        document: Set(json(&article.content)?),
        body: Set(article.content.body.clone()),
    })
}

/// The row of where a version is.
pub(super) fn state_of(article: &Article) -> Result<state::ActiveModel, Fault> {
    Ok(state::ActiveModel {
        article: Set(article.key.article.clone()),
        version: Set(stored(article.key.version)),
        revision: Set(stored(article.revision)),
        state: Set(article.state.stored()),
        owner_unit: Set(article.content.owner_unit.as_ref().map(|unit| unit.0.clone())),
        in_force_from: Set(article.in_force_from.map(|at| at.timestamp_micros())),
        in_force_until: Set(article.in_force_until.map(|at| at.timestamp_micros())),
        review_at: Set(article.content.review_at.map(|at| at.timestamp_micros())),
        history: Set(json(&article.history)?),
    })
}

/// The version of two rows; `document` and `body` are what it says.
pub(super) fn article_of(row: state::Model, document: &str, body: String) -> Result<Article, Fault> {
    let broken = |what: &dyn std::fmt::Display| {
        Fault::internal(format!("version {} of article {}: {what}", row.version, row.article))
    };
    let content: ArticleContent = serde_json::from_str(document).map_err(|error| broken(&error))?;
    Ok(Article {
        revision: row.revision.unsigned_abs(),
        state: ArticleState::of_stored(row.state).ok_or_else(|| broken(&"unknown state"))?,
        content: ArticleContent { body, ..content },
        in_force_from: row.in_force_from.map(instant).transpose()?,
        in_force_until: row.in_force_until.map(instant).transpose()?,
        history: serde_json::from_str(&row.history).map_err(|error| broken(&error))?,
        key: ArticleKey { version: row.version.unsigned_abs(), article: row.article },
    })
}
