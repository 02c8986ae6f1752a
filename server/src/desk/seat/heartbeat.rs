//! `Heartbeat`: the program of an agent is there. It waits for no decision: it writes the one column that no decision
//! writes without its agent.

use hotline_proto::v1::ErrorReason;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;

use super::Seats;
use super::model::Seat;
use super::read;
use super::rows::seat;
use crate::access::Permit;
use crate::platform::Fault;
use crate::ticket::Instant;

impl Seats {
    /// Renews the heartbeat of the caller's seat; returns the seat, and when an offer to it expires.
    ///
    /// # Errors
    /// `NOT_SIGNED_IN`; if the database refuses.
    pub async fn heartbeat(&self, permit: &Permit) -> Result<(Seat, Option<Instant>), Fault> {
        let principal = permit.principal().to_owned();
        self.store
            .run(&self.clock, principal, async |work, principal| {
                let renewed = seat::Entity::update_many()
                    .col_expr(seat::Column::HeartbeatAt, Expr::value(work.now().timestamp_micros()))
                    .filter(seat::Column::Principal.eq(principal.as_str()))
                    .exec(&work.tx)
                    .await?;
                if renewed.rows_affected == 0 {
                    return Err(Fault::new(ErrorReason::NotSignedIn));
                }
                let own = read::seat_of_agent(&work.tx, principal).await?;
                own.ok_or_else(|| Fault::new(ErrorReason::NotSignedIn))
            })
            .await
    }
}
