//! New rules without a release: a policy and a year's notice of holidays are proposed, tried, approved by a second
//! administrator, and take effect by themselves, while every open ticket keeps the rules it was taken in under.

use chrono::{DateTime, TimeDelta, Utc};
use hotline_client::{
    Admin, ApproveProposal, CalendarHoliday, CalendarYear, Category, ClassifyTicket, Complexity,
    CreateTicket, DayKind, DeadlineClock, Error, ErrorReason, ListProposals, Policy, PreviewDeadline,
    Proposal, ProposalState, ProposeCalendar, ProposePolicy, ReworkTicket, RuleKind, SubmitSurvey, Which,
    WithdrawProposal,
};

use super::city::{City, LEAD, OPENING, appeal, at, refused};
use crate::support::server::{Options, Store};

on_every_store!(city:
    a_policy_takes_effect_at_its_time_and_not_for_open_tickets,
    what_is_not_complete_and_monotone_is_refused_with_all_that_is_wrong,
    a_second_administrator_approves_what_was_tried,
    of_two_proposals_on_one_base_the_second_is_outdated,
    an_approved_policy_can_be_withdrawn_until_it_is_in_force,
    the_dry_run_names_the_tickets_that_would_differ,
);

/// The administrator who proposes.
fn first(city: &City) -> Admin {
    city.client("administrator").admin()
}

/// The one who approves.
fn second(city: &City) -> Admin {
    city.principal("dev-administrator-2").admin()
}

async fn in_force(city: &City) -> Policy {
    first(city).get_policy(Which::Now).await.expect("a policy is in force").policy
}

/// The policy in force, hastier.
async fn hasty(city: &City) -> Policy {
    let mut policy = in_force(city).await;
    policy.deadline.general.days = 2;
    policy.ladder.supervise_after_hours = 12;
    policy
}

async fn propose(city: &City, policy: Policy, from: DateTime<Utc>) -> Result<Proposal, Error> {
    first(city).propose_policy(ProposePolicy::new(policy, from, "试行更短的时限")).await
}

/// Tries a proposal and approves it.
async fn approve(city: &City, proposal: &Proposal) -> Result<Proposal, Error> {
    let tried = first(city).dry_run_proposal(proposal.number, None).await?;
    second(city).approve_proposal(ApproveProposal::of(&tried)).await
}

async fn a_policy_takes_effect_at_its_time_and_not_for_open_tickets(city: &City) {
    let from = at(OPENING) + TimeDelta::days(1);
    let before = city.take_in(appeal()).await;
    let founding = before.cycle.policy_version.clone();
    let proposal = propose(city, hasty(city).await, from).await.expect("it is sound");
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
    let approved = approve(city, &proposal).await.expect("it is approved");
    assert_eq!(
        (approved.state, approved.approver.as_deref()),
        (ProposalState::Approved, Some("dev-administrator-2"))
    );

    // A moment before its time nothing has changed; at its time it has, and the future could be read all along.
    let tomorrow = first(city).get_policy(Which::At(from)).await.expect("it will be in force");
    assert_eq!(tomorrow.version, proposal.version);
    city.advance_to(from - TimeDelta::microseconds(1)).await;
    assert_eq!(city.take_in(appeal()).await.cycle.policy_version, founding);
    city.advance_to(from).await;
    let after = city.take_in(appeal()).await;
    assert_eq!(after.cycle.policy_version, proposal.version);
    assert_eq!(after.cycle.due_time, from + TimeDelta::days(2));

    // The ticket of before keeps its rules, whatever becomes of it.
    let complex = ClassifyTicket::new(&before.number, Category::Appeal, Complexity::Complex);
    let classified = city.agent().classify_ticket(complex).await.expect("it is open");
    assert_eq!(classified.cycle.policy_version, founding);
    assert_eq!(classified.cycle.due_time, at(OPENING) + TimeDelta::days(15));
    let why = city.agent().explain_deadline(&before.number).await.expect("it is explained");
    assert_eq!(why.explanation.policy_version, founding);
    assert!(why.changes.iter().all(|change| change.policy_version.as_deref() == Some(&*founding)));

    // Its ladder too: the new ticket is supervised after twelve hours, the old one after a day.
    city.advance_to(after.cycle.due_time + TimeDelta::hours(13)).await;
    let of_new = city.story_of(&after.number).await;
    assert_eq!(of_new.iter().filter(|name| **name == "RungFired").count(), 2, "{of_new:?}");

    let listed =
        first(city).list_rules_in_force(RuleKind::Policy).take_up_to(10).await.expect("they are listed");
    let listed: Vec<_> = listed.iter().map(|rule| (&*rule.version, rule.proposal_number)).collect();
    assert_eq!(listed, [(&*proposal.version, 1), (&*founding, 0)]);
}

