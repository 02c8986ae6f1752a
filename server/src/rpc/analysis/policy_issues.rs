//! `SendPolicyIssue`, `AnswerPolicyIssue` and `ListPolicyIssues`.

use chrono::{DateTime, NaiveDate};
use hotline_proto::v1 as pb;
use prost::Message as _;

use super::{AnalysisApi, filter};
use crate::access::Permit;
use crate::assessment::analysis::answer_policy_issue::AnswerPolicyIssue;
use crate::assessment::analysis::{
    Days, PolicyIssue, PolicyIssueAnswer, PolicyIssueFilter, PolicyIssueOutcome,
};
use crate::platform::Fault;
use crate::rpc::enums::ContractEnum as _;
use crate::rpc::fields::{Fields, Lines};
use crate::rpc::handler::Handler;
use crate::rpc::idempotent::request_key;
use crate::rpc::page::{self, Page};
use crate::rpc::scalars::{count, time};

/// The longest summary or answer, in characters.
const TEXT_CHARS_MAX: usize = 2_000;

impl Handler<AnalysisApi> for pb::SendPolicyIssueRequest {
    async fn handle(&self, api: &AnalysisApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let key = request_key(permit, &self.request_id, self, &mut fields);
        let days = filter::days(&mut fields, &self.first_day, &self.last_day);
        let conditions = filter::filter(&mut fields, self.filter.as_ref());
        if conditions.topic.is_some() {
            fields.wrong("filter.topic", "is empty");
        }
        let topic = fields.topic("topic", &self.topic);
        if topic.is_none() {
            fields.wrong("topic", "is required");
        }
        let issue = PolicyIssue {
            number: 0,
            unit: fields.unit("unit", &self.unit),
            topic: topic.unwrap_or_default(),
            first_day: days.first,
            last_day: days.last,
            filter: conditions,
            tickets: 0,
            summary: fields.text("summary", &self.summary, 1..=TEXT_CHARS_MAX, Lines::Many),
            answer_day: filter::optional_day(&mut fields, "answer_day", &self.answer_day),
            sender: String::new(),
            sent_at: DateTime::UNIX_EPOCH,
            answer: None,
        };
        let answer = |issue: &PolicyIssue| pb::SendPolicyIssueResponse { issue: Some(encode(issue, false)) };
        api.analysis.send_policy_issue(permit, key, fields.finish(issue)?, answer).await
    }
}

impl Handler<AnalysisApi> for pb::AnswerPolicyIssueRequest {
    async fn handle(&self, api: &AnalysisApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        let key = request_key(permit, &self.request_id, self, &mut fields);
        if self.number < 1 {
            fields.wrong("number", "is required, from 1");
        }
        let outcome = fields.choice("outcome", self.outcome, PolicyIssueOutcome::Unchanged);
        let effective_day = filter::optional_day(&mut fields, "effective_day", &self.effective_day);
        if outcome != PolicyIssueOutcome::Unchanged && self.effective_day.is_empty() {
            fields.wrong("effective_day", "is required, unless nothing is changed");
        }
        let command = AnswerPolicyIssue {
            number: self.number.unsigned_abs(),
            outcome,
            text: fields.text("text", &self.text, 1..=TEXT_CHARS_MAX, Lines::Many),
            effective_day,
        };
        let answer = |issue: &PolicyIssue| pb::AnswerPolicyIssueResponse { issue: Some(encode(issue, true)) };
        api.analysis.answer_policy_issue(permit, key, fields.finish(command)?, answer).await
    }
}

impl Handler<AnalysisApi> for pb::ListPolicyIssuesRequest {
    async fn handle(&self, api: &AnalysisApi, permit: &Permit) -> Result<Self::Response, Fault> {
        let mut fields = Fields::default();
        fields.page_size(self.page_size);
        let number = |day: NaiveDate| Days { first: day, last: day }.numbers().0;
        let first_day = filter::optional_day(&mut fields, "first_day", &self.first_day).map(number);
        let last_day = filter::optional_day(&mut fields, "last_day", &self.last_day).map(number);
        let which = PolicyIssueFilter {
            unit: (!self.unit.is_empty()).then(|| fields.unit("unit", &self.unit)),
            first_day,
            last_day,
            is_open_only: self.open_only,
        };
        let which = fields.finish(which)?;
        let rest = Self { page_size: 0, page_token: String::new(), ..self.clone() };
        let page = Page::read(self.page_size, &self.page_token, permit.method().path, &rest.encode_to_vec())?;
        let after = match page.cursor::<1>()? {
            Some([number]) => Some(page::parse(&number)?),
            None => None,
        };
        let found = api.analysis.list_policy_issues(permit, which, after, page.fetch_limit()).await?;
        let is_unit = permit.unit().is_some();
        let cursor = |issue: &PolicyIssue| issue.number.to_string();
        let (issues, next_page_token) = page.encode(&found, cursor, |issue| encode(issue, is_unit));
        Ok(pb::ListPolicyIssuesResponse { issues, next_page_token })
    }
}

/// An issue as staff or a unit read it. The tickets behind it may be complaints about the unit, so it is not told which
/// they are, nor how many.
fn encode(issue: &PolicyIssue, is_unit: bool) -> pb::PolicyIssue {
    let day = |day: NaiveDate| day.to_string();
    pb::PolicyIssue {
        number: count(issue.number),
        topic: issue.topic.clone(),
        first_day: day(issue.first_day),
        last_day: day(issue.last_day),
        filter: (!is_unit).then(|| filter::encode(&issue.filter)),
        tickets: if is_unit { 0 } else { i64::try_from(issue.tickets).unwrap_or(i64::MAX) },
        summary: issue.summary.clone(),
        unit: issue.unit.0.clone(),
        answer_day: issue.answer_day.map(day).unwrap_or_default(),
        sender: if is_unit { String::new() } else { issue.sender.clone() },
        send_time: Some(time(issue.sent_at)),
        answer: issue.answer.as_ref().map(encode_answer),
    }
}

fn encode_answer(answer: &PolicyIssueAnswer) -> pb::PolicyIssueAnswer {
    pb::PolicyIssueAnswer {
        outcome: answer.outcome.number(),
        text: answer.text.clone(),
        effective_day: answer.effective_day.map(|day| day.to_string()).unwrap_or_default(),
        principal: answer.principal.clone(),
        answer_time: Some(time(answer.answered_at)),
    }
}
