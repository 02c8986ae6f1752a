//! Which versions a search looks at, and the versions that it has found.

use std::collections::{BTreeSet, HashMap};

use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder as _, QuerySelect as _};

use super::article::{Article, ArticleKey};
use super::number::stored;
use super::reader::Reader;
use super::rows::{article_of, state, version};
use crate::platform::Fault;
use crate::ticket::Instant;
use crate::ticket::columns::instant;

/// A version that may be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) key: ArticleKey,
    pub(super) is_in_force: bool,
    pub(super) review_at: Option<Instant>,
}

/// The columns that decide: article, version, when it is in force, and its review.
type Row = (String, i32, Option<i64>, Option<i64>, Option<i64>);

/// Of each article the version in force, or if there is none, the last one that the reader may read; by code.
///
/// # Errors
/// If the database refuses, or a row can't be read.
pub(super) async fn searchable(
    db: &impl ConnectionTrait,
    reader: &Reader,
    now: Instant,
    limit: u64,
) -> Result<Vec<Candidate>, Fault> {
    use state::Column;
    let mut query = state::Entity::find()
        .select_only()
        .columns([
            Column::Article,
            Column::Version,
            Column::InForceFrom,
            Column::InForceUntil,
            Column::ReviewAt,
        ])
        .order_by_asc(Column::Article)
        .order_by_desc(Column::Version)
        .limit(limit);
    if let Some(condition) = reader.condition() {
        query = query.filter(condition);
    }
    let rows: Vec<Row> = query.into_tuple().all(db).await?;
    rows.chunk_by(|a, b| a.0 == b.0).filter_map(|versions| chosen(versions, now).transpose()).collect()
}

/// The version of one article that is searched; the versions come with the last one first.
fn chosen(versions: &[Row], now: Instant) -> Result<Option<Candidate>, Fault> {
    let at = now.timestamp_micros();
    let is_in_force =
        |row: &&Row| row.2.is_some_and(|from| from <= at) && row.3.is_none_or(|until| at < until);
    let in_force = versions.iter().find(is_in_force);
    let Some(row) = in_force.or(versions.first()) else { return Ok(None) };
    let key = ArticleKey { article: row.0.clone(), version: row.1.unsigned_abs() };
    let review_at = row.4.map(instant).transpose()?;
    Ok(Some(Candidate { key, is_in_force: in_force.is_some(), review_at }))
}

/// These versions with their contents.
///
/// # Errors
/// If the database refuses, or a row can't be read.
pub(super) async fn with_contents(
    db: &impl ConnectionTrait,
    keys: &[ArticleKey],
) -> Result<HashMap<ArticleKey, Article>, Fault> {
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    // Few versions too many, which are left out below.
    let codes: BTreeSet<&str> = keys.iter().map(|key| key.article.as_str()).collect();
    let versions: BTreeSet<i32> = keys.iter().map(|key| stored(key.version)).collect();
    let said = version::Entity::find()
        .filter(version::Column::Article.is_in(codes.clone()))
        .filter(version::Column::Version.is_in(versions.clone()));
    let mut said: HashMap<(String, i32), version::Model> =
        said.all(db).await?.into_iter().map(|row| ((row.article.clone(), row.version), row)).collect();
    let states = state::Entity::find()
        .filter(state::Column::Article.is_in(codes))
        .filter(state::Column::Version.is_in(versions));
    let mut found = HashMap::new();
    for row in states.all(db).await? {
        let Some(said) = said.remove(&(row.article.clone(), row.version)) else { continue };
        let article = article_of(row, &said.document, said.body)?;
        found.insert(article.key.clone(), article);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn the_version_in_force_is_searched_or_else_the_last_one() {
        let now = Instant::UNIX_EPOCH + TimeDelta::days(10);
        let at = now.timestamp_micros();
        let row = |version, from, until| ("name".to_owned(), version, from, until, None);
        for (versions, version, is_in_force) in [
            (vec![row(3, None, None), row(2, Some(at - 1), None), row(1, Some(0), Some(at - 1))], 2, true),
            (vec![row(2, Some(at + 1), None), row(1, Some(0), Some(at + 1))], 1, true),
            (vec![row(2, None, None), row(1, Some(0), Some(at))], 2, false),
        ] {
            let found = chosen(&versions, now).expect("rows").expect("one of them");
            assert_eq!((found.key.version, found.is_in_force), (version, is_in_force), "{versions:?}");
        }
    }
}
