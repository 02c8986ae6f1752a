//! One decision about seats: it holds the lock on `seat_revision`, and reads and writes seats and calls under it.

use hotline_proto::v1::ErrorReason;
use sea_orm::Statement;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;

use super::Seats;
use super::figures;
use super::model::{BreakReason, Seat, SeatCall, SeatCallState, SeatStatus};
use super::rows::{self, seat, seat_call};
use crate::deadline::Rules;
use crate::platform::{Fault, Work};
use crate::ticket::{CallId, Instant};

/// Locks the row until the end of the transaction, and gives the decision its number.
const NEXT: &str = "UPDATE seat_revision SET revision = revision + 1 WHERE id = 1 RETURNING revision";

/// A decision in progress.
pub(super) struct Board<'w> {
    pub(super) work: &'w Work,
    pub(super) seats: &'w Seats,
    /// The policy and the calendar in force.
    pub(super) rules: Rules,
    /// The number of the decision, which everything that it changes gets.
    pub(super) revision: i64,
    pub(super) now: Instant,
}

impl<'w> Board<'w> {
    /// Waits for the decisions before it.
    pub(super) async fn open(work: &'w Work, seats: &'w Seats) -> Result<Self, Fault> {
        let next = Statement::from_string(work.tx.get_database_backend(), NEXT);
        let row = work.tx.query_one_raw(next).await?;
        let row = row.ok_or_else(|| Fault::internal("the row of seat_revision is missing"))?;
        let revision = row.try_get_by_index(0)?;
        // After the lock, so that a later decision has no earlier instant.
        let now = work.now();
        let rules = seats.rules.in_force(&work.tx, now).await?;
        Ok(Self { work, seats, rules, revision, now })
    }

    /// A seat by its code, with its call.
    pub(super) async fn seat(&self, code: &str) -> Result<Option<Seat>, Fault> {
        self.with_call(seat::Entity::find_by_id(code).one(&self.work.tx).await?).await
    }

    /// The seat where a principal is signed in.
    pub(super) async fn seat_of(&self, principal: &str) -> Result<Option<Seat>, Fault> {
        let found = seat::Entity::find().filter(seat::Column::Principal.eq(principal));
        self.with_call(found.one(&self.work.tx).await?).await
    }

    /// The seat where the caller is signed in; its heartbeat is renewed.
    ///
    /// # Errors
    /// `NOT_SIGNED_IN`.
    pub(super) async fn own_seat(&self, principal: &str) -> Result<Seat, Fault> {
        let own = self.seat_of(principal).await?;
        let own = own.ok_or_else(|| Fault::new(ErrorReason::NotSignedIn))?;
        self.renew_heartbeat(&own.setup.code).await?;
        Ok(own)
    }

    async fn with_call(&self, row: Option<seat::Model>) -> Result<Option<Seat>, Fault> {
        let Some(row) = row else { return Ok(None) };
        let mut found = rows::seat_of(row)?;
        let at_seat = seat_call::Entity::find().filter(seat_call::Column::Seat.eq(found.setup.code.as_str()));
        found.call = at_seat.one(&self.work.tx).await?.map(|call| CallId(call.call_id));
        Ok(Some(found))
    }

    /// Writes what the agent does, and counts what ends by it.
    pub(super) async fn put_seat(&self, changed: &Seat) -> Result<(), Fault> {
        if let Some(before) = figures::before(&self.work.tx, &changed.setup.code).await? {
            figures::count(self.work, &before, changed, self.now).await?;
        }
        seat::Entity::update(rows::status_row(changed, self.revision)).exec(&self.work.tx).await?;
        Ok(())
    }

    /// Says that the agent of a seat is there now.
    pub(super) async fn renew_heartbeat(&self, code: &str) -> Result<(), Fault> {
        seat::Entity::update_many()
            .col_expr(seat::Column::HeartbeatAt, Expr::value(self.now.timestamp_micros()))
            .filter(seat::Column::Code.eq(code))
            .exec(&self.work.tx)
            .await?;
        Ok(())
    }

    /// Sets what the agent of a seat does, from now on.
    pub(super) async fn set_status(
        &self,
        code: &str,
        status: SeatStatus,
        break_reason: Option<BreakReason>,
    ) -> Result<(), Fault> {
        let Some(found) = self.seat(code).await? else { return Ok(()) };
        // An agent who was signed out meanwhile stays so.
        if found.principal.is_none() {
            return Ok(());
        }
        self.put_seat(&Seat { status, break_reason, since: self.now, ..found }).await
    }

    /// Takes an offer back from a seat, which is ready as long as before.
    pub(super) async fn take_back_offer(&self, code: &str) -> Result<(), Fault> {
        let Some(found) = self.seat(code).await? else { return Ok(()) };
        if found.status != SeatStatus::Offered {
            return Ok(());
        }
        self.put_seat(&Seat { status: SeatStatus::Ready, ..found }).await
    }

    /// Signs the agent of a seat out. An offer goes back to the queue; a call that the agent speaks on stays at the
    /// seat until it ends.
    pub(super) async fn sign_out(&self, found: &Seat) -> Result<Seat, Fault> {
        if found.status == SeatStatus::Offered
            && let Some(call) = &found.call
            && let Some(mut call) = self.call(call).await?
        {
            call.leave_seat(SeatCallState::Waiting);
            self.put_call(&call).await?;
        }
        let (status, since) = (SeatStatus::SignedOut, self.now);
        let call = found.call.clone().filter(|_| found.status != SeatStatus::Offered);
        let out = Seat { principal: None, status, break_reason: None, since, call, ..found.clone() };
        self.put_seat(&out).await?;
        Ok(out)
    }

    /// Where a call stands; `None` if it never arrived here.
    pub(super) async fn call(&self, id: &CallId) -> Result<Option<SeatCall>, Fault> {
        seat_call::Entity::find_by_id(id.0.as_str()).one(&self.work.tx).await?.map(rows::call_of).transpose()
    }

    /// Writes a call that has just arrived.
    pub(super) async fn add_call(&self, call: &SeatCall) -> Result<(), Fault> {
        let row = rows::call_row(call, self.revision);
        seat_call::Entity::insert(row).exec_without_returning(&self.work.tx).await?;
        Ok(())
    }

    /// Writes where a call stands now.
    pub(super) async fn put_call(&self, call: &SeatCall) -> Result<(), Fault> {
        seat_call::Entity::update(rows::call_row(call, self.revision)).exec(&self.work.tx).await?;
        Ok(())
    }

    /// A call as the decision leaves it, with its place in the queue.
    ///
    /// # Errors
    /// If the database refuses.
    pub(super) async fn outcome(&self, id: &CallId) -> Result<Option<SeatCall>, Fault> {
        let Some(mut call) = self.call(id).await? else { return Ok(None) };
        if call.state == SeatCallState::Waiting {
            let before = seat_call::Entity::find()
                .filter(seat_call::Column::State.eq(SeatCallState::Waiting.stored()))
                .filter(seat_call::Column::Skill.eq(call.skill.as_str()))
                .filter(seat_call::Column::Arrival.lte(call.arrival));
            call.position = u32::try_from(before.count(&self.work.tx).await?).unwrap_or(u32::MAX);
        }
        Ok(Some(call))
    }
}
