//! New rules without a release: a policy and a year's notice of holidays are proposed, tried, approved by a second
//! administrator, and take effect by themselves. Every open ticket keeps the rules of its intake.

use chrono::{DateTime, TimeDelta, Utc};
use hotline_client::{
    Admin, ApproveProposal, CalendarYear, Category, ClassifyTicket, Complexity, Error, ErrorReason,
    ListProposals, Policy, Proposal, ProposalState, ProposePolicy, RuleKind, Which, WithdrawProposal,
};

use super::test_env::{LEAD, OPENING, TestEnv, appeal, at, refused};
use crate::support::server::{Options, Store};

on_every_store!(env:
    a_policy_takes_effect_at_its_time_and_open_tickets_keep_the_old_one,
    a_second_administrator_approves_after_a_dry_run,
    of_two_proposals_on_one_version_the_second_is_outdated,
    an_approved_policy_can_be_withdrawn_until_it_is_in_force,
    the_dry_run_names_the_tickets_that_would_differ,
    a_repeated_request_proposes_and_approves_once,
);

/// The administrator who proposes.
pub(super) fn proposer(env: &TestEnv) -> Admin {
    env.client("administrator").admin()
}

/// The one who approves.
fn approver(env: &TestEnv) -> Admin {
    env.principal("dev-administrator-2").admin()
}

pub(super) async fn in_force(env: &TestEnv) -> Policy {
    proposer(env).get_policy(Which::Now).await.expect("a policy is in force").policy
}

/// The policy in force, with shorter limits.
async fn short_limits(env: &TestEnv) -> Policy {
    let mut policy = in_force(env).await;
    policy.deadline.general.days = 2;
    policy.ladder.supervise_after_hours = 12;
    policy
}

pub(super) async fn propose(env: &TestEnv, policy: Policy, from: DateTime<Utc>) -> Result<Proposal, Error> {
    proposer(env).propose_policy(ProposePolicy::new(policy, from, "试行更短的时限")).await
}

/// Tries a proposal and approves it.
pub(super) async fn approve(env: &TestEnv, proposal: &Proposal) -> Result<Proposal, Error> {
    let tried = proposer(env).dry_run_proposal(proposal.number, None).await?;
    approver(env).approve_proposal(ApproveProposal::of(&tried)).await
}

async fn a_policy_takes_effect_at_its_time_and_open_tickets_keep_the_old_one(env: &TestEnv) {
    let from = at(OPENING) + TimeDelta::days(1);
    let old_ticket = env.take_in(appeal()).await;
    let old_version = old_ticket.cycle.policy_version.clone();
    let proposal = propose(env, short_limits(env).await, from).await.expect("it is sound");
    assert_eq!(
        (proposal.number, proposal.state, proposal.kind),
        (1, ProposalState::Proposed, RuleKind::Policy)
    );
    assert_eq!(
        (proposal.base_version.as_str(), proposal.proposer.as_str()),
        (&*old_version, "dev-administrator")
    );
    let changes: Vec<_> = proposal
        .changes
        .iter()
        .map(|change| (&*change.path, change.before.as_deref(), change.after.as_deref()))
        .collect();
    let expected = [
        ("deadline.general.days", Some("7"), Some("2")),
        ("ladder.supervise_after_hours", Some("24"), Some("12")),
    ];
    assert_eq!(changes, expected);
    let approved = approve(env, &proposal).await.expect("the approval is accepted");
    assert_eq!(
        (approved.state, approved.approver.as_deref()),
        (ProposalState::Approved, Some("dev-administrator-2"))
    );

    // Just before its time nothing has changed; at its time it has, and the future version could be read all along.
    let future = proposer(env).get_policy(Which::At(from)).await.expect("it will be in force");
    assert_eq!(future.version, proposal.version);
    env.advance_to(from - TimeDelta::microseconds(1)).await;
    assert_eq!(env.take_in(appeal()).await.cycle.policy_version, old_version);
    env.advance_to(from).await;
    let new_ticket = env.take_in(appeal()).await;
    assert_eq!(new_ticket.cycle.policy_version, proposal.version);
    assert_eq!(new_ticket.cycle.due_time, from + TimeDelta::days(2));

    // The earlier ticket keeps its rules, whatever happens to it.
    let reclassify = ClassifyTicket::new(&old_ticket.number, Category::Appeal, Complexity::Complex);
    let classified = env.agent().classify_ticket(reclassify).await.expect("it is open");
    assert_eq!(classified.cycle.policy_version, old_version);
    assert_eq!(classified.cycle.due_time, at(OPENING) + TimeDelta::days(15));
    let explanation =
        env.agent().explain_deadline(&old_ticket.number).await.expect("the deadline can be explained");
    assert_eq!(explanation.explanation.policy_version, old_version);
    assert!(explanation.changes.iter().all(|change| change.policy_version.as_deref() == Some(&*old_version)));

    // Its ladder too: the new ticket is supervised after twelve hours, the old one after a day.
    env.advance_to(new_ticket.cycle.due_time + TimeDelta::hours(13)).await;
    let events_of_new_ticket = env.event_names(&new_ticket.number).await;
    assert_eq!(
        events_of_new_ticket.iter().filter(|name| **name == "RungFired").count(),
        2,
        "{events_of_new_ticket:?}"
    );

    let listed =
        proposer(env).list_rules_in_force(RuleKind::Policy).take_up_to(10).await.expect("they are listed");
    let listed: Vec<_> = listed.iter().map(|rule| (&*rule.version, rule.proposal_number)).collect();
    assert_eq!(listed, [(&*proposal.version, 1), (&*old_version, 0)]);
}

