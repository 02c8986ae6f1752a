//! `ListProposals`: proposals, the newest first, without their changes.

use super::RuleAdmin;
use super::proposal::{self, Proposal, ProposalFilter};
use crate::platform::Fault;

impl RuleAdmin {
    /// The proposals below a number, at most `limit`.
    ///
    /// # Errors
    /// If the database refuses.
    pub async fn list_proposals(
        &self,
        filter: ProposalFilter,
        below: Option<u32>,
        limit: u64,
    ) -> Result<Vec<Proposal>, Fault> {
        proposal::page(self.store.reader(), filter, below, limit).await
    }
}
