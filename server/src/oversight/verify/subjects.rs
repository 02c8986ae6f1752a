//! The audit records: one chain for each subject.

use std::collections::BTreeMap;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Query;
use sea_orm::{QueryOrder as _, QuerySelect as _};

use super::chain_walk::{ChainWalk, KnownHead};
use super::finding::{Finding, FindingKind, FindingPlace};
use super::part_report::PartReport;
use crate::audit_log::hash_chain;
use crate::audit_log::rows::{audit_record as row, checkpoint_entry, pending_head};
use crate::platform::hashing::Link;
use crate::platform::{Fault, Store};

#[derive(Default)]
struct StoredSubject {
    records: Vec<row::Model>,
    covered: Vec<KnownHead>,
    pending: Vec<KnownHead>,
}

/// Verifies at most `limit` subjects after one; returns where the next ones begin, `None` after the last. With the last
/// ones it looks for missing subjects that checkpoints cover.
///
/// # Errors
/// If the database can't be reached.
pub async fn subjects(store: &Store, after: &str, limit: u64) -> Result<(PartReport, Option<String>), Fault> {
    let snapshot = store.snapshot().await?;
    let names: Vec<String> = row::Entity::find()
        .select_only()
        .column(row::Column::Subject)
        .filter(row::Column::Subject.gt(after))
        .group_by(row::Column::Subject)
        .order_by_asc(row::Column::Subject)
        .limit(limit)
        .into_tuple()
        .all(&snapshot)
        .await?;
    let mut stored: BTreeMap<String, StoredSubject> = BTreeMap::new();
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
    let (mut covered, mut pending) = (
        sea_orm::Condition::any().add(checkpoint_entry::Column::Subject.is_in(&names)),
        sea_orm::Condition::any().add(pending_head::Column::Subject.is_in(&names)),
    );
    if next.is_none() {
        covered = covered.add(checkpoint_entry::Column::Subject.not_in_subquery(all.clone()));
        pending = pending.add(pending_head::Column::Subject.not_in_subquery(all));
    }
    let covered =
        checkpoint_entry::Entity::find().filter(checkpoint_entry::Column::TicketNumber.eq(0)).filter(covered);
    for row in covered.order_by_asc(checkpoint_entry::Column::CheckpointNumber).all(&snapshot).await? {
        stored.entry(row.subject).or_default().covered.push((row.sequence, Link::of(&row.hash)));
    }
    let pending =
        pending_head::Entity::find().filter(pending_head::Column::TicketNumber.eq(0)).filter(pending);
    for row in pending.order_by_asc(pending_head::Column::Sequence).all(&snapshot).await? {
        stored.entry(row.subject).or_default().pending.push((row.sequence, Link::of(&row.hash)));
    }
    snapshot.rollback().await?;
    let chains = stored.len() as u64;
    let findings = stored.into_iter().flat_map(|(subject, stored)| findings(&subject, &stored)).collect();
    Ok((PartReport { chains, links, findings, ..PartReport::default() }, next))
}

fn findings(subject: &str, stored: &StoredSubject) -> Vec<Finding> {
    if stored.records.is_empty() {
        return vec![Finding::new(FindingPlace::Subject(subject.to_owned()), FindingKind::Missing)];
    }
    let mut walk = ChainWalk::begin();
    for record in &stored.records {
        let compute = |suite, before: &Link| hash_chain::record(suite, before, &record.cells());
        walk.step(record.sequence, &record.hash, compute);
    }
    walk.end(&stored.covered, &stored.pending);
    let place = |from, to| FindingPlace::Records(subject.to_owned(), from, to);
    walk.errors.into_iter().map(|(from, to, kind)| Finding::new(place(from, to), kind)).collect()
}
