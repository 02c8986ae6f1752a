//! Audit records: actions that are no event of a ticket, and who did them. A record is written in the transaction of
//! the change that it describes, and is never changed. The records of one subject are a hash chain, whose head is put
//! under a checkpoint like those of tickets.

use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{QueryOrder as _, QuerySelect as _};

use super::hash_chain::{self, link_of};
use super::pending_heads;
use super::rows::audit_record as row;
use crate::platform::hashing::Link;
use crate::platform::{Fault, Work, failpoint};
use crate::ticket::columns::instant;
use crate::ticket::{Actor, Instant, UnitCode};

/// The subject of automatic actions.
pub const HOTLINE_SUBJECT: &str = "hotline";

/// A record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRecord {
    /// What it is about, for example `unit/dept-tax`.
    pub subject: String,
    /// 1 for the first of its subject, without gaps.
    pub sequence: u32,
    /// When.
    pub at: Instant,
    /// Who.
    pub actor: Actor,
    /// The method of the contract, or the name of an automatic action.
    pub method: String,
    /// The result, as a JSON object.
    pub details: String,
}

/// Records an action on a subject, in the unit of work that does it. The details give the result and hold no data about
/// a caller: no name, no number, no free text.
///
/// # Errors
/// A conflict if the same subject is recorded at the same time; if the database refuses.
pub async fn record(
    work: &Work,
    actor: &Actor,
    method: &str,
    subject: &str,
    mut details: serde_json::Value,
) -> Result<(), Fault> {
    failpoint::reach("audit.record").await?;
    if let (Some(via), Some(object)) = (&actor.via, details.as_object_mut()) {
        object.insert("via".to_owned(), via.as_str().into());
    }
    let last: Option<(i32, Vec<u8>)> = row::Entity::find()
        .select_only()
        .columns([row::Column::Sequence, row::Column::Hash])
        .filter(row::Column::Subject.eq(subject))
        .order_by_desc(row::Column::Sequence)
        .limit(1)
        .into_tuple()
        .one(&work.tx)
        .await?;
    let (sequence, before) = match last {
        Some((sequence, hash)) => (sequence + 1, link_of(&hash)?),
        None => (1, Link::NONE),
    };
    let mut record = row::Model {
        subject: subject.to_owned(),
        sequence,
        recorded_at: work.now().timestamp_micros(),
        principal: actor.principal.clone(),
        unit: actor.unit.as_ref().map(|unit| unit.0.clone()),
        method: method.to_owned(),
        details: details.to_string(),
        hash: Vec::new(),
    };
    let link = hash_chain::record(work.hash_suite(), &before, &record.cells());
    record.hash = link.as_bytes().to_vec();
    // If two record the same subject at once, one of them finds the other's key and is run again.
    let new = row::ActiveModel {
        subject: Set(record.subject),
        sequence: Set(record.sequence),
        recorded_at: Set(record.recorded_at),
        principal: Set(record.principal),
        unit: Set(record.unit),
        method: Set(record.method),
        details: Set(record.details),
        hash: Set(record.hash),
    };
    row::Entity::insert(new).exec_without_returning(&work.tx).await?;
    pending_heads::note(work, [(0, subject, sequence, &link)]).await
}

/// The number of records of a method that a principal has caused about a subject, at or after an instant.
///
/// # Errors
/// If the database refuses.
pub async fn count(
    db: &impl ConnectionTrait,
    subject: &str,
    principal: &str,
    method: &str,
    since: Instant,
) -> Result<u64, Fault> {
    let found = row::Entity::find()
        .filter(row::Column::Subject.eq(subject))
        .filter(row::Column::Principal.eq(principal))
        .filter(row::Column::Method.eq(method))
        .filter(row::Column::RecordedAt.gte(since.timestamp_micros()));
    Ok(found.count(db).await?)
}

/// A filter of records; all conditions that are set must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordFilter {
    /// About this subject.
    pub subject: Option<String>,
    /// By this principal.
    pub principal: Option<String>,
    /// Of this method.
    pub method: Option<String>,
    /// At or after this instant.
    pub from: Option<Instant>,
    /// Before this instant.
    pub before: Option<Instant>,
}

/// The key of the list order: instant in microseconds, subject, sequence.
pub type RecordKey = (i64, String, i32);

/// The records after one in the list, the newest first, at most `limit`.
///
/// # Errors
/// If the database refuses, or a row can't be read.
pub async fn list(
    db: &impl ConnectionTrait,
    filter: &RecordFilter,
    after: Option<RecordKey>,
    limit: u64,
) -> Result<Vec<AuditRecord>, Fault> {
    use row::Column;
    let mut query = row::Entity::find();
    for (column, wanted) in [
        (Column::Subject, &filter.subject),
        (Column::Principal, &filter.principal),
        (Column::Method, &filter.method),
    ] {
        if let Some(wanted) = wanted {
            query = query.filter(column.eq(wanted.as_str()));
        }
    }
    if let Some(from) = filter.from {
        query = query.filter(Column::RecordedAt.gte(from.timestamp_micros()));
    }
    if let Some(before) = filter.before {
        query = query.filter(Column::RecordedAt.lt(before.timestamp_micros()));
    }
    let key = [Column::RecordedAt, Column::Subject, Column::Sequence];
    if let Some((at, subject, sequence)) = after {
        let key = Expr::tuple(key.map(Expr::col));
        query = query.filter(key.lt(Expr::tuple([Expr::val(at), Expr::val(subject), Expr::val(sequence)])));
    }
    for column in key {
        query = query.order_by_desc(column);
    }
    query.limit(limit).all(db).await?.into_iter().map(record_of).collect()
}

fn record_of(row: row::Model) -> Result<AuditRecord, Fault> {
    Ok(AuditRecord {
        subject: row.subject,
        sequence: row.sequence.unsigned_abs(),
        at: instant(row.recorded_at)?,
        actor: Actor {
            principal: row.principal,
            unit: row.unit.map(UnitCode),
            via: Actor::via_of(&row.details)
                .map_err(|error| Fault::internal(format!("a record: {error}")))?,
        },
        method: row.method,
        details: row.details,
    })
}