/// A year without a notice.
pub(super) fn provisional(year: u32) -> CalendarYear {
    CalendarYear { year, provisional: true, ..CalendarYear::default() }
}

async fn a_second_administrator_approves_after_a_dry_run(env: &TestEnv) {
    let from = at(OPENING) + TimeDelta::days(3);
    let proposal = propose(env, short_limits(env).await, from).await.expect("it is sound");
    let without_dry_run = approver(env).approve_proposal(ApproveProposal::of(&proposal)).await;
    refused(without_dry_run, ErrorReason::DryRunMissing);

    let dry_run = proposer(env).dry_run_proposal(proposal.number, None).await.expect("it is tried");
    refused(approver(env).approve_proposal(ApproveProposal::of(&proposal)).await, ErrorReason::EtagStale);
    refused(
        proposer(env).approve_proposal(ApproveProposal::of(&dry_run)).await,
        ErrorReason::SecondAdministratorNeeded,
    );

    // The report must be recent, and the effective time must be in the future.
    env.advance(TimeDelta::hours(25)).await;
    refused(approver(env).approve_proposal(ApproveProposal::of(&dry_run)).await, ErrorReason::DryRunMissing);
    let dry_run = approver(env).dry_run_proposal(proposal.number, None).await.expect("anybody may try it");
    env.advance_to(from - TimeDelta::seconds(59)).await;
    let last_dry_run = proposer(env).dry_run_proposal(proposal.number, None).await.expect("it is tried");
    assert_ne!(last_dry_run.etag, dry_run.etag);
    let too_late = approver(env).approve_proposal(ApproveProposal::of(&last_dry_run)).await;
    refused(too_late, ErrorReason::EffectiveTimeTooSoon);
    let unknown_proposal = ApproveProposal::of(&last_dry_run).proposal_number(99);
    refused(approver(env).approve_proposal(unknown_proposal).await, ErrorReason::ProposalNotFound);
    assert_eq!(in_force(env).await.deadline.general.days, 7);
}

async fn of_two_proposals_on_one_version_the_second_is_outdated(env: &TestEnv) {
    let from = at(OPENING) + TimeDelta::days(1);
    let earlier = propose(env, short_limits(env).await, from).await.expect("it is sound");
    let mut later = in_force(env).await;
    later.returns.returns_max = 1;
    let later = propose(env, later, from + TimeDelta::hours(1)).await.expect("it is sound");
    approve(env, &earlier).await.expect("the first is approved");
    let error = refused(approve(env, &later).await, ErrorReason::ProposalOutdated);
    assert_eq!(error.metadata().get("last_version"), Some(&earlier.version));
    refused(approve(env, &earlier).await, ErrorReason::ProposalDecided);
}

async fn an_approved_policy_can_be_withdrawn_until_it_is_in_force(env: &TestEnv) {
    let from = at(OPENING) + TimeDelta::days(1);
    let proposal = propose(env, short_limits(env).await, from).await.expect("it is sound");
    approve(env, &proposal).await.expect("the approval is accepted");
    let withdraw = WithdrawProposal::new(proposal.number).note("再议");
    let withdrawn = approver(env).withdraw_proposal(withdraw.clone()).await.expect("it is not in force yet");
    assert_eq!(
        (withdrawn.state, withdrawn.withdrawal_note.as_deref()),
        (ProposalState::Withdrawn, Some("再议"))
    );
    assert_eq!(
        withdrawn.approver.as_deref(),
        Some("dev-administrator-2"),
        "a withdrawn proposal still names its approver"
    );
    env.advance_to(from + TimeDelta::hours(1)).await;
    assert_eq!(in_force(env).await.deadline.general.days, 7);

    let from = env.now().await + TimeDelta::hours(1);
    let second_proposal =
        propose(env, short_limits(env).await, from).await.expect("the same values may be proposed again");
    assert_eq!(second_proposal.version, proposal.version);
    approve(env, &second_proposal).await.expect("the approval is accepted");
    env.advance_to(from).await;
    refused(
        approver(env).withdraw_proposal(WithdrawProposal::new(second_proposal.number)).await,
        ErrorReason::ProposalDecided,
    );
    assert_eq!(in_force(env).await.deadline.general.days, 2);
    let all = proposer(env).list_proposals(ListProposals::default().page_size(1));
    let all: Vec<_> = all
        .take_up_to(9)
        .await
        .expect("listed")
        .iter()
        .map(|proposal| (proposal.number, proposal.state))
        .collect();
    assert_eq!(all, [(2, ProposalState::Approved), (1, ProposalState::Withdrawn)]);
}

