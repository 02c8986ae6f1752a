//! `ListPolicyIssues`: issues by number. A unit gets its own.

use super::policy_issue::{PolicyIssue, PolicyIssueFilter};
use super::{Analysis, policy_issue_rows};
use crate::access::Permit;
use crate::platform::Fault;

impl Analysis {
    /// A page after a number.
    ///
    /// # Errors
    /// If the database refuses.
    pub async fn list_policy_issues(
        &self,
        permit: &Permit,
        mut filter: PolicyIssueFilter,
        after: Option<u32>,
        limit: u64,
    ) -> Result<Vec<PolicyIssue>, Fault> {
        if let Some(own) = permit.unit() {
            if filter.unit.as_ref().is_some_and(|unit| unit != own) {
                return Ok(Vec::new());
            }
            filter.unit = Some(own.clone());
        }
        policy_issue_rows::page(self.store.reader(), &filter, after, limit).await
    }
}
