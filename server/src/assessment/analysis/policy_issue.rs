//! A policy issue: what tickets of a period show about a policy, sent to the unit that owns it, and what the unit
//! answers. It names no caller: the summary is refused and the answer is masked if they hold a number or an address.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::days::Days;
use super::filter::AnalysisFilter;
use crate::ticket::{Instant, UnitCode};

/// What becomes of a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PolicyIssueOutcome {
    /// It is changed.
    PolicyChanged,
    /// It stays, and how it is applied or explained is changed.
    PracticeChanged,
    /// Nothing is changed.
    Unchanged,
}

/// What a unit answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct PolicyIssueAnswer {
    pub outcome: PolicyIssueOutcome,
    pub text: String,
    pub effective_day: Option<NaiveDate>,
    pub principal: String,
    pub answered_at: Instant,
}

/// An issue. It is kept as a document, beside what lists filter by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the contract documents the fields")]
pub struct PolicyIssue {
    /// 0 until it is stored.
    #[serde(skip)]
    pub number: u32,
    /// The unit that owns the policy, which may change.
    #[serde(skip, default = "no_unit")]
    pub unit: UnitCode,
    pub topic: String,
    pub first_day: NaiveDate,
    pub last_day: NaiveDate,
    /// Without the topic.
    pub filter: AnalysisFilter,
    pub tickets: u64,
    pub summary: String,
    pub answer_day: Option<NaiveDate>,
    pub sender: String,
    pub sent_at: Instant,
    pub answer: Option<PolicyIssueAnswer>,
}

const fn no_unit() -> UnitCode {
    UnitCode(String::new())
}

impl PolicyIssue {
    /// The days of the tickets behind it.
    #[must_use]
    pub const fn days(&self) -> Days {
        Days { first: self.first_day, last: self.last_day }
    }
}

/// Which issues; all conditions that are set must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PolicyIssueFilter {
    /// Of this unit only.
    pub unit: Option<UnitCode>,
    /// Whose last day is this one or a later one, as a number like 20191012.
    pub first_day: Option<i32>,
    /// Whose last day is this one or an earlier one.
    pub last_day: Option<i32>,
    /// Without an answer only.
    pub is_open_only: bool,
}
