//! `hotline policy-issue`: what tickets of a period show about a policy, and what its unit answers.

use chrono::NaiveDate;
use clap::Args;
use hotline_client::{AnswerPolicyIssue, PolicyIssueOutcome, SendPolicyIssue};

use crate::analysis::selection::Selection;
use crate::context::{Context, Done, RequestId};
use crate::failure::Failure;
use crate::flags::{names, text};
use crate::output::Column;
use crate::verbs::{list_verb, verbs};

const COLUMNS: &[Column] = &[
    ("NUMBER", "number"),
    ("TOPIC", "topic"),
    ("FROM", "first_day"),
    ("TO", "last_day"),
    ("TICKETS", "tickets"),
    ("UNIT", "unit"),
    ("UNTIL", "answer_day"),
    ("OUTCOME", "answer.outcome"),
    ("EFFECTIVE", "answer.effective_day"),
];

verbs! {
    /// Lists policy issues. A unit lists its own.
    List = List, calls "ListPolicyIssues";
    /// Sends an issue to the unit that owns a policy. For supervisors and analysts.
    Send = SendIssue, calls "SendPolicyIssue";
    /// Answers an issue of the own unit.
    Answer = Answer, calls "AnswerPolicyIssue";
}

list_verb! {
    List = analysis.list_policy_issues(ListPolicyIssues), COLUMNS => {
        /// To this unit.
        #[arg(long, value_name = "CODE")]
        unit: Option<String>,
        /// About days of which the last one is this one or a later one.
        #[arg(long = "from", value_name = "DAY")]
        first_day: Option<NaiveDate>,
        /// About days of which the last one is this one or an earlier one.
        #[arg(long = "to", value_name = "DAY")]
        last_day: Option<NaiveDate>,
        /// Without an answer only.
        #[arg(long)]
        open_only: bool,
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct SendIssue {
    #[command(flatten)]
    selection: Selection,
    /// The unit that owns the policy.
    #[arg(long = "to-unit", value_name = "CODE")]
    to_unit: String,
    /// What the tickets show, without names and numbers. `@FILE` reads a file.
    #[arg(long, value_parser = text)]
    summary: String,
    /// The day until which an answer is asked for.
    #[arg(long, value_name = "DAY")]
    answer_day: Option<NaiveDate>,
    #[command(flatten)]
    request: RequestId,
}

impl SendIssue {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let Self { mut selection, to_unit, summary, answer_day, request } = self;
        let topic = selection.topic.take().ok_or_else(|| Failure::usage("--topic is required"))?;
        let days = (selection.first_day, selection.last_day);
        let command = SendPolicyIssue::new(topic, days, to_unit, summary)
            .filter(selection.filter())
            .answer_day(answer_day)
            .request_id(request.id);
        context.record(&context.client().await?.analysis().send_policy_issue(command).await?)
    }
}

/// The flags of the verb.
#[derive(Debug, Args)]
pub(crate) struct Answer {
    /// The number of the issue.
    number: u32,
    /// What becomes of the policy.
    #[arg(long, value_parser = names!(PolicyIssueOutcome))]
    outcome: PolicyIssueOutcome,
    /// The answer. `@FILE` reads a file.
    #[arg(long, value_parser = text)]
    text: String,
    /// The day from which the change counts.
    #[arg(long, value_name = "DAY")]
    effective_day: Option<NaiveDate>,
    #[command(flatten)]
    request: RequestId,
}

impl Answer {
    pub(crate) async fn run(self, context: &Context) -> Done {
        let command = AnswerPolicyIssue::new(self.number, self.outcome, self.text)
            .effective_day(self.effective_day)
            .request_id(self.request.id);
        context.record(&context.client().await?.analysis().answer_policy_issue(command).await?)
    }
}
