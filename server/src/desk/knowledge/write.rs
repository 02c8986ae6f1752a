//! Writes of versions. Every write locks its article first, so that versions come and go one after the other.

use sea_orm::ActiveValue::Unchanged;
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, QuerySelect as _};
use serde_json::json;

use super::article::{Article, ArticleKey, not_found};
use super::number::stored;
use super::read;
use super::rows::{self, article, state, version};
use crate::access::Permit;
use crate::audit_log::records;
use crate::platform::{Fault, Work};

/// Locks an article until the unit of work ends; returns the number of its last version.
///
/// # Errors
/// Refusals of the database.
pub(super) async fn lock(work: &Work, code: &str) -> Result<Option<u32>, Fault> {
    let locked = article::Entity::find_by_id(code).lock_exclusive().one(&work.tx).await?;
    Ok(locked.map(|row| row.latest_version.unsigned_abs()))
}

/// Locks an article, and reads one of its versions.
///
/// # Errors
/// `ARTICLE_NOT_FOUND`.
pub(super) async fn lock_version(work: &Work, key: &ArticleKey) -> Result<Article, Fault> {
    lock(work, &key.article).await?.ok_or_else(|| not_found(&key.article))?;
    let found = read::find(&work.tx, key).await?;
    found.ok_or_else(|| not_found(&key.article).with("version", key.version.to_string()))
}

/// Adds a version to a locked article, or a new article with its first version.
///
/// # Errors
/// Refusals of the database; a conflict if the same article is made at the same time.
pub(super) async fn add(work: &Work, one: &Article) -> Result<(), Fault> {
    let (code, latest) = (one.key.article.clone(), stored(one.key.version));
    if one.key.version == 1 {
        let last: Option<Option<i32>> = article::Entity::find()
            .select_only()
            .column_as(article::Column::Number.max(), "last")
            .into_tuple()
            .one(&work.tx)
            .await?;
        let number = last.flatten().unwrap_or_default() + 1;
        let row = article::ActiveModel { code: Set(code), number: Set(number), latest_version: Set(latest) };
        article::Entity::insert(row).exec_without_returning(&work.tx).await?;
    } else {
        article::Entity::update_many()
            .col_expr(article::Column::LatestVersion, latest.into())
            .filter(article::Column::Code.eq(code))
            .exec(&work.tx)
            .await?;
    }
    version::Entity::insert(rows::version_of(one)?).exec_without_returning(&work.tx).await?;
    state::Entity::insert(rows::state_of(one)?).exec_without_returning(&work.tx).await?;
    Ok(())
}

/// Stores where a version is now, as its next revision.
///
/// # Errors
/// Refusals of the database.
pub(super) async fn update(work: &Work, mut one: Article) -> Result<Article, Fault> {
    one.revision += 1;
    let mut row = rows::state_of(&one)?;
    row.article = Unchanged(one.key.article.clone());
    row.version = Unchanged(stored(one.key.version));
    state::Entity::update(row).exec(&work.tx).await?;
    Ok(one)
}

/// Records a change of a version in the audit log, in the unit of work that made it.
///
/// # Errors
/// Refusals of the database.
pub(super) async fn record(work: &Work, permit: &Permit, one: &Article) -> Result<(), Fault> {
    let subject = format!("article/{}", one.key.article);
    let details = json!({ "version": one.key.version, "state": one.state.name() });
    records::record(work, &permit.actor(), permit.method().method, &subject, details).await
}
