//! `ListFollowUps`: the completed tickets whose companies are to be called, by limit; or the surveyed ones that another
//! agent is to call again.

use super::Assessment;
use super::lease::{self, FollowUp, FollowUpKind, Leases};
use crate::ledger::list::Cursor;
use crate::platform::Fault;

impl Assessment {
    /// Tickets after one of them, with who calls them back.
    ///
    /// # Errors
    /// If the database refuses.
    pub async fn list_follow_ups(
        &self,
        kind: FollowUpKind,
        after: Option<Cursor>,
        limit: u64,
    ) -> Result<Vec<FollowUp>, Fault> {
        let db = self.store.reader();
        let tickets = lease::due(db, kind, after, limit).await?;
        let leases = Leases::read(db, self.clock.now()).await?;
        let follow_up = |ticket: crate::ticket::Ticket| {
            let lease = leases.of(ticket.number.as_i64()).cloned();
            FollowUp { ticket, lease }
        };
        Ok(tickets.into_iter().map(follow_up).collect())
    }
}
