//! `PutShift`: adds a shift, or replaces the one with its code. There are few, because every new call reads them.

use prost::Message;
use sea_orm::entity::prelude::*;
use serde_json::json;

use super::Seats;
use super::board::Board;
use super::model::Shift;
use super::put_skill::check_etag;
use super::rows::{self, shift};
use crate::access::Permit;
use crate::audit_log::records;
use crate::platform::Fault;
use crate::platform::idempotency::RequestKey;

/// Shifts at most.
pub(super) const SHIFTS_MAX: u64 = 64;

impl Seats {
    /// Puts a shift, once per request; `answer` makes the answer, which is recorded.
    ///
    /// # Errors
    /// `ETAG_STALE`, `REQUEST_ID_REUSED`, `UNAVAILABLE`; `INVALID_FIELDS` if there would be too many.
    pub async fn put_shift<A: Message + Default + 'static>(
        &self,
        permit: &Permit,
        key: RequestKey,
        (shift, etag): (Shift, Option<String>),
        answer: fn(&Shift) -> A,
    ) -> Result<A, Fault> {
        let input = (self.clone(), permit.clone(), shift, etag, answer);
        self.store
            .run_once(&self.clock, key, input, async |work, input| {
                let (seats, permit, shift, etag, answer) = input;
                let board = Board::open(work, seats).await?;
                Ok(answer(&put_in(&board, permit, shift.clone(), etag.as_deref()).await?))
            })
            .await
    }
}

async fn put_in(
    board: &Board<'_>,
    permit: &Permit,
    mut put: Shift,
    given_etag: Option<&str>,
) -> Result<Shift, Fault> {
    let tx = &board.work.tx;
    let before = shift::Entity::find_by_id(put.code.as_str()).one(tx).await?;
    let version = before.map(|before| before.version.unsigned_abs());
    check_etag(given_etag, version, "shift", &put.code)?;
    put.version = version.unwrap_or(0) + 1;
    if version.is_some() {
        shift::Entity::update(rows::shift_row(&put)).exec(tx).await?;
    } else {
        if shift::Entity::find().count(tx).await? >= SHIFTS_MAX {
            return Err(
                Fault::invalid_fields().at("shift.code", format!("at most {SHIFTS_MAX} shifts exist"))
            );
        }
        shift::Entity::insert(rows::shift_row(&put)).exec_without_returning(tx).await?;
    }
    let details = json!({ "version": put.version, "is_active": put.is_active });
    let (actor, subject) = (permit.actor(), format!("shift/{}", put.code));
    records::record(board.work, &actor, permit.method().method, &subject, details).await?;
    Ok(put)
}
