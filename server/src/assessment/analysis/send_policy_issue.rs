//! `SendPolicyIssue`: sends what tickets of a period show about a policy to the unit that owns it. The tickets behind
//! it are counted in the same unit of work, so that the number is that of the moment of sending.

use hotline_proto::v1::ErrorReason;
use prost::Message;
use sea_orm::PaginatorTrait as _;
use serde_json::json;

use super::filter::AnalysisFilter;
use super::policy_issue::PolicyIssue;
use super::{Analysis, AnalysisInstant, policy_issue_rows};
use crate::access::Permit;
use crate::audit_log::records;
use crate::desk::directory::UnitSet;
use crate::desk::free_text::{FreeText, check_forms};
use crate::platform::idempotency::RequestKey;
use crate::platform::{Fault, Work};

impl Analysis {
    /// Sends an issue, once per request; `answer` makes the answer, which is recorded.
    ///
    /// # Errors
    /// Those of [`send`], `REQUEST_ID_REUSED`, `UNAVAILABLE`.
    pub async fn send_policy_issue<A: Message + Default + 'static>(
        &self,
        permit: &Permit,
        key: RequestKey,
        issue: PolicyIssue,
        answer: fn(&PolicyIssue) -> A,
    ) -> Result<A, Fault> {
        self.store
            .run_once(&self.clock, key, (permit.clone(), issue, answer), async |work, input| {
                let (permit, issue, answer) = input;
                Ok(answer(&send(work, permit, issue.clone()).await?))
            })
            .await
    }
}

/// Sends an issue; returns it with its number and the number of tickets behind it.
///
/// # Errors
/// `UNIT_UNKNOWN`, `POLICY_ISSUE_EMPTY`; `INVALID_FIELDS` for a summary with a number, a code or an address.
pub async fn send(work: &Work, permit: &Permit, mut issue: PolicyIssue) -> Result<PolicyIssue, Fault> {
    check_forms(&[FreeText::of("summary", &issue.summary)])?;
    let units = UnitSet::hold(&work.tx, vec![issue.unit.clone()]).await?;
    units.check([("unit".to_owned(), &issue.unit)])?;
    let filter = AnalysisFilter { topic: Some(issue.topic.clone()), ..issue.filter.clone() };
    issue.tickets = filter.select(issue.days(), AnalysisInstant::Intake).count(&work.tx).await?;
    if issue.tickets == 0 {
        return Err(Fault::new(ErrorReason::PolicyIssueEmpty));
    }
    permit.principal().clone_into(&mut issue.sender);
    issue.sent_at = work.now();
    let issue = policy_issue_rows::add(work, issue).await?;
    let details = json!({ "unit": issue.unit, "topic": issue.topic, "tickets": issue.tickets });
    let subject = format!("policy_issue/{}", issue.number);
    records::record(work, &permit.actor(), permit.method().method, &subject, details).await?;
    Ok(issue)
}
