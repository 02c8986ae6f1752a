//! Reads of versions: one, all of an article, and pages of a list.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait as _, Query, SelectStatement, SimpleExpr};
use sea_orm::{DbBackend, FromQueryResult, QueryOrder as _};

use super::article::{Article, ArticleKey, ArticleState};
use super::number::stored;
use super::reader::Reader;
use super::rows::{article_of, state, version};
use crate::desk::directory::units::row as unit;
use crate::platform::{Fault, Work};
use crate::ticket::{Instant, UnitCode};

/// A filter of versions; all conditions that are set must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ArticleFilter {
    /// In this state only; `None` for the versions that are in force.
    pub state: Option<ArticleState>,
    /// About this topic only.
    pub topic: Option<String>,
    /// That hold in this district, for it alone or for the whole city.
    pub district: Option<String>,
    /// Of this unit only.
    pub owner_unit: Option<UnitCode>,
    /// Without an owner, or whose owner is not active any more.
    pub is_ownerless: bool,
    /// Whose validity ends, or that are to be looked at again, before this instant.
    pub expiring_before: Option<Instant>,
    /// In force since before this instant, and not cited since.
    pub unused_since: Option<Instant>,
}

/// What a version says, without its body.
#[derive(Debug, FromQueryResult)]
struct ListedRow {
    article: String,
    version: i32,
    revision: i32,
    state: i16,
    owner_unit: Option<String>,
    in_force_from: Option<i64>,
    in_force_until: Option<i64>,
    review_at: Option<i64>,
    history: String,
    document: String,
}

impl ListedRow {
    fn read(self) -> Result<Article, Fault> {
        let row = state::Model {
            article: self.article,
            version: self.version,
            revision: self.revision,
            state: self.state,
            owner_unit: self.owner_unit,
            in_force_from: self.in_force_from,
            in_force_until: self.in_force_until,
            review_at: self.review_at,
            history: self.history,
        };
        article_of(row, &self.document, String::new())
    }
}

fn of_state(column: state::Column) -> Expr {
    Expr::col((state::Entity, column))
}

fn of_version(column: version::Column) -> Expr {
    Expr::col((version::Entity, column))
}

/// A version by its key.
pub(super) async fn find(db: &impl ConnectionTrait, key: &ArticleKey) -> Result<Option<Article>, Fault> {
    let id = (key.article.clone(), stored(key.version));
    let Some(row) = state::Entity::find_by_id(id.clone()).one(db).await? else { return Ok(None) };
    with_content(db, row).await.map(Some)
}

async fn with_content(db: &impl ConnectionTrait, row: state::Model) -> Result<Article, Fault> {
    let id = (row.article.clone(), row.version);
    let said = version::Entity::find_by_id(id).one(db).await?;
    let said =
        said.ok_or_else(|| Fault::internal(format!("a version of article {} is gone", row.article)))?;
    article_of(row, &said.document, said.body)
}

/// The version of an article that is in force at an instant.
pub(super) async fn in_force(
    db: &impl ConnectionTrait,
    article: &str,
    at: Instant,
) -> Result<Option<Article>, Fault> {
    let found = state::Entity::find()
        .filter(state::Column::Article.eq(article))
        .filter(in_force_at(at))
        .order_by_desc(state::Column::Version);
    match found.one(db).await? {
        Some(row) => with_content(db, row).await.map(Some),
        None => Ok(None),
    }
}

/// The last version of an article that a reader may read.
pub(super) async fn latest(
    db: &impl ConnectionTrait,
    article: &str,
    reader: &Reader,
) -> Result<Option<Article>, Fault> {
    let mut found = state::Entity::find()
        .filter(state::Column::Article.eq(article))
        .order_by_desc(state::Column::Version);
    if let Some(condition) = reader.condition() {
        found = found.filter(condition);
    }
    match found.one(db).await? {
        Some(row) => with_content(db, row).await.map(Some),
        None => Ok(None),
    }
}

/// The versions of an article that were published, without their bodies, oldest first. The caller has locked the
/// article.
pub(super) async fn published(work: &Work, article: &str) -> Result<Vec<Article>, Fault> {
    let mut query = list();
    query
        .and_where(of_state(state::Column::Article).eq(article))
        .and_where(of_state(state::Column::InForceFrom).is_not_null())
        .order_by((state::Entity, state::Column::Version), sea_orm::Order::Asc);
    rows(&work.tx, &query).await
}

/// The condition that a version is in force at an instant.
pub(super) fn in_force_at(at: Instant) -> SimpleExpr {
    let at = at.timestamp_micros();
    let until = of_state(state::Column::InForceUntil);
    of_state(state::Column::InForceFrom).lte(at).and(until.clone().is_null().or(until.gt(at)))
}

