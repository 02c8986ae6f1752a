//! `PutSeat`: adds a seat, or replaces the one with its code. The agent who sits there stays, unless the seat becomes
//! inactive.

use hotline_proto::v1::ErrorReason;
use prost::Message;
use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use serde_json::json;

use super::board::Board;
use super::model::{Seat, SeatSetup, SeatStatus};
use super::put_skill::check_etag;
use super::rows::{self, seat, seat_skill, skill};
use super::{Seats, due_work};
use crate::access::Permit;
use crate::audit_log::records;
use crate::platform::Fault;
use crate::platform::idempotency::RequestKey;

impl Seats {
    /// Puts a seat, once per request; `answer` makes the answer, which is recorded.
    ///
    /// # Errors
    /// `ETAG_STALE`, `SKILL_UNKNOWN`, `SEAT_BUSY`, `REQUEST_ID_REUSED`, `UNAVAILABLE`.
    pub async fn put_seat<A: Message + Default + 'static>(
        &self,
        permit: &Permit,
        key: RequestKey,
        (setup, etag): (SeatSetup, Option<String>),
        answer: fn(&Seat) -> A,
    ) -> Result<A, Fault> {
        let input = (self.clone(), permit.clone(), setup, etag, answer);
        let put = self.store.run_once(&self.clock, key, input, async |work, input| {
            let (seats, permit, setup, etag, answer) = input;
            let board = Board::open(work, seats).await?;
            Ok(answer(&put_in(&board, permit, setup.clone(), etag.as_deref()).await?))
        });
        self.changes.announce(put.await)
    }
}

async fn put_in(
    board: &Board<'_>,
    permit: &Permit,
    mut setup: SeatSetup,
    given_etag: Option<&str>,
) -> Result<Seat, Fault> {
    let before = board.seat(&setup.code).await?;
    let version = before.as_ref().map(|before| before.setup.version);
    check_etag(given_etag, version, "seat", &setup.code)?;
    setup.version = version.unwrap_or(0) + 1;
    check_skills(board, &setup.skills).await?;
    write(board, &setup, before.is_some()).await?;
    put_skills(board, &setup).await?;
    if let Some(before) = before.filter(|before| before.principal.is_some() && !setup.is_active) {
        if before.call.is_some() {
            return Err(Fault::new(ErrorReason::SeatBusy).with("seat", setup.code));
        }
        board.sign_out(&before).await?;
    }
    let details =
        json!({ "version": setup.version, "is_active": setup.is_active, "is_training": setup.is_training });
    let (actor, subject) = (permit.actor(), format!("seat/{}", setup.code));
    records::record(board.work, &actor, permit.method().method, &subject, details).await?;
    due_work::run(board).await?;
    let found = board.seat(&setup.code).await?;
    found.ok_or_else(|| Fault::internal(format!("seat {} is gone while it is locked", setup.code)))
}

async fn write(board: &Board<'_>, setup: &SeatSetup, is_known: bool) -> Result<(), Fault> {
    let row = rows::setup_row(setup, board.revision);
    if is_known {
        seat::Entity::update(row).exec(&board.work.tx).await?;
        return Ok(());
    }
    let now = board.now.timestamp_micros();
    let row = seat::ActiveModel {
        principal: Set(None),
        status: Set(SeatStatus::SignedOut.stored()),
        break_reason: Set(0),
        since: Set(now),
        heartbeat_at: Set(now),
        ..row
    };
    seat::Entity::insert(row).exec_without_returning(&board.work.tx).await?;
    Ok(())
}

/// # Errors
/// `SKILL_UNKNOWN` with each that is no active skill.
async fn check_skills(board: &Board<'_>, skills: &[String]) -> Result<(), Fault> {
    let known = skill::Entity::find()
        .filter(skill::Column::Code.is_in(skills.iter().map(String::as_str)))
        .filter(skill::Column::IsActive.eq(true));
    let known = known.all(&board.work.tx).await?;
    let unknown = skills.iter().enumerate().filter(|(_, code)| !known.iter().any(|row| row.code == **code));
    let mut refusal = Fault::new(ErrorReason::SkillUnknown);
    for (place, _) in unknown {
        refusal = refusal.at(format!("seat.skills[{place}]"), "is an active skill");
    }
    if refusal.violations.is_empty() { Ok(()) } else { Err(refusal) }
}

async fn put_skills(board: &Board<'_>, setup: &SeatSetup) -> Result<(), Fault> {
    let tx = &board.work.tx;
    seat_skill::Entity::delete_many()
        .filter(seat_skill::Column::Seat.eq(setup.code.as_str()))
        .filter(seat_skill::Column::Skill.is_not_in(setup.skills.iter().map(String::as_str)))
        .exec(tx)
        .await?;
    let rows = setup
        .skills
        .iter()
        .map(|skill| seat_skill::ActiveModel { skill: Set(skill.clone()), seat: Set(setup.code.clone()) });
    let key = OnConflict::columns([seat_skill::Column::Skill, seat_skill::Column::Seat])
        .update_column(seat_skill::Column::Seat)
        .to_owned();
    seat_skill::Entity::insert_many(rows).on_conflict(key).exec_without_returning(tx).await?;
    Ok(())
}
