//! New rules without a release: a policy and a year's notice of holidays are proposed, tried, approved by a second
//! administrator, and take effect by themselves, while every open ticket keeps the rules it was taken in under.

use chrono::{DateTime, TimeDelta, Utc};
use hotline_client::{
    Admin, ApproveProposal, CalendarHoliday, CalendarYear, Category, ClassifyTicket, Complexity,
    CreateTicket, DeadlineClock, Error, ErrorReason, ListProposals, Policy, Proposal, ProposalState,
    ProposeCalendar, ProposePolicy, RuleKind, Which, WithdrawProposal,
};

use super::test_env::{LEAD, OPENING, TestEnv, appeal, at, refused};
use crate::support::server::{Options, Store};

on_every_store!(env:
    a_policy_takes_effect_at_its_time_and_not_for_open_tickets,
    what_is_not_complete_and_monotone_is_refused_with_all_that_is_wrong,
    a_second_administrator_approves_what_was_tried,
    of_two_proposals_on_one_base_the_second_is_outdated,
    an_approved_policy_can_be_withdrawn_until_it_is_in_force,
    the_dry_run_names_the_tickets_that_would_differ,
    a_repeated_request_proposes_and_approves_once,
    a_flood_of_wrong_days_is_refused_in_words,
);

/// The administrator who proposes.
pub(super) fn first(env: &TestEnv) -> Admin {
    env.client("administrator").admin()
}

/// The one who approves.
fn second(env: &TestEnv) -> Admin {
    env.principal("dev-administrator-2").admin()
}

async fn in_force(env: &TestEnv) -> Policy {
    first(env).get_policy(Which::Now).await.expect("a policy is in force").policy
}

/// The policy in force, hastier.
async fn hasty(env: &TestEnv) -> Policy {
    let mut policy = in_force(env).await;
    policy.deadline.general.days = 2;
    policy.ladder.supervise_after_hours = 12;
    policy
}

async fn propose(env: &TestEnv, policy: Policy, from: DateTime<Utc>) -> Result<Proposal, Error> {
    first(env).propose_policy(ProposePolicy::new(policy, from, "试行更短的时限")).await
}

/// Tries a proposal and approves it.
pub(super) async fn approve(env: &TestEnv, proposal: &Proposal) -> Result<Proposal, Error> {
    let tried = first(env).dry_run_proposal(proposal.number, None).await?;
    second(env).approve_proposal(ApproveProposal::of(&tried)).await
}

async fn a_policy_takes_effect_at_its_time_and_not_for_open_tickets(env: &TestEnv) {
    let from = at(OPENING) + TimeDelta::days(1);
    let before = env.take_in(appeal()).await;
    let founding = before.cycle.policy_version.clone();
    let proposal = propose(env, hasty(env).await, from).await.expect("it is sound");
    assert_eq!(
        (proposal.number, proposal.state, proposal.kind),
        (1, ProposalState::Proposed, RuleKind::Policy)
    );
    assert_eq!(
        (proposal.base_version.as_str(), proposal.proposer.as_str()),
        (&*founding, "dev-administrator")
    );
    let changes: Vec<_> = proposal
        .changes
        .iter()
        .map(|one| (&*one.path, one.before.as_deref(), one.after.as_deref()))
        .collect();
    let expected = [
        ("deadline.general.days", Some("7"), Some("2")),
        ("ladder.supervise_after_hours", Some("24"), Some("12")),
    ];
    assert_eq!(changes, expected);
    let approved = approve(env, &proposal).await.expect("it is approved");
    assert_eq!(
        (approved.state, approved.approver.as_deref()),
        (ProposalState::Approved, Some("dev-administrator-2"))
    );

    // A moment before its time nothing has changed; at its time it has, and the future could be read all along.
    let tomorrow = first(env).get_policy(Which::At(from)).await.expect("it will be in force");
    assert_eq!(tomorrow.version, proposal.version);
    env.advance_to(from - TimeDelta::microseconds(1)).await;
    assert_eq!(env.take_in(appeal()).await.cycle.policy_version, founding);
    env.advance_to(from).await;
    let after = env.take_in(appeal()).await;
    assert_eq!(after.cycle.policy_version, proposal.version);
    assert_eq!(after.cycle.due_time, from + TimeDelta::days(2));

    // The ticket of before keeps its rules, whatever becomes of it.
    let complex = ClassifyTicket::new(&before.number, Category::Appeal, Complexity::Complex);
    let classified = env.agent().classify_ticket(complex).await.expect("it is open");
    assert_eq!(classified.cycle.policy_version, founding);
    assert_eq!(classified.cycle.due_time, at(OPENING) + TimeDelta::days(15));
    let why = env.agent().explain_deadline(&before.number).await.expect("it is explained");
    assert_eq!(why.explanation.policy_version, founding);
    assert!(why.changes.iter().all(|change| change.policy_version.as_deref() == Some(&*founding)));

    // Its ladder too: the new ticket is supervised after twelve hours, the old one after a day.
    env.advance_to(after.cycle.due_time + TimeDelta::hours(13)).await;
    let of_new = env.event_names(&after.number).await;
    assert_eq!(of_new.iter().filter(|name| **name == "RungFired").count(), 2, "{of_new:?}");

    let listed =
        first(env).list_rules_in_force(RuleKind::Policy).take_up_to(10).await.expect("they are listed");
    let listed: Vec<_> = listed.iter().map(|rule| (&*rule.version, rule.proposal_number)).collect();
    assert_eq!(listed, [(&*proposal.version, 1), (&*founding, 0)]);
}