/// The versions of a list, without their bodies.
fn list() -> SelectStatement {
    let same = of_state(state::Column::Article)
        .equals((version::Entity, version::Column::Article))
        .and(of_state(state::Column::Version).equals((version::Entity, version::Column::Version)));
    let mut query = Query::select();
    for column in <state::Column as sea_orm::Iterable>::iter() {
        query.column((state::Entity, column));
    }
    query
        .column((version::Entity, version::Column::Document))
        .from(state::Entity)
        .inner_join(version::Entity, same);
    query
}

async fn rows(db: &impl ConnectionTrait, query: &SelectStatement) -> Result<Vec<Article>, Fault> {
    let statement = db.get_database_backend().build(query);
    ListedRow::find_by_statement(statement).all(db).await?.into_iter().map(ListedRow::read).collect()
}

/// A code in a column that has a space on both sides of each code. Codes hold no character with a meaning in `LIKE`
/// but those that their form refuses.
fn has_code(column: version::Column, code: &str) -> SimpleExpr {
    of_version(column).like(format!("% {code} %"))
}

fn is_ownerless() -> SimpleExpr {
    let of_unit = |column: unit::Column| Expr::col((unit::Entity, column));
    let active = Query::select()
        .column((unit::Entity, unit::Column::Code))
        .from(unit::Entity)
        .and_where(of_unit(unit::Column::Code).equals((state::Entity, state::Column::OwnerUnit)))
        .and_where(of_unit(unit::Column::IsActive).eq(true))
        .to_owned();
    Expr::exists(active).not()
}

/// Whether no answer has cited a version at an instant or later. The rows are the ledger's.
fn is_unused_since(since: Instant) -> SimpleExpr {
    let since = since.timestamp_micros();
    Expr::cust(format!(
        "NOT EXISTS (SELECT 1 FROM article_citation AS cited WHERE cited.article = article_state.article \
         AND cited.version = article_state.version AND cited.cited_at >= {since})"
    ))
}

/// The statement of a page.
pub(super) fn page_statement(
    backend: DbBackend,
    (filter, reader): (&ArticleFilter, &Reader),
    now: Instant,
    after: Option<&ArticleKey>,
    limit: u64,
) -> sea_orm::Statement {
    let mut query = list();
    match filter.state {
        Some(state) => query.and_where(of_state(state::Column::State).eq(state.stored())),
        None => query.and_where(in_force_at(now)),
    };
    if let Some(condition) = reader.condition() {
        query.and_where(condition);
    }
    if let Some(topic) = &filter.topic {
        query.and_where(has_code(version::Column::Topics, topic));
    }
    if let Some(district) = &filter.district {
        let whole_city = of_version(version::Column::Districts).eq("");
        query.and_where(whole_city.or(has_code(version::Column::Districts, district)));
    }
    if let Some(unit) = &filter.owner_unit {
        query.and_where(of_state(state::Column::OwnerUnit).eq(unit.as_str()));
    }
    if filter.is_ownerless {
        query.and_where(is_ownerless());
    }
    if let Some(before) = filter.expiring_before {
        let before = before.timestamp_micros();
        let expires = of_state(state::Column::InForceUntil).lt(before);
        query.and_where(expires.or(of_state(state::Column::ReviewAt).lt(before)));
    }
    if let Some(since) = filter.unused_since {
        query.and_where(of_state(state::Column::InForceFrom).lt(since.timestamp_micros()));
        query.and_where(is_unused_since(since));
    }
    if let Some(after) = after {
        let key = [of_state(state::Column::Article), of_state(state::Column::Version)];
        let last = [Expr::val(after.article.as_str()), Expr::val(stored(after.version))];
        query.and_where(Expr::tuple(key).gt(Expr::tuple(last)));
    }
    query
        .order_by((state::Entity, state::Column::Article), sea_orm::Order::Asc)
        .order_by((state::Entity, state::Column::Version), sea_orm::Order::Asc)
        .limit(limit);
    backend.build(&query)
}

/// Versions by code and version, after a key, without their bodies, at most `limit`.
///
/// # Errors
/// If the database refuses, or a row can't be read.
pub(super) async fn page(
    db: &impl ConnectionTrait,
    asked: (&ArticleFilter, &Reader),
    now: Instant,
    after: Option<&ArticleKey>,
    limit: u64,
) -> Result<Vec<Article>, Fault> {
    let statement = page_statement(db.get_database_backend(), asked, now, after, limit);
    ListedRow::find_by_statement(statement).all(db).await?.into_iter().map(ListedRow::read).collect()
}
