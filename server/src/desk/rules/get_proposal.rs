//! `GetProposal`: one proposal, and what it would change.

use super::{ProposalDetails, RuleAdmin};
use crate::platform::Fault;

impl RuleAdmin {
    /// A proposal by its number.
    ///
    /// # Errors
    /// `PROPOSAL_NOT_FOUND`; if the database refuses.
    pub async fn get_proposal(&self, number: u32) -> Result<ProposalDetails, Fault> {
        let proposal = self.find(number).await?;
        self.details(self.store.reader(), proposal).await
    }
}
