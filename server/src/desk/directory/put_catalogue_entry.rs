//! `PutCatalogueEntry`: makes a unit responsible for a topic in a district from an instant on. An entry is never
//! changed; the entry in force ends where a new one begins.

use hotline_proto::v1::ErrorReason;
use prost::Message;
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder as _, QuerySelect as _};
use serde_json::json;

use super::catalogue::{self, CatalogueEntry, row};
use super::unit_set::UnitSet;
use super::{Directory, topics};
use crate::access::Permit;
use crate::audit_log::records;
use crate::platform::idempotency::RequestKey;
use crate::platform::{Fault, Work, failpoint};

impl Directory {
    /// Puts an entry, once per request; `answer` makes the answer, which is recorded.
    ///
    /// # Errors
    /// Those of [`put`], `REQUEST_ID_REUSED`, `UNAVAILABLE`.
    pub async fn put_catalogue_entry<A: Message + Default + 'static>(
        &self,
        permit: &Permit,
        key: RequestKey,
        entry: CatalogueEntry,
        answer: fn(&CatalogueEntry) -> A,
    ) -> Result<A, Fault> {
        self.store
            .run_once(&self.clock, key, (permit.clone(), entry, answer), async |work, input| {
                let (permit, entry, answer) = input;
                Ok(answer(&put_in(work, permit, entry.clone()).await?))
            })
            .await
    }
}

async fn put_in(work: &Work, permit: &Permit, entry: CatalogueEntry) -> Result<CatalogueEntry, Fault> {
    let entry = put(work, entry).await?;
    let from = entry.effective_from.timestamp_micros();
    let details = json!({ "district": entry.district, "unit": entry.unit, "from": from });
    let (actor, method) = (permit.actor(), permit.method().method);
    records::record(work, &actor, method, &format!("catalogue/{}", entry.topic), details).await?;
    Ok(entry)
}

/// Puts an entry. It replaces the one in force at its start, and ends where the next one begins.
///
/// # Errors
/// `UNIT_UNKNOWN`; `INVALID_FIELDS` for a topic that is no leaf.
pub async fn put(work: &Work, mut entry: CatalogueEntry) -> Result<CatalogueEntry, Fault> {
    use row::Column;

    failpoint::reach("directory.write").await?;
    let known = UnitSet::hold(&work.tx, vec![entry.unit.clone()]).await?;
    let known = known.check([("entry.unit".to_owned(), &entry.unit)]);
    // The topic's row is locked, so that changes of its entries run one after the other.
    let topic = topics::row::Entity::find_by_id(entry.topic.as_str()).lock_exclusive().one(&work.tx).await?;
    let Some(topic) = topic else {
        let wrong =
            Fault::new(ErrorReason::InvalidFields).at("entry.topic", "no such leaf of the topic tree");
        return Err(wrong.and(known));
    };
    known?;
    let topic = topics::topic_of(topic)?;
    if !topic.is_in_force(entry.effective_from) && topic.effective_until.is_some() {
        return Err(topics::not_in_force("entry.topic", &topic.code, topic.successor.as_deref()));
    }
    let district = entry.district.clone().unwrap_or_default();
    let beside = row::Entity::find()
        .filter(Column::Topic.eq(entry.topic.as_str()))
        .filter(Column::District.eq(district.as_str()));
    let from = entry.effective_from.timestamp_micros();
    let next = beside.clone().filter(Column::EffectiveFrom.gt(from)).order_by_asc(Column::EffectiveFrom);
    let next = next.one(&work.tx).await?;
    entry.effective_until = next.map(|next| catalogue::instant(next.effective_from)).transpose()?;
    let previous = beside.filter(Column::EffectiveFrom.lt(from)).order_by_desc(Column::EffectiveFrom);
    if let Some(previous) = previous.one(&work.tx).await? {
        let mut previous: row::ActiveModel = previous.into();
        previous.effective_until = Set(Some(from));
        row::Entity::update(previous).exec(&work.tx).await?;
    }
    let same = (entry.topic.clone(), district, from);
    row::Entity::delete_by_id(same).exec(&work.tx).await?;
    row::Entity::insert(catalogue::row_of(&entry)).exec_without_returning(&work.tx).await?;
    Ok(entry)
}
