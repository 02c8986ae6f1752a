//! Second calls (回访复核): a draw chooses surveyed tickets, another agent calls the company again, and the answers stand
//! beside the survey. A scheme says which of them counts.

use hotline_client::{
    ErrorReason, FollowUp, FollowUpKind, LeaseFollowUps, ProposeScheme, RecordContactAttempt, RecordRecheck,
    ReleaseFollowUps, Resolved, Responded, Satisfied, SubmitSurvey, TicketState,
};

use super::clients::create_agent;
use super::test_env::{LEAD, OPENING, TestEnv, refused};
use crate::support::server::{Options, Store};
use crate::support::wait::{WAIT_MAX, find_within};

on_every_store!(store:
    another_agent_calls_again_and_the_survey_stands,
    nothing_is_called_again_without_a_share,
);

fn open(store: Store, percent: &str) -> TestEnv {
    let options = Options::default().simulated_clock(OPENING);
    TestEnv::with(store, options.set("policy.follow_up.recheck_percent", percent))
}

/// A ticket that the company judged badly, after a call that reached nobody.
async fn surveyed(env: &TestEnv) -> String {
    let number = env.appeal_in_handling().await.number;
    env.complete(&number, LEAD).await;
    env.agent().record_contact_attempt(RecordContactAttempt::new(&number)).await.expect("it is recorded");
    let agent = env.client("agent").assessment();
    let listed = agent.list_follow_ups().take_up_to(9).await.expect("an agent lists follow-ups");
    let [one] = listed.as_slice() else { panic!("one is due: {listed:?}") };
    let attempts: Vec<_> = one.attempts.iter().map(|one| (one.agent.as_deref(), one.attempt_time)).collect();
    assert_eq!(attempts, [(Some("dev-agent"), env.now().await)], "who tried, and when");
    let survey = SubmitSurvey::new(&number).responded(Responded::Yes).resolved(Resolved::Yes);
    env.agent().submit_survey(survey.satisfied(Satisfied::Dissatisfied)).await.expect("it is taken");
    number
}

/// The second calls that are due, once every event is counted.
async fn due(env: &TestEnv, count: usize) -> Vec<FollowUp> {
    let agent = env.client("agent").assessment();
    let analyst = env.client("analyst").assessment();
    let found = find_within(WAIT_MAX, async || {
        let counted = analyst.get_unit_score(LEAD, "2019-10").await.expect("an analyst reads scores");
        let listed = agent.list_rechecks().take_up_to(9).await.expect("an agent lists second calls");
        (counted.entries_behind == 0 && listed.len() == count).then_some(listed)
    });
    found.await.expect("the list follows the events")
}

async fn another_agent_calls_again_and_the_survey_stands(store: Store) {
    let env = open(store, "100");
    let number = surveyed(&env).await;
    let listed = due(&env, 1).await;
    assert_eq!((listed[0].ticket_number.as_str(), listed[0].kind), (number.as_str(), FollowUpKind::Recheck));
    assert_eq!(listed[0].survey_time, Some(env.now().await));

    let lease = LeaseFollowUps::new(5).kind(FollowUpKind::Recheck);
    let own = env.client("agent").assessment().lease_follow_ups(lease.clone()).await;
    assert_eq!(own.expect("an agent takes work"), [], "no agent checks its own survey");
    let other = create_agent(&env, "li.wei").await.0;
    let leased = other.assessment().lease_follow_ups(lease).await.expect("another agent takes it");
    assert_eq!(leased.iter().map(|one| &one.ticket_number).collect::<Vec<_>>(), [&number]);
    assert_eq!(due(&env, 1).await[0].agent.as_deref(), Some("li.wei"));

    let recheck = RecordRecheck::new(&number).satisfied(Satisfied::Satisfied).comment("首次回访记录有误");
    refused(env.agent().record_recheck(recheck.clone()).await, ErrorReason::OtherAgentNeeded);
    let empty = RecordRecheck::new(&number);
    refused(other.tickets().record_recheck(empty).await, ErrorReason::InvalidFields);
    let before = env.ticket(&number).await;
    let checked = other.tickets().record_recheck(recheck.clone()).await.expect("it is recorded");
    assert_eq!((checked.state, &checked.cycle.survey), (TicketState::Closed, &before.cycle.survey));
    let recorded = checked.cycle.recheck.expect("it stands beside the survey");
    assert_eq!((recorded.resolved, recorded.satisfied), (None, Some(Satisfied::Satisfied)));
    let again = recheck.request_id(hotline_client::Uuid::from_u128(7));
    refused(other.tickets().record_recheck(again).await, ErrorReason::RecheckRecorded);
    assert!(env.event_names(&number).await.ends_with(&["RecheckRecorded"]));
    assert_eq!(due(&env, 0).await, []);
    let released = other.assessment().release_follow_ups(ReleaseFollowUps::new(vec![number.clone()])).await;
    assert_eq!(released.expect("it is its own"), [number]);

    assert_eq!(composite(&env, "").await, Some("66.67".to_owned()), "the survey counts by default");
    assert_eq!(composite(&env, "answers = \"recheck\"").await, Some("100.00".to_owned()));
}

/// The composite of the unit under equal thirds, with a line more in the item of satisfaction.
async fn composite(env: &TestEnv, line: &str) -> Option<String> {
    let supervisor = env.client("supervisor").assessment();
    let text = include_str!("../../server/data/schemes/equal_thirds.toml");
    let text = text.replace("cases_min = 10", "cases_min = 1");
    let text = text.replace("key = \"satisfaction\"\n", &format!("key = \"satisfaction\"\n{line}\n"));
    let proposed = supervisor.propose_scheme(ProposeScheme::new(text, "2019-11", "试行")).await;
    let run = supervisor.dry_run_scheme(proposed.expect("it is sound").number, "2019-10", None).await;
    let run = run.expect("a dry run");
    let [difference] = run.differences.as_slice() else { panic!("one unit would notice: {run:?}") };
    difference.after.composite.clone()
}

async fn nothing_is_called_again_without_a_share(store: Store) {
    let env = open(store, "0");
    let number = surveyed(&env).await;
    assert_eq!(due(&env, 0).await, []);
    let other = create_agent(&env, "li.wei").await.0;
    let recheck = RecordRecheck::new(&number).satisfied(Satisfied::Satisfied);
    refused(other.tickets().record_recheck(recheck).await, ErrorReason::RecheckNotDue);
}
