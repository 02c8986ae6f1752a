//! From the analysis to the policy: an analyst sends what tickets show to the unit that owns the policy, and the unit
//! answers what becomes of it.

use std::time::Duration;

use chrono::NaiveDate;
use hotline_client::{
    AnalysisFilter, AnswerPolicyIssue, Error, ErrorReason, ListPolicyIssues, PolicyIssue, PolicyIssueOutcome,
    SendPolicyIssue,
};

use super::test_env::{LEAD, NEXT, TestEnv, appeal, refused, unnamed};
use crate::support::wait;

on_every_store!(env:
    an_issue_is_sent_answered_and_listed,
    an_issue_names_nobody_and_has_tickets_behind_it,
);

/// How long the analysis may take to follow.
const FOLLOWS_WITHIN: Duration = Duration::from_secs(10);

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

/// An issue about the tickets of a topic in October.
fn issue(topic: &str) -> SendPolicyIssue {
    let october = (day("2019-10-01"), day("2019-10-31"));
    SendPolicyIssue::new(topic, october, LEAD, "同一材料在各区要求不一，企业多次往返。")
}

/// Sends an issue, once the analysis has counted its tickets.
async fn sent(env: &TestEnv, command: SendPolicyIssue) -> PolicyIssue {
    let analysis = env.client("analyst").analysis();
    let is_there = async || match analysis.send_policy_issue(command.clone()).await {
        Err(error) if error.reason() == Some(ErrorReason::PolicyIssueEmpty) => None,
        sent => Some(sent.expect("an analyst sends issues")),
    };
    wait::find_within(FOLLOWS_WITHIN, is_there).await.expect("the analysis follows")
}

/// Sends an issue and answers it.
pub(super) async fn use_every_command(env: &TestEnv) {
    env.take_in(unnamed(appeal()).topic("permit.food")).await;
    let number = sent(env, issue("permit.food")).await.number;
    let answer = AnswerPolicyIssue::new(number, PolicyIssueOutcome::Unchanged, "规定已明确。");
    let unit = env.client_with_token(env.server.unit_token(LEAD)).analysis();
    unit.answer_policy_issue(answer).await.expect("the unit answers");
}

async fn listed(
    env: &TestEnv,
    unit: Option<&str>,
    which: ListPolicyIssues,
) -> Result<Vec<PolicyIssue>, Error> {
    let client = match unit {
        Some(unit) => env.client_with_token(env.server.unit_token(unit)),
        None => env.client("supervisor"),
    };
    client.analysis().list_policy_issues(which).take_up_to(100).await
}

async fn an_issue_is_sent_answered_and_listed(env: &TestEnv) {
    env.take_in(unnamed(appeal()).topic("permit.food").district("110105")).await;
    env.take_in(unnamed(appeal()).topic("permit.food").district("110108")).await;
    let first = sent(env, issue("permit.food").answer_day(day("2019-11-30"))).await;
    let in_one = AnalysisFilter::default().district("110108");
    let second = sent(env, issue("permit.food").filter(in_one.clone())).await;
    assert_eq!((first.number, second.number, second.tickets), (1, 2, 1));
    assert_eq!((second.filter.as_ref(), second.sender.as_deref()), (Some(&in_one), Some("dev-analyst")));

    // The unit is not told which tickets are behind it, nor how many: some may complain about it.
    let own = listed(env, Some(LEAD), ListPolicyIssues::default()).await.expect("a unit lists its own");
    assert_eq!(own.len(), 2);
    assert!(own.iter().all(|one| one.filter.is_none() && one.tickets == 0 && one.sender.is_none()));
    assert_eq!(listed(env, Some(NEXT), ListPolicyIssues::default()).await.expect("a list"), []);
    assert_eq!(listed(env, Some(NEXT), ListPolicyIssues::default().unit(LEAD)).await.expect("a list"), []);

    let unit = env.client_with_token(env.server.unit_token(LEAD)).analysis();
    let answer = |number| {
        let text = "统一材料清单，详询13800138000。";
        AnswerPolicyIssue::new(number, PolicyIssueOutcome::PolicyChanged, text)
            .effective_day(day("2020-01-01"))
    };
    let other = env.client_with_token(env.server.unit_token(NEXT)).analysis();
    refused(other.answer_policy_issue(answer(1)).await, ErrorReason::PolicyIssueNotFound);
    let answered = unit.answer_policy_issue(answer(1)).await.expect("the unit answers");
    let said = answered.answer.expect("an answer");
    assert_eq!(said.effective_day.as_deref(), Some("2020-01-01"));
    assert!(!said.text.contains("138"), "a number is taken out: {}", said.text);
    refused(unit.answer_policy_issue(answer(1)).await, ErrorReason::PolicyIssueAnswered);
    refused(unit.answer_policy_issue(answer(7)).await, ErrorReason::PolicyIssueNotFound);
    let without_day = AnswerPolicyIssue::new(2, PolicyIssueOutcome::PracticeChanged, "改进解读");
    let error = refused(unit.answer_policy_issue(without_day).await, ErrorReason::InvalidFields);
    assert_eq!(error.field_violations()[0].field, "effective_day");

    let open = listed(env, None, ListPolicyIssues::default().open_only(true)).await.expect("a list");
    assert_eq!(open.iter().map(|one| one.number).collect::<Vec<_>>(), [2]);
    let of = |first, last| ListPolicyIssues::default().first_day(day(first)).last_day(day(last));
    assert_eq!(listed(env, None, of("2019-10-01", "2019-10-31")).await.expect("a list").len(), 2);
    assert_eq!(listed(env, None, of("2019-11-01", "2019-11-30")).await.expect("a list"), []);
}

async fn an_issue_names_nobody_and_has_tickets_behind_it(env: &TestEnv) {
    env.take_in(unnamed(appeal()).topic("permit.food")).await;
    sent(env, issue("permit.food")).await;
    let analysis = env.client("analyst").analysis();
    refused(analysis.send_policy_issue(issue("tax.invoice")).await, ErrorReason::PolicyIssueEmpty);
    let mut nowhere = issue("permit.food");
    "dept-nowhere".clone_into(&mut nowhere.unit);
    refused(analysis.send_policy_issue(nowhere).await, ErrorReason::UnitUnknown);
    let mut named = issue("permit.food");
    named.summary.push_str("联系人电话13800138000");
    let error = refused(analysis.send_policy_issue(named).await, ErrorReason::InvalidFields);
    assert_eq!(error.field_violations()[0].field, "summary");
    let agent = env.client("agent").analysis();
    refused(agent.send_policy_issue(issue("permit.food")).await, ErrorReason::RoleNotAllowed);
}
