//! Policy issues and their answers.

use chrono::{DateTime, NaiveDate, Utc};

use crate::analysis::AnalysisFilter;
use crate::convert::{open_enum, record};

open_enum! {
    /// What becomes of a policy.
    PolicyIssueOutcome = PolicyIssueOutcome {
        /// The policy is changed.
        PolicyChanged = "修改政策",
        /// The policy stays, and how it is applied or explained is changed.
        PracticeChanged = "改进执行或解读",
        /// Nothing is changed.
        Unchanged = "维持不变",
    }
}

record! {
    /// What tickets of a period show about a policy.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    PolicyIssue = PolicyIssue {
        /// Its number.
        number: u32,
        /// The topic leaf, or the branch with all its leaves.
        topic: String,
        /// The first day of intake of the tickets behind it.
        first_day: NaiveDate,
        /// The last day of intake.
        last_day: NaiveDate,
        /// Which tickets are behind it, besides topic and days. `None` for units.
        filter: Option<AnalysisFilter>,
        /// How many tickets were behind it when it was sent. 0 for units.
        tickets: i64,
        /// What they show.
        summary: String,
        /// The unit that owns the policy.
        unit: String,
        /// The day until which an answer is asked for, for example `2019-11-30`.
        answer_day: Option<String>,
        /// The principal that sent it. `None` for units.
        sender: Option<String>,
        /// When it was sent.
        send_time: DateTime<Utc>,
        /// The answer.
        answer: Option<PolicyIssueAnswer>,
    }
}

record! {
    /// What a unit answers to an issue.
    #[derive(Debug, Clone, PartialEq, Eq)]
    #[non_exhaustive]
    PolicyIssueAnswer = PolicyIssueAnswer {
        /// What becomes of the policy.
        outcome: PolicyIssueOutcome,
        /// The answer.
        text: String,
        /// The day from which the change counts, for example `2020-01-01`.
        effective_day: Option<String>,
        /// The principal that answered.
        principal: String,
        /// When.
        answer_time: DateTime<Utc>,
    }
}
