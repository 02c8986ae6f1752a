//! `PutRoster`: adds a roster, or replaces the one with its code.

use hotline_proto::v1::ErrorReason;
use prost::Message;
use sea_orm::QuerySelect as _;
use sea_orm::entity::prelude::*;
use serde_json::json;

use super::Rosters;
use super::model::Roster;
use super::rows::{self, PER_UNIT_MAX, roster};
use crate::access::Permit;
use crate::audit_log::records;
use crate::desk::directory::{UnitSet, topics};
use crate::platform::idempotency::RequestKey;
use crate::platform::{Fault, Work};

impl Rosters {
    /// Puts a roster, once per request; `answer` makes the answer, which is recorded.
    ///
    /// # Errors
    /// `ETAG_STALE`, `UNIT_UNKNOWN`, `REQUEST_ID_REUSED`, `UNAVAILABLE`; `INVALID_FIELDS` for a topic that is no leaf,
    /// or if the unit would have too many rosters.
    pub async fn put_roster<A: Message + Default + 'static>(
        &self,
        permit: &Permit,
        key: RequestKey,
        (roster, etag): (Roster, Option<String>),
        answer: fn(&Roster) -> A,
    ) -> Result<A, Fault> {
        let input = (permit.clone(), roster, etag, answer);
        self.store
            .run_once(&self.clock, key, input, async |work, input| {
                let (permit, roster, etag, answer) = input;
                Ok(answer(&put_in(work, permit, roster.clone(), etag.as_deref()).await?))
            })
            .await
    }
}

async fn put_in(
    work: &Work,
    permit: &Permit,
    mut put: Roster,
    given_etag: Option<&str>,
) -> Result<Roster, Fault> {
    let units = UnitSet::hold(&work.tx, vec![put.unit.clone()]).await?;
    units.check([("roster.unit".to_owned(), &put.unit)])?;
    check_topics(work, &put.topics).await?;
    let before = roster::Entity::find_by_id(put.code.as_str()).lock_exclusive().one(&work.tx).await?;
    let before = before.map(rows::roster_of);
    if given_etag.is_some() && before.as_ref().map(Roster::etag).as_deref() != given_etag {
        return Err(Fault::new(ErrorReason::EtagStale).with("roster", &put.code));
    }
    let beside = roster::Entity::find()
        .filter(roster::Column::Unit.eq(put.unit.as_str()))
        .filter(roster::Column::Code.ne(put.code.as_str()));
    if beside.count(&work.tx).await? >= PER_UNIT_MAX {
        let most = format!("at most {PER_UNIT_MAX} rosters of one unit exist");
        return Err(Fault::invalid_fields().at("roster.unit", most));
    }
    put.version = before.as_ref().map_or(0, |before| before.version) + 1;
    if before.is_some() {
        roster::Entity::update(rows::roster_row(&put)).exec(&work.tx).await?;
    } else {
        roster::Entity::insert(rows::roster_row(&put)).exec_without_returning(&work.tx).await?;
    }
    let details = json!({
        "version": put.version,
        "unit": put.unit,
        "topics": put.topics.len(),
        "is_active": put.is_active,
    });
    let (actor, subject) = (permit.actor(), format!("roster/{}", put.code));
    records::record(work, &actor, permit.method().method, &subject, details).await?;
    Ok(put)
}

async fn check_topics(work: &Work, codes: &[String]) -> Result<(), Fault> {
    let known = topics::known(&work.tx, codes).await?;
    let unknown = codes.iter().enumerate().filter(|(_, code)| !known.contains(code));
    let fault = unknown.fold(Fault::invalid_fields(), |fault, (place, _)| {
        fault.at(format!("roster.topics[{place}]"), "no such leaf of the topic tree")
    });
    if fault.violations.is_empty() { Ok(()) } else { Err(fault) }
}
