//! `AnswerPolicyIssue`: the unit that owns the policy says what becomes of it, and from which day on.

use chrono::NaiveDate;
use hotline_proto::v1::ErrorReason;
use prost::Message;
use serde_json::json;

use super::policy_issue::{PolicyIssue, PolicyIssueAnswer, PolicyIssueOutcome};
use super::{Analysis, policy_issue_rows};
use crate::access::Permit;
use crate::audit_log::records;
use crate::platform::idempotency::RequestKey;
use crate::platform::{Fault, Work};
use crate::ticket::{CallerIdentity, pii};

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct AnswerPolicyIssue {
    pub number: u32,
    pub outcome: PolicyIssueOutcome,
    pub text: String,
    pub effective_day: Option<NaiveDate>,
}

impl Analysis {
    /// Answers an issue, once per request; `answer` makes the answer, which is recorded.
    ///
    /// # Errors
    /// Those of [`answer`], `REQUEST_ID_REUSED`, `UNAVAILABLE`.
    pub async fn answer_policy_issue<A: Message + Default + 'static>(
        &self,
        permit: &Permit,
        key: RequestKey,
        command: AnswerPolicyIssue,
        encode: fn(&PolicyIssue) -> A,
    ) -> Result<A, Fault> {
        self.store
            .run_once(&self.clock, key, (permit.clone(), command, encode), async |work, input| {
                let (permit, command, encode) = input;
                Ok(encode(&answer(work, permit, command).await?))
            })
            .await
    }
}

/// Answers an issue of the caller's unit.
///
/// # Errors
/// `POLICY_ISSUE_NOT_FOUND`, also for an issue of another unit; `POLICY_ISSUE_ANSWERED`.
pub async fn answer(work: &Work, permit: &Permit, command: &AnswerPolicyIssue) -> Result<PolicyIssue, Fault> {
    let number = command.number.to_string();
    let found = policy_issue_rows::lock(work, command.number).await?;
    let found = found.filter(|issue| permit.unit() == Some(&issue.unit));
    let mut issue = found
        .ok_or_else(|| Fault::new(ErrorReason::PolicyIssueNotFound).with("issue_number", number.as_str()))?;
    if issue.answer.is_some() {
        return Err(Fault::new(ErrorReason::PolicyIssueAnswered).with("issue_number", number));
    }
    issue.answer = Some(PolicyIssueAnswer {
        outcome: command.outcome,
        text: pii::mask(&command.text, &CallerIdentity::default()).text,
        effective_day: command.effective_day,
        principal: permit.principal().to_owned(),
        answered_at: work.now(),
    });
    policy_issue_rows::update(work, &issue).await?;
    let details = json!({ "outcome": command.outcome, "effective_day": command.effective_day });
    let subject = format!("policy_issue/{number}");
    records::record(work, &permit.actor(), permit.method().method, &subject, details).await?;
    Ok(issue)
}
