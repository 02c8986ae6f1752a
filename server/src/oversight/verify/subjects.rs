//! The records of the audit: one chain for each subject.

use std::collections::BTreeMap;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Query;
use sea_orm::{QueryOrder as _, QuerySelect as _};

use super::Verified;
use super::walk::{Noted, Walk};
use crate::ledger::audit::{HOTLINE_SUBJECT, row};
use crate::ledger::seals::{entry, unsealed};
use crate::platform::hashing::Link;
use crate::platform::{Fault, Store};
use crate::timeline::{Finding, Place, Wrong, chain};

/// When an adoption was over, by the method that records its end, if it is.
pub(super) async fn over_at(db: &impl ConnectionTrait, method: &str) -> Result<Option<i64>, Fault> {
    let found = row::Entity::find()
        .select_only()
        .column(row::Column::RecordedAt)
        .filter(row::Column::Subject.eq(HOTLINE_SUBJECT))
        .filter(row::Column::Method.eq(method))
        .order_by_asc(row::Column::Sequence)
        .limit(1);
    Ok(found.into_tuple().one(db).await?)
}

#[derive(Default)]
struct Stored {
    records: Vec<row::Model>,
    sealed: Vec<Noted>,
    waiting: Vec<Noted>,
}

/// Verifies at most `limit` subjects behind one; answers where the next ones begin, `None` behind the last. With the
/// last ones it looks for subjects that were sealed and are gone.
///
/// # Errors
/// Where the database can't be reached.
pub async fn subjects(store: &Store, behind: &str, limit: u64) -> Result<(Verified, Option<String>), Fault> {
    let snapshot = store.snapshot().await?;
    let names: Vec<String> = row::Entity::find()
        .select_only()
        .column(row::Column::Subject)
        .filter(row::Column::Subject.gt(behind))
        .group_by(row::Column::Subject)
        .order_by_asc(row::Column::Subject)
        .limit(limit)
        .into_tuple()
        .all(&snapshot)
        .await?;
    let mut stored: BTreeMap<String, Stored> = BTreeMap::new();
    let records = row::Entity::find()
        .filter(row::Column::Subject.is_in(&names))
        .order_by_asc(row::Column::Subject)
        .order_by_asc(row::Column::Sequence)
        .all(&snapshot)
        .await?;
    let links = records.len() as u64;
    for record in records {
        stored.entry(record.subject.clone()).or_default().records.push(record);
    }
    let next = names.last().filter(|_| names.len() as u64 == limit).cloned();
    let all = Query::select().distinct().column(row::Column::Subject).from(row::Entity).to_owned();
    let (mut sealed, mut waiting) = (
        sea_orm::Condition::any().add(entry::Column::Subject.is_in(&names)),
        sea_orm::Condition::any().add(unsealed::Column::Subject.is_in(&names)),
    );
    if next.is_none() {
        sealed = sealed.add(entry::Column::Subject.not_in_subquery(all.clone()));
        waiting = waiting.add(unsealed::Column::Subject.not_in_subquery(all));
    }
    let sealed = entry::Entity::find().filter(entry::Column::TicketNumber.eq(0)).filter(sealed);
    for row in sealed.order_by_asc(entry::Column::SealNumber).all(&snapshot).await? {
        stored.entry(row.subject).or_default().sealed.push((row.sequence, Link::of(&row.hash)));
    }
    let waiting = unsealed::Entity::find().filter(unsealed::Column::TicketNumber.eq(0)).filter(waiting);
    for row in waiting.order_by_asc(unsealed::Column::Sequence).all(&snapshot).await? {
        stored.entry(row.subject).or_default().waiting.push((row.sequence, Link::of(&row.hash)));
    }
    snapshot.rollback().await?;
    let chains = stored.len() as u64;
    let findings = stored.into_iter().flat_map(|(subject, stored)| findings(&subject, &stored)).collect();
    Ok((Verified { chains, links, findings, ..Verified::default() }, next))
}

fn findings(subject: &str, stored: &Stored) -> Vec<Finding> {
    if stored.records.is_empty() {
        return vec![Finding::new(Place::Subject(subject.to_owned()), Wrong::Missing)];
    }
    let mut walk = Walk::begin(0);
    for record in &stored.records {
        let compute = |suite, before: &Link| chain::record(suite, before, &record.cells());
        walk.step(record.sequence, Some(&record.hash), compute);
    }
    walk.end(&stored.sealed, &stored.waiting);
    let place = |from, to| Place::Records(subject.to_owned(), from, to);
    walk.faults.into_iter().map(|(from, to, wrong)| Finding::new(place(from, to), wrong)).collect()
}