async fn what_is_not_complete_and_monotone_is_refused_with_all_that_is_wrong(env: &TestEnv) {
    let fields =
        |error: &Error| error.field_violations().iter().map(|one| one.field.clone()).collect::<Vec<_>>();
    let soon = at(OPENING) + TimeDelta::days(1);
    let mut policy = in_force(env).await;
    policy.deadline.general.days = 0;
    policy.ladder.manual_after_hours = 24;
    policy.intake.seats = 0;
    let error = refused(propose(env, policy, at(OPENING)).await, ErrorReason::InvalidFields);
    let expected = [
        "effective_time",
        "policy.deadline.general.days",
        "policy.intake.seats",
        "policy.ladder.manual_after_hours",
    ];
    assert_eq!(fields(&error), expected);

    // Each limit is fine by itself, and on the days before a long holiday the complex one ends first.
    let mut policy = in_force(env).await;
    policy.deadline.general.clock = DeadlineClock::Working;
    policy.deadline.complex.days = 10;
    let error = refused(propose(env, policy, soon).await, ErrorReason::InvalidFields);
    assert_eq!(fields(&error), ["policy.deadline.complex"]);
    let said = &error.field_violations()[0].description;
    assert!(said.starts_with("a request of 20") && said.contains("due before"), "{said}");

    let same = refused(propose(env, in_force(env).await, soon).await, ErrorReason::InvalidFields);
    assert_eq!(fields(&same), ["policy"]);
    assert_eq!(first(env).list_proposals(ListProposals::default()).take_up_to(9).await.expect("listed"), []);

    let year = CalendarYear {
        year: 2027,
        notices: vec![],
        holidays: vec![
            CalendarHoliday {
                name: "元旦".into(),
                off_days: vec!["2027-01-01/2026-01-03".into()],
                ..CalendarHoliday::default()
            },
            CalendarHoliday {
                name: "春节".into(),
                work_days: vec!["2027-02-01".into()],
                ..CalendarHoliday::default()
            },
        ],
        ..CalendarYear::default()
    };
    let wrong = ProposeCalendar::new(vec![year.clone(), year], soon, "2027年放假安排");
    let error = refused(first(env).propose_calendar(wrong).await, ErrorReason::InvalidFields);
    let expected = [
        "years[0].notices",
        "years[0].holidays[0].off_days[0]",
        "years[0].holidays[1].work_days[0]",
        "years[0].holidays",
        "years[1].notices",
        "years[1].holidays[0].off_days[0]",
        "years[1].holidays[1].work_days[0]",
        "years[1].year",
        "years[1].holidays",
    ];
    assert_eq!(fields(&error), expected);
    for years in [vec![provisional(2028)], vec![provisional(2026)]] {
        let left_out = ProposeCalendar::new(years, soon, "预排");
        let error = refused(first(env).propose_calendar(left_out).await, ErrorReason::InvalidFields);
        assert_eq!(fields(&error), ["years"], "{error:?}");
    }
}

/// A year whose notice has not appeared.
pub(super) fn provisional(year: u32) -> CalendarYear {
    CalendarYear { year, provisional: true, ..CalendarYear::default() }
}

