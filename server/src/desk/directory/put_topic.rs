//! `PutTopic`: adds a topic, or replaces the one with its code. A topic is never deleted, because tickets keep its
//! code; it is retired from an instant on, with a successor if there is one.

use chrono::{DateTime, Utc};
use hotline_proto::v1::ErrorReason;
use prost::Message;
use sea_orm::DbBackend;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait as _;
use serde_json::json;

use super::Directory;
use super::topics::{self, TOPICS_MAX, Topic, row};
use crate::access::Permit;
use crate::audit_log::records;
use crate::platform::idempotency::RequestKey;
use crate::platform::{Fault, Work, failpoint};

impl Directory {
    /// Puts a topic, once per request; `answer` makes the answer, which is recorded.
    ///
    /// # Errors
    /// Those of [`put`], `REQUEST_ID_REUSED`, `UNAVAILABLE`.
    pub async fn put_topic<A: Message + Default + 'static>(
        &self,
        permit: &Permit,
        key: RequestKey,
        (topic, etag): (Topic, Option<String>),
        answer: fn(&Topic) -> A,
    ) -> Result<A, Fault> {
        let input = (permit.clone(), topic, etag, answer);
        self.store
            .run_once(&self.clock, key, input, async |work, (permit, topic, etag, answer)| {
                let topic = put(work, topic.clone(), etag.as_deref()).await?;
                record(work, permit, &topic).await?;
                Ok(answer(&topic))
            })
            .await
    }
}

async fn record(work: &Work, permit: &Permit, topic: &Topic) -> Result<(), Fault> {
    let micros = |instant: Option<DateTime<Utc>>| instant.map(|instant| instant.timestamp_micros());
    let details = json!({
        "version": topic.version,
        "from": micros(topic.effective_from),
        "until": micros(topic.effective_until),
        "successor": topic.successor,
    });
    let (actor, method) = (permit.actor(), permit.method().method);
    records::record(work, &actor, method, &format!("topic/{}", topic.code), details).await
}

/// Adds a topic, or replaces the one with its code; returns it with its new version.
///
/// # Errors
/// `ETAG_STALE`; `TOPIC_NOT_IN_FORCE` for a successor that has an end; `INVALID_FIELDS` if it would stand under or
/// above another topic, if its successor is unknown or itself, or if there are too many topics.
pub async fn put(work: &Work, mut topic: Topic, etag: Option<&str>) -> Result<Topic, Fault> {
    failpoint::reach("directory.write").await?;
    if work.tx.get_database_backend() == DbBackend::Postgres {
        // The form of the tree and the chains of successors depend on more rows than this one.
        work.tx.execute_unprepared("LOCK TABLE topic IN SHARE ROW EXCLUSIVE MODE").await?;
    }
    let before = row::Entity::find_by_id(topic.code.as_str()).one(&work.tx).await?;
    let before = before.map(topics::topic_of).transpose()?;
    let present_etag = before.as_ref().map(Topic::etag);
    if etag.is_some() && etag != present_etag.as_deref() {
        return Err(Fault::new(ErrorReason::EtagStale).with("topic", topic.code.as_str()));
    }
    check_successor(work, &topic, before.as_ref()).await?;
    topic.version = before.as_ref().map_or(1, |before| before.version + 1);
    if before.is_some() {
        row::Entity::update(topics::row_of(&topic)).exec(&work.tx).await?;
    } else {
        check_place(work, &topic).await?;
        topic.effective_from = topic.effective_from.or(Some(work.now()));
        row::Entity::insert(topics::row_of(&topic)).exec_without_returning(&work.tx).await?;
    }
    Ok(topic)
}

/// A new successor is another topic that has no end. A topic that has no end has no successor, so no chain of
/// successors is a circle.
async fn check_successor(work: &Work, topic: &Topic, before: Option<&Topic>) -> Result<(), Fault> {
    let field = "topic.successor";
    let Some(successor) = &topic.successor else { return Ok(()) };
    if *successor == topic.code {
        return Err(Fault::invalid_fields().at(field, "is another topic"));
    }
    if before.is_some_and(|before| before.successor.as_ref() == Some(successor)) {
        return Ok(());
    }
    let found = row::Entity::find_by_id(successor.as_str()).one(&work.tx).await?;
    let Some(found) = found else {
        return Err(Fault::invalid_fields().at(field, "no such leaf of the topic tree"));
    };
    if found.effective_until.is_some() {
        return Err(topics::not_in_force(field, successor, found.successor.as_deref()));
    }
    Ok(())
}

/// Tickets are about leaves, so a new topic stands neither under nor above another one.
async fn check_place(work: &Work, topic: &Topic) -> Result<(), Fault> {
    use row::Column;
    let code = topic.code.as_str();
    let above: Vec<_> = code.match_indices('.').map(|(place, _)| &code[..place]).collect();
    let near = row::Entity::find()
        .filter(Column::Code.starts_with(format!("{code}.")).or(Column::Code.is_in(above)));
    if near.one(&work.tx).await?.is_some() {
        return Err(Fault::invalid_fields().at("topic.code", "stands neither under nor above another topic"));
    }
    if row::Entity::find().count(&work.tx).await? >= TOPICS_MAX {
        let wrong = format!("the directory has at most {TOPICS_MAX} topics");
        return Err(Fault::invalid_fields().at("topic.code", wrong));
    }
    Ok(())
}
