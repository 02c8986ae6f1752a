//! `ReleaseFollowUps`: an agent gives companies back before the lease ends.

use prost::Message;
use serde_json::json;

use super::Assessment;
use super::lease::{self, Leases};
use crate::access::Permit;
use crate::audit_log::records;
use crate::platform::idempotency::RequestKey;
use crate::platform::{Fault, Work};
use crate::ticket::TicketNumber;

impl Assessment {
    /// Gives tickets back that the caller has; others stay as they are. Once per request.
    ///
    /// # Errors
    /// `REQUEST_ID_REUSED`, `UNAVAILABLE`.
    pub async fn release_follow_ups<A: Message + Default + 'static>(
        &self,
        permit: &Permit,
        key: RequestKey,
        tickets: Vec<TicketNumber>,
        answer: fn(&[TicketNumber]) -> A,
    ) -> Result<A, Fault> {
        self.store
            .run_once(&self.clock, key, (permit.clone(), tickets, answer), async |work, input| {
                let (permit, tickets, answer) = input;
                Ok(answer(&release(work, permit, tickets).await?))
            })
            .await
    }
}

async fn release(work: &Work, permit: &Permit, tickets: &[TicketNumber]) -> Result<Vec<TicketNumber>, Fault> {
    lease::wait_for_turn(work).await?;
    let leases = Leases::read(&work.tx, work.now()).await?;
    let is_own = |number: &&TicketNumber| {
        leases.of(number.as_i64()).is_some_and(|lease| lease.principal == permit.principal())
    };
    let released: Vec<_> = tickets.iter().filter(is_own).copied().collect();
    for number in &released {
        lease::delete(work, number.as_i64()).await?;
    }
    let numbers: Vec<_> = released.iter().map(ToString::to_string).collect();
    let subject = format!("follow_up/{}", permit.principal());
    records::record(work, &permit.actor(), permit.method().method, &subject, json!({ "tickets": numbers }))
        .await?;
    Ok(released)
}