async fn the_dry_run_names_the_tickets_that_would_differ(env: &TestEnv) {
    let general_ticket = env.take_in(appeal()).await;
    env.take_in(appeal().complexity(Complexity::Complex)).await;
    let completed = env.appeal_in_handling().await;
    env.advance(TimeDelta::days(3)).await;
    env.complete(&completed.number, LEAD).await;

    let from = env.now().await + TimeDelta::days(1);
    let proposal = propose(env, short_limits(env).await, from).await.expect("it is sound");
    let dry_run = proposer(env).dry_run_proposal(proposal.number, None).await.expect("it is tried");
    let report = dry_run.dry_run.expect("the report is kept");
    assert_eq!((report.open_tickets, report.carried_over_tickets), (2, 0));
    // The general one would have been due yesterday, and supervised twelve hours later; the complex one would not
    // change.
    let actual: Vec<_> = report
        .tiers
        .iter()
        .map(|tier| (tier.tier.to_string(), tier.tickets, tier.earlier, tier.newly_overdue, tier.higher_rung))
        .collect();
    assert_eq!(actual, [("GENERAL".to_owned(), 1, 1, 1, 1), ("COMPLEX".to_owned(), 1, 0, 0, 0)]);
    let differences =
        proposer(env).list_ticket_differences(proposal.number).take_up_to(9).await.expect("listed");
    let [difference] = differences.as_slice() else { panic!("{differences:?}") };
    assert_eq!(
        (&difference.ticket_number, difference.due_time),
        (&general_ticket.number, general_ticket.cycle.due_time)
    );
    assert_eq!(difference.proposed_due_time, at(OPENING) + TimeDelta::days(2));
    assert_eq!(
        (difference.rung.map(|rung| rung.to_string()), difference.proposed_rung.map(|rung| rung.to_string())),
        (Some("NONE".into()), Some("SUPERVISED".into()))
    );
    assert_eq!(env.ticket(&general_ticket.number).await.etag, general_ticket.etag, "nothing has changed");
}

async fn a_repeated_request_proposes_and_approves_once(env: &TestEnv) {
    let new_id = || Some(hotline_client::Uuid::new_v4());
    let from = at(OPENING) + TimeDelta::days(1);
    let propose_request = ProposePolicy::new(short_limits(env).await, from, "试行").request_id(new_id());
    let proposal = proposer(env).propose_policy(propose_request.clone()).await.expect("it is sound");
    let dry_run_id = new_id();
    let dry_run = proposer(env).dry_run_proposal(proposal.number, dry_run_id).await.expect("it is tried");
    let approval = ApproveProposal::of(&dry_run).request_id(new_id());
    let approved = approver(env).approve_proposal(approval.clone()).await.expect("the approval is accepted");
    // Repeated afterwards, each request gets its first answer.
    env.advance_to(from + TimeDelta::days(1)).await;
    assert_eq!(proposer(env).propose_policy(propose_request.clone()).await.expect("a repeat"), proposal);
    assert_eq!(proposer(env).dry_run_proposal(proposal.number, dry_run_id).await.expect("a repeat"), dry_run);
    assert_eq!(approver(env).approve_proposal(approval).await.expect("a repeat"), approved);
    let changed = propose_request.reason("另一个理由");
    refused(proposer(env).propose_policy(changed).await, ErrorReason::RequestIdReused);
    let all = proposer(env).list_proposals(ListProposals::default()).take_up_to(9).await.expect("listed");
    assert_eq!(all.len(), 1);
}

/// A real database keeps the policy that it was created with, whatever its servers are configured with, and logs it.
#[tokio::test(flavor = "multi_thread")]
async fn a_restart_with_another_configuration_changes_no_policy() {
    for store in Store::every() {
        let mut env = TestEnv::with(store, Options::default());
        let seeded = proposer(&env).get_policy(Which::Now).await.expect("a policy is in force");
        env.server.restart_with(Options::default().set("policy.deadline.general.days", "3"));
        env.server.wait_for_line("configured [policy] is not in force");
        let after_restart = proposer(&env).get_policy(Which::Now).await.expect("a policy is in force");
        assert_eq!(after_restart, seeded);
        assert_eq!(env.take_in(appeal()).await.cycle.policy_version, seeded.version);
        let unknown_version = proposer(&env).get_policy(Which::Version("p-000000000000".into())).await;
        refused(unknown_version, ErrorReason::RulesNotFound);
    }
}