async fn a_second_administrator_approves_what_was_tried(env: &TestEnv) {
    let from = at(OPENING) + TimeDelta::days(3);
    let proposal = propose(env, hasty(env).await, from).await.expect("it is sound");
    let untried = second(env).approve_proposal(ApproveProposal::of(&proposal)).await;
    refused(untried, ErrorReason::DryRunMissing);

    let tried = first(env).dry_run_proposal(proposal.number, None).await.expect("it is tried");
    refused(second(env).approve_proposal(ApproveProposal::of(&proposal)).await, ErrorReason::EtagStale);
    refused(
        first(env).approve_proposal(ApproveProposal::of(&tried)).await,
        ErrorReason::SecondAdministratorNeeded,
    );

    // The report must be of today, and its time not be over.
    env.advance(TimeDelta::hours(25)).await;
    refused(second(env).approve_proposal(ApproveProposal::of(&tried)).await, ErrorReason::DryRunMissing);
    let tried = second(env).dry_run_proposal(proposal.number, None).await.expect("anybody may try it");
    env.advance_to(from - TimeDelta::seconds(59)).await;
    let tried_again = first(env).dry_run_proposal(proposal.number, None).await.expect("it is tried");
    assert_ne!(tried_again.etag, tried.etag);
    let late = second(env).approve_proposal(ApproveProposal::of(&tried_again)).await;
    refused(late, ErrorReason::EffectiveTimeTooSoon);
    let unknown = ApproveProposal { proposal_number: 99, ..ApproveProposal::of(&tried_again) };
    refused(second(env).approve_proposal(unknown).await, ErrorReason::ProposalNotFound);
    assert_eq!(in_force(env).await.deadline.general.days, 7);
}

async fn of_two_proposals_on_one_base_the_second_is_outdated(env: &TestEnv) {
    let from = at(OPENING) + TimeDelta::days(1);
    let one = propose(env, hasty(env).await, from).await.expect("it is sound");
    let mut other = in_force(env).await;
    other.returns.returns_max = 1;
    let other = propose(env, other, from + TimeDelta::hours(1)).await.expect("it is sound");
    approve(env, &one).await.expect("the first is approved");
    let error = refused(approve(env, &other).await, ErrorReason::ProposalOutdated);
    assert_eq!(error.metadata().get("last_version"), Some(&one.version));
    refused(approve(env, &one).await, ErrorReason::ProposalDecided);
}

async fn an_approved_policy_can_be_withdrawn_until_it_is_in_force(env: &TestEnv) {
    let from = at(OPENING) + TimeDelta::days(1);
    let proposal = propose(env, hasty(env).await, from).await.expect("it is sound");
    approve(env, &proposal).await.expect("it is approved");
    let withdraw = WithdrawProposal { note: Some("再议".into()), ..WithdrawProposal::new(proposal.number) };
    let withdrawn = second(env).withdraw_proposal(withdraw.clone()).await.expect("it is not in force yet");
    assert_eq!(
        (withdrawn.state, withdrawn.withdrawal_note.as_deref()),
        (ProposalState::Withdrawn, Some("再议"))
    );
    assert_eq!(withdrawn.approver.as_deref(), Some("dev-administrator-2"), "what was done stays told");
    env.advance_to(from + TimeDelta::hours(1)).await;
    assert_eq!(in_force(env).await.deadline.general.days, 7);

    let from = env.now().await + TimeDelta::hours(1);
    let again = propose(env, hasty(env).await, from).await.expect("the same values may be proposed again");
    assert_eq!(again.version, proposal.version);
    approve(env, &again).await.expect("it is approved");
    env.advance_to(from).await;
    refused(
        second(env).withdraw_proposal(WithdrawProposal::new(again.number)).await,
        ErrorReason::ProposalDecided,
    );
    assert_eq!(in_force(env).await.deadline.general.days, 2);
    let all = first(env).list_proposals(ListProposals { page_size: Some(1), ..ListProposals::default() });
    let all: Vec<_> =
        all.take_up_to(9).await.expect("listed").iter().map(|one| (one.number, one.state)).collect();
    assert_eq!(all, [(2, ProposalState::Approved), (1, ProposalState::Withdrawn)]);
}

async fn the_dry_run_names_the_tickets_that_would_differ(env: &TestEnv) {
    let general = env.take_in(appeal()).await;
    env.take_in(CreateTicket { complexity: Complexity::Complex, ..appeal() }).await;
    let done = env.appeal_in_handling().await;
    env.advance(TimeDelta::days(3)).await;
    env.complete(&done.number, LEAD).await;

    let from = env.now().await + TimeDelta::days(1);
    let proposal = propose(env, hasty(env).await, from).await.expect("it is sound");
    let tried = first(env).dry_run_proposal(proposal.number, None).await.expect("it is tried");
    let report = tried.dry_run.expect("the report is kept");
    assert_eq!((report.open_tickets, report.carried_over_tickets), (2, 0));
    // The general one would have been due yesterday, and supervised twelve hours later; the complex one is as it was.
    let actual: Vec<_> = report
        .tiers
        .iter()
        .map(|tier| (tier.tier.to_string(), tier.tickets, tier.earlier, tier.newly_overdue, tier.higher_rung))
        .collect();
    assert_eq!(actual, [("GENERAL".to_owned(), 1, 1, 1, 1), ("COMPLEX".to_owned(), 1, 0, 0, 0)]);
    let differing = first(env).list_ticket_differences(proposal.number).take_up_to(9).await.expect("listed");
    let [one] = differing.as_slice() else { panic!("{differing:?}") };
    assert_eq!((&one.ticket_number, one.due_time), (&general.number, general.cycle.due_time));
    assert_eq!(one.proposed_due_time, at(OPENING) + TimeDelta::days(2));
    assert_eq!(
        (one.rung.map(|rung| rung.to_string()), one.proposed_rung.map(|rung| rung.to_string())),
        (Some("NONE".into()), Some("SUPERVISED".into()))
    );
    assert_eq!(env.ticket(&general.number).await.etag, general.etag, "nothing has changed");
}

