//! `ListAffectedAnswers`: the answers that cited a version that is not in force any more: it was replaced, retired, or
//! its validity ended. Somebody has to see whether the company must be told.

use sea_orm::{ConnectionTrait, FromQueryResult, Statement, Value};

use super::KnowledgeBase;
use super::article::ArticleKey;
use super::number::stored;
use crate::platform::Fault;
use crate::ticket::{Instant, TicketNumber, columns};

/// An answer that cited a version that is not in force any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AffectedAnswer {
    /// The cited version.
    pub key: ArticleKey,
    /// The ticket that was answered.
    pub ticket: TicketNumber,
    /// When.
    pub cited_at: Instant,
    /// When the version ended.
    pub ended_at: Instant,
    /// The version that is in force now, if there is one.
    pub current_version: Option<u32>,
}

/// Which answers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AffectedFilter {
    /// That cited this article only.
    pub article: Option<String>,
    /// Given at this instant or later.
    pub answered_from: Option<Instant>,
}

/// The position after which a page begins: the cited version, when it was cited in microseconds, and the ticket.
pub type AffectedCursor = (ArticleKey, i64, i64);

#[derive(Debug, FromQueryResult)]
struct Row {
    article: String,
    version: i32,
    cited_at: i64,
    ticket_number: i64,
    in_force_until: i64,
    current_version: Option<i32>,
}

impl Row {
    fn read(self) -> Result<AffectedAnswer, Fault> {
        Ok(AffectedAnswer {
            key: ArticleKey { article: self.article, version: self.version.unsigned_abs() },
            ticket: columns::number(self.ticket_number)?,
            cited_at: columns::instant(self.cited_at)?,
            ended_at: columns::instant(self.in_force_until)?,
            current_version: self.current_version.map(i32::unsigned_abs),
        })
    }
}

impl KnowledgeBase {
    /// The answers after a cursor by article, version and time, at most `limit`. Staff read every ticket.
    ///
    /// # Errors
    /// If the database refuses, or a row can't be read.
    pub async fn list_affected_answers(
        &self,
        filter: &AffectedFilter,
        after: Option<&AffectedCursor>,
        limit: u64,
    ) -> Result<Vec<AffectedAnswer>, Fault> {
        let db = self.store.reader();
        let statement = statement(db, filter, after, self.clock.now(), limit);
        Row::find_by_statement(statement).all(db).await?.into_iter().map(Row::read).collect()
    }
}

/// Both tables are read in the order of their primary keys, so a page reads the versions that ended and no citation of
/// another one.
fn statement(
    db: &impl ConnectionTrait,
    filter: &AffectedFilter,
    after: Option<&AffectedCursor>,
    now: Instant,
    limit: u64,
) -> Statement {
    let mut values: Vec<Value> = vec![now.timestamp_micros().into()];
    let mut conditions = vec!["ended.in_force_until <= $1".to_owned()];
    let mut condition = |sql: &str, value: Value| {
        values.push(value);
        conditions.push(sql.replace('?', &format!("${}", values.len())));
    };
    if let Some(article) = &filter.article {
        condition("ended.article = ?", article.as_str().into());
    }
    if let Some(from) = filter.answered_from {
        condition("cited.cited_at >= ?", from.timestamp_micros().into());
    }
    if let Some((key, cited_at, ticket)) = after {
        values.extend([key.article.as_str().into(), stored(key.version).into()] as [Value; 2]);
        values.extend([(*cited_at).into(), (*ticket).into()] as [Value; 2]);
        let [a, b, c, d] = [3, 2, 1, 0].map(|back| format!("${}", values.len() - back));
        conditions.push(format!(
            "(ended.article, ended.version) >= ({a}, {b}) AND \
             (cited.article, cited.version, cited.cited_at, cited.ticket_number) > ({a}, {b}, {c}, {d})"
        ));
    }
    let sql = format!(
        "SELECT cited.article, cited.version, cited.cited_at, cited.ticket_number, ended.in_force_until, \
         (SELECT max(now.version) FROM article_state AS now WHERE now.article = ended.article \
         AND now.in_force_from <= $1 AND (now.in_force_until IS NULL OR now.in_force_until > $1)) AS current_version \
         FROM article_state AS ended JOIN article_citation AS cited \
         ON cited.article = ended.article AND cited.version = ended.version WHERE {} \
         ORDER BY cited.article, cited.version, cited.cited_at, cited.ticket_number LIMIT {limit}",
        conditions.join(" AND ")
    );
    Statement::from_sql_and_values(db.get_database_backend(), sql, values)
}
