//! `PutSkill`: adds a skill, or replaces the one with its code.

use hotline_proto::v1::ErrorReason;
use prost::Message;
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use serde_json::json;

use super::Seats;
use super::board::Board;
use super::model::{Skill, etag};
use super::rows::{self, skill};
use crate::access::Permit;
use crate::audit_log::records;
use crate::platform::Fault;
use crate::platform::idempotency::RequestKey;

impl Seats {
    /// Puts a skill, once per request; `answer` makes the answer, which is recorded.
    ///
    /// # Errors
    /// `ETAG_STALE`, `REQUEST_ID_REUSED`, `UNAVAILABLE`.
    pub async fn put_skill<A: Message + Default + 'static>(
        &self,
        permit: &Permit,
        key: RequestKey,
        (skill, etag): (Skill, Option<String>),
        answer: fn(&Skill) -> A,
    ) -> Result<A, Fault> {
        let input = (self.clone(), permit.clone(), skill, etag, answer);
        self.store
            .run_once(&self.clock, key, input, async |work, input| {
                let (seats, permit, skill, etag, answer) = input;
                let board = Board::open(work, seats).await?;
                Ok(answer(&put_in(&board, permit, skill.clone(), etag.as_deref()).await?))
            })
            .await
    }
}

async fn put_in(
    board: &Board<'_>,
    permit: &Permit,
    mut put: Skill,
    given_etag: Option<&str>,
) -> Result<Skill, Fault> {
    let tx = &board.work.tx;
    let before = skill::Entity::find_by_id(put.code.as_str()).one(tx).await?;
    let version = before.as_ref().map(|before| before.version.unsigned_abs());
    check_etag(given_etag, version, "skill", &put.code)?;
    put.version = version.unwrap_or(0) + 1;
    let row = skill::ActiveModel {
        code: Set(put.code.clone()),
        name: Set(put.name.clone()),
        name_en: Set(put.name_en.clone()),
        is_active: Set(put.is_active),
        version: Set(rows::version_number(put.version)),
    };
    if before.is_some() {
        skill::Entity::update(row).exec(tx).await?;
    } else {
        skill::Entity::insert(row).exec_without_returning(tx).await?;
    }
    let details = json!({ "version": put.version, "is_active": put.is_active });
    let (actor, subject) = (permit.actor(), format!("skill/{}", put.code));
    records::record(board.work, &actor, permit.method().method, &subject, details).await?;
    Ok(put)
}

/// Checks the etag that a caller has read, if it wants to be sure.
///
/// # Errors
/// `ETAG_STALE`.
pub(super) fn check_etag(
    given: Option<&str>,
    version: Option<u32>,
    what: &str,
    code: &str,
) -> Result<(), Fault> {
    if given.is_none() || given.map(str::to_owned) == version.map(etag) {
        return Ok(());
    }
    Err(Fault::new(ErrorReason::EtagStale).with(what, code))
}