async fn a_repeated_request_proposes_and_approves_once(env: &TestEnv) {
    let id = || Some(hotline_client::Uuid::new_v4());
    let from = at(OPENING) + TimeDelta::days(1);
    let ask = ProposePolicy { request_id: id(), ..ProposePolicy::new(hasty(env).await, from, "试行") };
    let proposal = first(env).propose_policy(ask.clone()).await.expect("it is sound");
    let dry_run_id = id();
    let tried = first(env).dry_run_proposal(proposal.number, dry_run_id).await.expect("it is tried");
    let approval = ApproveProposal { request_id: id(), ..ApproveProposal::of(&tried) };
    let approved = second(env).approve_proposal(approval.clone()).await.expect("it is approved");
    // Repeated when all of it is over, each answers what it answered.
    env.advance_to(from + TimeDelta::days(1)).await;
    assert_eq!(first(env).propose_policy(ask.clone()).await.expect("a repeat"), proposal);
    assert_eq!(first(env).dry_run_proposal(proposal.number, dry_run_id).await.expect("a repeat"), tried);
    assert_eq!(second(env).approve_proposal(approval).await.expect("a repeat"), approved);
    let other = ProposePolicy { reason: "另一个理由".into(), ..ask };
    refused(first(env).propose_policy(other).await, ErrorReason::RequestIdReused);
    let all = first(env).list_proposals(ListProposals::default()).take_up_to(9).await.expect("listed");
    assert_eq!(all.len(), 1);
}

async fn a_flood_of_wrong_days_is_refused_in_words(env: &TestEnv) {
    let days: Vec<String> = (1..=20).map(|day| format!("2027/01/{day:02}")).collect();
    let holiday = CalendarHoliday { name: "元旦".into(), off_days: days.clone(), work_days: days };
    let year = CalendarYear { year: 2027, holidays: vec![holiday; 20], ..provisional(2027) };
    let soon = at(OPENING) + TimeDelta::days(1);
    let flood = ProposeCalendar::new(vec![year], soon, "2027年放假安排");
    let error = refused(first(env).propose_calendar(flood).await, ErrorReason::InvalidFields);
    let wrong = error.field_violations();
    assert_eq!(wrong[0].field, "years[0].holidays[0].off_days[0]");
    assert!(wrong.len() > 30, "{}", wrong.len());
    let last = &wrong[wrong.len() - 1].description;
    // Eight hundred days in all.
    assert_eq!(*last, format!("is wrong, and so are {} more fields", 800 - wrong.len()));
    let hostile = CalendarHoliday { name: "元旦\u{7}".into(), ..CalendarHoliday::default() };
    let year = CalendarYear { holidays: vec![hostile], ..provisional(2027) };
    let hostile = ProposeCalendar::new(vec![year], soon, "2027年放假安排");
    let error = refused(first(env).propose_calendar(hostile).await, ErrorReason::InvalidFields);
    assert_eq!(error.field_violations()[0].field, "years[0].holidays[0].name");
}

/// A real database keeps the policy it was founded on, whatever its servers are started with, and says so.
#[tokio::test(flavor = "multi_thread")]
async fn a_restart_with_another_configuration_changes_no_policy() {
    for store in Store::every() {
        let mut env = TestEnv::with(store, Options::default());
        let founding = first(&env).get_policy(Which::Now).await.expect("a policy is in force");
        env.server.restart_with(Options::default().set("policy.deadline.general.days", "3"));
        env.server.wait_for_line("is neither in force nor what this database was founded on");
        let kept = first(&env).get_policy(Which::Now).await.expect("a policy is in force");
        assert_eq!(kept, founding);
        assert_eq!(env.take_in(appeal()).await.cycle.policy_version, founding.version);
        let unknown = first(&env).get_policy(Which::Version("p-000000000000".into())).await;
        refused(unknown, ErrorReason::RulesNotFound);
    }
}