async fn what_is_not_complete_and_monotone_is_refused_with_all_that_is_wrong(city: &City) {
    let fields =
        |error: &Error| error.field_violations().iter().map(|one| one.field.clone()).collect::<Vec<_>>();
    let soon = at(OPENING) + TimeDelta::days(1);
    let mut policy = in_force(city).await;
    policy.deadline.general.days = 0;
    policy.ladder.manual_after_hours = 24;
    policy.intake.seats = 0;
    let error = refused(propose(city, policy, at(OPENING)).await, ErrorReason::InvalidFields);
    let expected = [
        "effective_time",
        "policy.deadline.general.days",
        "policy.intake.seats",
        "policy.ladder.manual_after_hours",
    ];
    assert_eq!(fields(&error), expected);

    // Each limit is fine by itself, and on the days before a long holiday the complex one ends first.
    let mut policy = in_force(city).await;
    policy.deadline.general.clock = DeadlineClock::Working;
    policy.deadline.complex.days = 10;
    let error = refused(propose(city, policy, soon).await, ErrorReason::InvalidFields);
    assert_eq!(fields(&error), ["policy.deadline.complex"]);
    let said = &error.field_violations()[0].description;
    assert!(said.starts_with("a request of 20") && said.contains("due before"), "{said}");

    let same = refused(propose(city, in_force(city).await, soon).await, ErrorReason::InvalidFields);
    assert_eq!(fields(&same), ["policy"]);
    assert_eq!(first(city).list_proposals(ListProposals::default()).take_up_to(9).await.expect("listed"), []);

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
    let error = refused(first(city).propose_calendar(wrong).await, ErrorReason::InvalidFields);
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
        let error = refused(first(city).propose_calendar(left_out).await, ErrorReason::InvalidFields);
        assert_eq!(fields(&error), ["years"], "{error:?}");
    }
}

/// A year whose notice has not appeared.
fn provisional(year: u32) -> CalendarYear {
    CalendarYear { year, provisional: true, ..CalendarYear::default() }
}

async fn a_second_administrator_approves_what_was_tried(city: &City) {
    let from = at(OPENING) + TimeDelta::days(3);
    let proposal = propose(city, hasty(city).await, from).await.expect("it is sound");
    let untried = second(city).approve_proposal(ApproveProposal::of(&proposal)).await;
    refused(untried, ErrorReason::DryRunMissing);

    let tried = first(city).dry_run_proposal(proposal.number, None).await.expect("it is tried");
    refused(second(city).approve_proposal(ApproveProposal::of(&proposal)).await, ErrorReason::EtagStale);
    refused(
        first(city).approve_proposal(ApproveProposal::of(&tried)).await,
        ErrorReason::SecondAdministratorNeeded,
    );

    // The report must be of today, and its time not be over.
    city.advance(TimeDelta::hours(25)).await;
    refused(second(city).approve_proposal(ApproveProposal::of(&tried)).await, ErrorReason::DryRunMissing);
    let tried = second(city).dry_run_proposal(proposal.number, None).await.expect("anybody may try it");
    city.advance_to(from - TimeDelta::seconds(59)).await;
    let tried_again = first(city).dry_run_proposal(proposal.number, None).await.expect("it is tried");
    assert_ne!(tried_again.etag, tried.etag);
    let late = second(city).approve_proposal(ApproveProposal::of(&tried_again)).await;
    refused(late, ErrorReason::EffectiveTimeTooSoon);
    let unknown = ApproveProposal { proposal_number: 99, ..ApproveProposal::of(&tried_again) };
    refused(second(city).approve_proposal(unknown).await, ErrorReason::ProposalNotFound);
    assert_eq!(in_force(city).await.deadline.general.days, 7);
}

async fn of_two_proposals_on_one_base_the_second_is_outdated(city: &City) {
    let from = at(OPENING) + TimeDelta::days(1);
    let one = propose(city, hasty(city).await, from).await.expect("it is sound");
    let mut other = in_force(city).await;
    other.returns.returns_max = 1;
    let other = propose(city, other, from + TimeDelta::hours(1)).await.expect("it is sound");
    approve(city, &one).await.expect("the first is approved");
    let error = refused(approve(city, &other).await, ErrorReason::ProposalOutdated);
    assert_eq!(error.metadata().get("in_force"), Some(&one.version));
    refused(approve(city, &one).await, ErrorReason::ProposalDecided);
}

