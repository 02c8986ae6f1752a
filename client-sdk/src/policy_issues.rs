//! Policy issues: what tickets of a period show about a policy, sent to the unit that owns it, and its answer.

use chrono::NaiveDate;
use hotline_proto::v1;
use uuid::Uuid;

use crate::analysis::{Analysis, AnalysisFilter, written};
use crate::call::Command;
use crate::convert::{IntoProto as _, answers, setters};
use crate::error::Error;
use crate::model::{PolicyIssue, PolicyIssueOutcome};
use crate::page::{self, Listing};

/// Sends an issue to the unit that owns a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SendPolicyIssue {
    /// The topic leaf, or a branch with all its leaves.
    pub topic: String,
    /// The first day of intake of the tickets behind it.
    pub first_day: NaiveDate,
    /// The last day of intake, at most 800 days after the first.
    pub last_day: NaiveDate,
    /// What they show, 1 to 2,000 characters. It names nobody.
    pub summary: String,
    /// The unit that owns the policy.
    pub unit: String,
    /// Which tickets, besides topic and days.
    pub filter: AnalysisFilter,
    /// The day until which an answer is asked for.
    pub answer_day: Option<NaiveDate>,
    /// `None` lets the library choose it.
    pub request_id: Option<Uuid>,
}

impl SendPolicyIssue {
    /// An issue about all tickets of a topic that came in on some days, for a unit.
    pub fn new(
        topic: impl Into<String>,
        (first_day, last_day): (NaiveDate, NaiveDate),
        unit: impl Into<String>,
        summary: impl Into<String>,
    ) -> Self {
        let (topic, unit, summary) = (topic.into(), unit.into(), summary.into());
        let filter = AnalysisFilter::default();
        Self { topic, first_day, last_day, summary, unit, filter, answer_day: None, request_id: None }
    }
}

setters! {
    SendPolicyIssue { filter: AnalysisFilter, answer_day: Option<NaiveDate>, request_id: Option<Uuid> }
}

/// Answers an issue of the caller's unit.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AnswerPolicyIssue {
    /// Its number.
    pub number: u32,
    /// What becomes of the policy.
    pub outcome: PolicyIssueOutcome,
    /// The answer, 1 to 2,000 characters.
    pub text: String,
    /// The day from which the change counts; needed unless nothing is changed.
    pub effective_day: Option<NaiveDate>,
    /// `None` lets the library choose it.
    pub request_id: Option<Uuid>,
}

impl AnswerPolicyIssue {
    /// An answer.
    pub fn new(number: u32, outcome: PolicyIssueOutcome, text: impl Into<String>) -> Self {
        Self { number, outcome, text: text.into(), effective_day: None, request_id: None }
    }
}

setters! {
    AnswerPolicyIssue { effective_day: Option<NaiveDate>, request_id: Option<Uuid> }
}

/// A filter of issues; by default all that the caller may read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListPolicyIssues {
    /// To this unit only.
    pub unit: Option<String>,
    /// Issues whose last day is this one or a later one.
    pub first_day: Option<NaiveDate>,
    /// Issues whose last day is this one or an earlier one.
    pub last_day: Option<NaiveDate>,
    /// Issues without an answer only.
    pub open_only: bool,
    /// Items per page: 50 by default, at most 200.
    pub page_size: Option<u32>,
}

setters! {
    ListPolicyIssues {
        unit: Option<String>,
        first_day: Option<NaiveDate>,
        last_day: Option<NaiveDate>,
        open_only: bool,
        page_size: Option<u32>,
    }
}

impl Analysis {
    /// Sends an issue to the unit that owns a policy. For supervisors and analysts.
    ///
    /// # Errors
    /// `UNIT_UNKNOWN`, `POLICY_ISSUE_EMPTY`, `REQUEST_ID_REUSED`.
    pub async fn send_policy_issue(&self, command: SendPolicyIssue) -> Result<PolicyIssue, Error> {
        self.0.command(command).await
    }

    /// Answers an issue of the caller's unit. For units.
    ///
    /// # Errors
    /// `POLICY_ISSUE_NOT_FOUND`, `POLICY_ISSUE_ANSWERED`, `REQUEST_ID_REUSED`.
    pub async fn answer_policy_issue(&self, command: AnswerPolicyIssue) -> Result<PolicyIssue, Error> {
        self.0.command(command).await
    }

    /// Lists issues by number. For units with their own, supervisors and analysts.
    pub fn list_policy_issues(&self, which: ListPolicyIssues) -> Listing<PolicyIssue> {
        let day = |day: Option<NaiveDate>| day.map(written).unwrap_or_default();
        let request = v1::ListPolicyIssuesRequest {
            page_size: which.page_size.into_proto(),
            page_token: String::new(),
            unit: which.unit.into_proto(),
            first_day: day(which.first_day),
            last_day: day(which.last_day),
            open_only: which.open_only,
        };
        page::list(self.0.clone(), request)
    }
}

impl Command for SendPolicyIssue {
    type Request = v1::SendPolicyIssueRequest;
    type Changed = PolicyIssue;

    fn request_id(&self) -> Option<Uuid> {
        self.request_id
    }

    fn into_request(self, request_id: String) -> Self::Request {
        v1::SendPolicyIssueRequest {
            request_id,
            topic: self.topic,
            first_day: written(self.first_day),
            last_day: written(self.last_day),
            filter: Some(self.filter.into_request()),
            summary: self.summary,
            unit: self.unit,
            answer_day: self.answer_day.map(written).unwrap_or_default(),
        }
    }
}

impl Command for AnswerPolicyIssue {
    type Request = v1::AnswerPolicyIssueRequest;
    type Changed = PolicyIssue;

    fn request_id(&self) -> Option<Uuid> {
        self.request_id
    }

    fn into_request(self, request_id: String) -> Self::Request {
        v1::AnswerPolicyIssueRequest {
            request_id,
            number: self.number.into_proto(),
            outcome: self.outcome.into_proto(),
            text: self.text,
            effective_day: self.effective_day.map(written).unwrap_or_default(),
        }
    }
}

answers! {
    PolicyIssue: SendPolicyIssueResponse.issue, AnswerPolicyIssueResponse.issue;
}
