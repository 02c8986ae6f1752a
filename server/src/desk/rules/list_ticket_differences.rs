//! `ListTicketDifferences`: the open tickets that a proposal would change.

use super::{RuleAdmin, TicketDifference, dry_run};
use crate::ledger::list::Cursor;
use crate::platform::Fault;

impl RuleAdmin {
    /// The differences after a ticket, at most `limit`, and where to continue: `None` at the end.
    ///
    /// # Errors
    /// `PROPOSAL_NOT_FOUND`; if the database refuses.
    pub async fn list_ticket_differences(
        &self,
        number: u32,
        after: Option<Cursor>,
        limit: usize,
    ) -> Result<(Vec<TicketDifference>, Option<Cursor>), Fault> {
        let proposal = self.find(number).await?;
        let now = self.clock.now();
        dry_run::differences(self.store.reader(), &self.book, &proposal, now, after, limit).await
    }
}