async fn an_approved_policy_can_be_withdrawn_until_it_is_in_force(city: &City) {
    let from = at(OPENING) + TimeDelta::days(1);
    let proposal = propose(city, hasty(city).await, from).await.expect("it is sound");
    approve(city, &proposal).await.expect("it is approved");
    let withdraw = WithdrawProposal { note: Some("再议".into()), ..WithdrawProposal::new(proposal.number) };
    let withdrawn = second(city).withdraw_proposal(withdraw.clone()).await.expect("it is not in force yet");
    assert_eq!(
        (withdrawn.state, withdrawn.withdrawal_note.as_deref()),
        (ProposalState::Withdrawn, Some("再议"))
    );
    assert_eq!(withdrawn.approver.as_deref(), Some("dev-administrator-2"), "what was done stays told");
    city.advance_to(from + TimeDelta::hours(1)).await;
    assert_eq!(in_force(city).await.deadline.general.days, 7);

    let from = city.now().await + TimeDelta::hours(1);
    let again = propose(city, hasty(city).await, from).await.expect("the same values may be proposed again");
    assert_eq!(again.version, proposal.version);
    approve(city, &again).await.expect("it is approved");
    city.advance_to(from).await;
    refused(
        second(city).withdraw_proposal(WithdrawProposal::new(again.number)).await,
        ErrorReason::ProposalDecided,
    );
    assert_eq!(in_force(city).await.deadline.general.days, 2);
    let all = first(city).list_proposals(ListProposals { page_size: Some(1), ..ListProposals::default() });
    let all: Vec<_> =
        all.take_up_to(9).await.expect("listed").iter().map(|one| (one.number, one.state)).collect();
    assert_eq!(all, [(2, ProposalState::Approved), (1, ProposalState::Withdrawn)]);
}

async fn the_dry_run_names_the_tickets_that_would_differ(city: &City) {
    let general = city.take_in(appeal()).await;
    city.take_in(CreateTicket { complexity: Complexity::Complex, ..appeal() }).await;
    let done = city.appeal_in_handling().await;
    city.advance(TimeDelta::days(3)).await;
    city.hand_in(&done.number, LEAD).await;

    let from = city.now().await + TimeDelta::days(1);
    let proposal = propose(city, hasty(city).await, from).await.expect("it is sound");
    let tried = first(city).dry_run_proposal(proposal.number, None).await.expect("it is tried");
    let report = tried.dry_run.expect("the report is kept");
    assert_eq!((report.open_tickets, report.carried_over_tickets), (2, 0));
    // The general one would have been due yesterday, and supervised twelve hours later; the complex one is as it was.
    let told: Vec<_> = report
        .tiers
        .iter()
        .map(|tier| (tier.tier.to_string(), tier.tickets, tier.earlier, tier.newly_overdue, tier.higher_rung))
        .collect();
    assert_eq!(told, [("GENERAL".to_owned(), 1, 1, 1, 1), ("COMPLEX".to_owned(), 1, 0, 0, 0)]);
    let differing = first(city).list_ticket_differences(proposal.number).take_up_to(9).await.expect("listed");
    let [one] = differing.as_slice() else { panic!("{differing:?}") };
    assert_eq!((&one.ticket_number, one.due_time), (&general.number, general.cycle.due_time));
    assert_eq!(one.proposed_due_time, at(OPENING) + TimeDelta::days(2));
    assert_eq!(
        (one.rung.map(|rung| rung.to_string()), one.proposed_rung.map(|rung| rung.to_string())),
        (Some("NONE".into()), Some("SUPERVISED".into()))
    );
    assert_eq!(city.ticket(&general.number).await.etag, general.etag, "nothing has changed");
}

/// The notice for 2027 as it might be.
fn notice_of_2027() -> CalendarYear {
    let holiday = |name: &str, off: &[&str], work: &[&str]| CalendarHoliday {
        name: name.into(),
        off_days: off.iter().map(ToString::to_string).collect(),
        work_days: work.iter().map(ToString::to_string).collect(),
    };
    CalendarYear {
        year: 2027,
        provisional: false,
        notices: vec!["示例〔2026〕1号".into()],
        holidays: vec![
            holiday("元旦", &["2027-01-01/2027-01-03"], &[]),
            holiday("春节", &["2027-02-05/2027-02-11"], &["2027-02-14", "2027-02-20"]),
            holiday("清明节", &["2027-04-05"], &[]),
            holiday("劳动节", &["2027-05-01/2027-05-05"], &["2027-05-08"]),
            holiday("端午节", &["2027-06-09"], &[]),
            holiday("中秋节", &["2027-09-15"], &[]),
            holiday("国庆节", &["2027-10-01/2027-10-07"], &["2027-09-26", "2027-10-09"]),
        ],
    }
}

/// The evening of 30 December 2026, in a city that counts working days.
fn before_2027(store: Store) -> City {
    let options = Options::default()
        .simulated_clock("2026-12-30T10:00:00+08:00")
        .set("policy.deadline.general.clock", "working")
        .set("policy.deadline.complex.clock", "working");
    City::with(store, options)
}

/// A year's notice is loaded without a release; limits that were told before stay, a new cycle counts by the notice.
#[tokio::test(flavor = "multi_thread")]
async fn a_notice_of_holidays_is_loaded_without_a_release() {
    for store in Store::every() {
        let city = before_2027(store);
        let before = city.appeal_in_handling().await;
        // Seven days, Monday to Friday, on past the New Year nobody has ruled on yet.
        assert_eq!(before.cycle.due_time, at("2027-01-08T10:00:00+08:00"));
        assert!(before.cycle.deadline_provisional);

        let from = city.now().await + TimeDelta::hours(2);
        let expected = load(&city, provisional(2027), from).await;
        city.advance_to(from).await;
        assert!(city.take_in(appeal()).await.cycle.deadline_provisional, "expected, and not ruled on");
        let from = city.now().await + TimeDelta::hours(2);
        let ruled = load(&city, notice_of_2027(), from).await;
        assert_ne!(ruled.version, expected.version);
        city.advance_to(from).await;

        let after = city.take_in(appeal()).await;
        assert_eq!(
            (after.cycle.calendar_version.as_str(), after.cycle.deadline_provisional),
            (&*ruled.version, false)
        );
        // 31 December, then 4 to 8 January and the 11th.
        assert_eq!(after.cycle.due_time, at("2027-01-11T14:00:00+08:00"));
        let why = city.agent().explain_deadline(&after.number).await.expect("it is explained");
        let new_year = why.explanation.lines.iter().filter(|line| line.holiday.as_deref() == Some("元旦"));
        assert_eq!(new_year.filter(|line| line.kind == DayKind::Holiday).count(), 3);
        keeps_its_calendar(&city, &before.number, &ruled.version).await;
    }
}

/// Proposes a year, tries it and approves it.
async fn load(city: &City, year: CalendarYear, from: DateTime<Utc>) -> Proposal {
    let proposal =
        first(city).propose_calendar(ProposeCalendar::new(vec![year], from, "2027年放假安排")).await;
    approve(city, &proposal.expect("the year is sound")).await.expect("it is approved")
}

async fn keeps_its_calendar(city: &City, number: &str, ruled: &str) {
    let complex = ClassifyTicket::new(number, Category::Appeal, Complexity::Complex);
    let classified = city.agent().classify_ticket(complex).await.expect("it is open");
    let kept = classified.cycle.calendar_version.clone();
    assert_eq!(kept, "cn-2026.1");
    assert_eq!(classified.cycle.due_time, at("2027-01-20T10:00:00+08:00"), "fifteen weekdays");
    let explained = city.agent().explain_deadline(number).await.expect("it is explained").explanation;
    assert_eq!((explained.calendar_version, explained.due_time), (kept, classified.cycle.due_time));

    // A rework begins a new cycle: it counts by the notice that is known by now.
    city.hand_in(number, LEAD).await;
    let survey = SubmitSurvey { resolved: Some(hotline_client::Resolved::No), ..SubmitSurvey::new(number) };
    city.agent().submit_survey(survey).await.expect("the company answers");
    let reworked = city.agent().rework_ticket(ReworkTicket::new(number, "请重新办理")).await.expect("once");
    assert_eq!(
        (reworked.cycle.calendar_version.as_str(), reworked.cycle.deadline_provisional),
        (ruled, false)
    );
    let question = PreviewDeadline {
        calendar_version: Some("cn-2026.1".into()),
        ..PreviewDeadline::new(Category::Appeal, Complexity::Complex)
    };
    let preview = city.client("agent").directory().preview_deadline(question).await;
    let preview = preview.expect("any version can be asked");
    assert!(preview.provisional && preview.due_time < reworked.cycle.due_time);
}

/// A real database keeps the policy it was founded on, whatever its servers are started with, and says so.
#[tokio::test(flavor = "multi_thread")]
async fn a_restart_with_another_configuration_changes_no_policy() {
    for store in Store::every() {
        let mut city = City::with(store, Options::default());
        let founding = first(&city).get_policy(Which::Now).await.expect("a policy is in force");
        city.server.restart_with(Options::default().set("policy.deadline.general.days", "3"));
        city.server.wait_for_line("is not the one that this database was founded on");
        let kept = first(&city).get_policy(Which::Now).await.expect("a policy is in force");
        assert_eq!(kept, founding);
        assert_eq!(city.take_in(appeal()).await.cycle.policy_version, founding.version);
        let unknown = first(&city).get_policy(Which::Version("p-000000000000".into())).await;
        refused(unknown, ErrorReason::RulesNotFound);
    }
}
