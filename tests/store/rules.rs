//! New rules on both databases: concurrent approvals, intakes around the effective time, the dry run against a count by
//! hand, and the calendar of a newer release.

use chrono::{DateTime, TimeDelta, Utc};
use hotline_proto::v1::ErrorReason;
use hotline_server::closed_loop::accept_ticket::AcceptTicket;
use hotline_server::closed_loop::carry_over_ticket::CarryOverTicket;
use hotline_server::deadline::{Calendar, Policy, RuleKind, YearTable, due, in_force};
use hotline_server::desk::rules::propose::{self, CheckedProposal, ProposalMeta};
use hotline_server::desk::rules::propose_calendar::check_calendar;
use hotline_server::desk::rules::propose_policy::check_policy;
use hotline_server::desk::rules::{Proposal, approve_proposal, dry_run, dry_run_proposal, withdraw_proposal};
use hotline_server::platform::{Fault, Violations};
use hotline_server::ticket::Tier;
use tokio::task::JoinSet;

use super::fixture::{
    Database, Hotline, appeal, as_complex, clerk, default_policy, dispatch, opening, staff, unit,
};
use super::{both, consistency};

both! {
    of_approvals_at_once_one_comes_into_force
    a_ticket_is_taken_in_under_what_is_in_force_at_its_intake
    the_dry_run_gives_the_expected_counts
    pages_of_differences_are_the_whole
    what_another_version_is_built_on_is_not_withdrawn_before_it
    a_proposal_stands_on_the_last_version_of_either_kind
}

pub(super) fn with_days(days: u32) -> Policy {
    let mut policy = default_policy();
    policy.deadline.general.days = days;
    policy
}

fn meta(from: DateTime<Utc>) -> ProposalMeta {
    ProposalMeta { principal: "one".to_owned(), effective_from: from, reason: "for the test".to_owned() }
}

async fn write(hotline: &Hotline, checked: CheckedProposal) -> Result<Proposal, Fault> {
    let book = hotline.ledger.rules().clone();
    let written = hotline.store.work(&hotline.clock, move |work| {
        let (book, checked) = (book.clone(), checked.clone());
        Box::pin(async move { propose::write(work, &book, &checked).await })
    });
    written.await
}

async fn check(hotline: &Hotline, policy: Policy, from: DateTime<Utc>) -> Result<CheckedProposal, Fault> {
    let (reader, book, now) = (hotline.store.reader(), hotline.ledger.rules(), hotline.clock.now());
    check_policy(reader, book, (policy, meta(from)), now, Violations::new()).await
}

async fn propose(hotline: &Hotline, policy: Policy, from: DateTime<Utc>) -> Proposal {
    let checked = check(hotline, policy, from).await.expect("the policy is sound");
    write(hotline, checked).await.expect("nothing came between")
}

/// Proposes a year of the calendar.
async fn propose_year(hotline: &Hotline, year: YearTable, from: DateTime<Utc>) -> Proposal {
    let (reader, book, now) = (hotline.store.reader(), hotline.ledger.rules(), hotline.clock.now());
    let checked = check_calendar(reader, book, (vec![year], meta(from)), now, Violations::new()).await;
    write(hotline, checked.expect("the year is sound")).await.expect("nothing came between")
}

/// A year whose notice has not appeared.
pub(super) fn expected(year: i32) -> YearTable {
    YearTable { year, provisional: true, notices: vec![], holidays: vec![] }
}

async fn withdraw(hotline: &Hotline, number: u32, etag: Option<&str>) -> Result<Proposal, Fault> {
    let etag = etag.map(str::to_owned);
    hotline
        .store
        .work(&hotline.clock, move |work| {
            let etag = etag.clone();
            Box::pin(
                async move { withdraw_proposal::withdraw(work, "one", number, etag.as_deref(), "").await },
            )
        })
        .await
}

/// Tries a proposal on the open tickets.
pub(super) async fn tried(hotline: &Hotline, proposal: &Proposal) -> Proposal {
    let (reader, now) = (hotline.store.reader(), hotline.clock.now());
    let report = dry_run::run(reader, hotline.ledger.rules(), proposal, "one", now).await;
    let (number, report) = (proposal.number, report.expect("it can be tried"));
    let kept = hotline
        .store
        .work(&hotline.clock, move |work| Box::pin(dry_run_proposal::report(work, number, report.clone())))
        .await;
    kept.expect("the report is kept")
}

pub(super) async fn approve(hotline: &Hotline, proposal: &Proposal) -> Result<Proposal, Fault> {
    let (number, etag) = (proposal.number, proposal.etag());
    hotline
        .store
        .work(&hotline.clock, move |work| {
            let etag = etag.clone();
            Box::pin(async move { approve_proposal::approve(work, "other", number, &etag).await })
        })
        .await
}

async fn of_approvals_at_once_one_comes_into_force(database: Database) {
    let hotline = Hotline::open(&database).await;
    for round in 0..8_u32 {
        let hour = hotline.clock.now() + TimeDelta::hours(1);
        let mut proposals = Vec::new();
        // All on one base, each with its own effective time.
        for days in 1..=4 {
            let from = hour + TimeDelta::minutes(days.into());
            // No round proposes the policy that the round before has left in force.
            let policy = with_days(4 * (round % 2) + days);
            proposals.push(tried(&hotline, &propose(&hotline, policy, from).await).await);
        }
        let mut approvals = JoinSet::new();
        for proposal in proposals {
            let hotline = hotline.clone();
            approvals.spawn(async move { (proposal.effective_from, approve(&hotline, &proposal).await) });
        }
        let outcomes = approvals.join_all().await;
        let approved: Vec<_> =
            outcomes.iter().filter_map(|(from, one)| Some((*from, one.as_ref().ok()?))).collect();
        let [(from, approved)] = approved.as_slice() else { panic!("{outcomes:?}") };
        for refused in outcomes.iter().filter_map(|(_, one)| one.as_ref().err()) {
            assert_eq!(refused.reason, ErrorReason::ProposalOutdated, "{refused:?}");
        }
        let (reader, kind) = (hotline.store.reader(), RuleKind::Policy);
        let listed = in_force::page(reader, kind, None, 100).await.expect("listed");
        assert_eq!(listed.len(), 2 + round as usize, "the founding one, and one a round");
        assert_eq!((listed[0].effective_from, &listed[0].version), (*from, &approved.version));
        hotline.clock.advance_to(*from);
        let now = hotline.ledger.rules().in_force(reader, hotline.clock.now()).await;
        assert_eq!(now.expect("a policy is in force").policy_version, approved.version);
    }
}

async fn a_ticket_is_taken_in_under_what_is_in_force_at_its_intake(database: Database) {
    let hotline = Hotline::open(&database).await;
    let from = opening() + TimeDelta::minutes(30);
    let proposal = tried(&hotline, &propose(&hotline, with_days(3), from).await).await;
    approve(&hotline, &proposal).await.expect("it is approved");
    // Callers and the clock go on concurrently, so that units of work begin on both sides of the instant.
    let mut callers = JoinSet::new();
    for caller in 0..4 {
        let hotline = hotline.clone();
        callers.spawn(async move {
            let mut taken_in = Vec::new();
            for call in 0..30 {
                hotline.clock.advance_to(hotline.clock.now() + TimeDelta::seconds(30));
                taken_in.push(hotline.create(appeal(&format!("call {call} of {caller}"))).await);
            }
            taken_in
        });
    }
    let tickets: Vec<_> = callers.join_all().await.into_iter().flatten().collect();
    let after = tickets.iter().filter(|ticket| ticket.received_at >= from).count();
    assert!((1..tickets.len()).contains(&after), "{after} of {} after the instant", tickets.len());
    for ticket in &tickets {
        let days = if ticket.received_at >= from { 3 } else { 7 };
        assert_eq!(ticket.cycle.due_at(), ticket.received_at + TimeDelta::days(days), "{}", ticket.number);
        assert_eq!(
            ticket.cycle.deadline.policy_version,
            with_days(u32::try_from(days).expect("few")).version()
        );
    }
    assert_eq!(consistency::check_all(&hotline).await, tickets.len());
}

/// A ticket whose promised date does not change.
async fn carried_over(hotline: &Hotline) {
    let lead = unit("dept-tax");
    let number = hotline.create(appeal("carried over")).await.number;
    hotline.change(staff("DispatchTicket"), number, dispatch(&lead)).await.expect("it is dispatched");
    let accept = AcceptTicket;
    hotline.change(clerk("AcceptTicket", &lead), number, accept).await.expect("it is signed for");
    let (now, next_steps) = (hotline.clock.now(), "等待验收".to_owned());
    let ask = CarryOverTicket::Ask { next_steps, promised_at: now + TimeDelta::days(60), informed_at: now };
    hotline.change(clerk("CarryOverTicket", &lead), number, ask).await.expect("it is asked for");
    let grant = CarryOverTicket::Decide { is_granted: true, note: String::new() };
    hotline.change(staff("CarryOverTicket"), number, grant).await.expect("it is granted");
}

async fn the_dry_run_gives_the_expected_counts(database: Database) {
    let hotline = Hotline::open(&database).await;
    let mut tickets = Vec::new();
    for hours in 0..40 {
        hotline.clock.advance_to(opening() + TimeDelta::hours(4 * hours));
        tickets.extend(hotline.create_appeals(1).await);
    }
    let complex = hotline.change(staff("ClassifyTicket"), tickets[0].number, as_complex()).await;
    complex.expect("it is open");
    carried_over(&hotline).await;
    let now = hotline.clock.now();
    let proposal = propose(&hotline, with_days(3), now + TimeDelta::days(1)).await;
    let report = tried(&hotline, &proposal).await.history.dry_run.expect("it was tried");
    assert_eq!((report.open_tickets, report.carried_over_tickets), (41, 1));
    let tiers: Vec<_> = report.tiers.iter().map(|tier| (tier.tier, tier.tickets, tier.earlier)).collect();
    assert_eq!(tiers, [(Tier::General, 39, 39), (Tier::Complex, 1, 0)]);
    let calendar = Calendar::shipped().expect("the shipped calendar is sound");
    let would_be_overdue = tickets[1..].iter().filter(|ticket| {
        let limit = with_days(3).deadline.limit(Tier::General);
        due(ticket.received_at, limit, &calendar).expect("a limit").due_at <= now
    });
    // None of them is overdue yet: the oldest is six and a half days old.
    let expected = would_be_overdue.count() as u64;
    assert!(expected > 10, "{expected}");
    assert_eq!((report.tiers[0].newly_overdue, report.tiers[0].no_longer_overdue), (expected, 0));
    assert_eq!(report.tiers[0].higher_rung, expected);
}

async fn pages_of_differences_are_the_whole(database: Database) {
    let hotline = Hotline::open(&database).await;
    let tickets = hotline.create_appeals(25).await;
    let proposal = propose(&hotline, with_days(3), opening() + TimeDelta::days(1)).await;
    let (mut behind, mut found) = (None, Vec::new());
    loop {
        let (reader, book) = (hotline.store.reader(), hotline.ledger.rules());
        let page = dry_run::differences(reader, book, &proposal, hotline.clock.now(), behind, 10).await;
        let (page, next) = page.expect("a page");
        assert!(page.len() <= 10);
        found.extend(page.into_iter().map(|one| one.number));
        match next {
            Some(next) => behind = Some(next),
            None => break,
        }
    }
    let mut expected: Vec<_> = tickets.iter().map(|ticket| ticket.number).collect();
    expected.sort_unstable();
    assert_eq!(found, expected, "all have one limit, so they come by number");
}

async fn what_another_version_is_built_on_is_not_withdrawn_before_it(database: Database) {
    let hotline = Hotline::open(&database).await;
    let day = |days| opening() + TimeDelta::days(days);
    let first = propose_year(&hotline, expected(2027), day(1)).await;
    let first = approve(&hotline, &tried(&hotline, &first).await).await.expect("approved");
    let second = propose_year(&hotline, expected(2028), day(2)).await;
    assert_eq!(second.base_version, first.version);
    let second = approve(&hotline, &tried(&hotline, &second).await).await.expect("approved");
    let refused = withdraw(&hotline, first.number, None).await.expect_err("the second one is made from it");
    assert_eq!(refused.reason, ErrorReason::ProposalBuiltOn);
    let stale = withdraw(&hotline, second.number, Some("v1")).await.expect_err("it was read before");
    assert_eq!(stale.reason, ErrorReason::EtagStale);
    hotline.clock.advance_to(day(1) - TimeDelta::seconds(59));
    withdraw(&hotline, second.number, Some(&second.etag())).await.expect("nothing is made from it");
    let late = withdraw(&hotline, first.number, None).await.expect_err("less than a minute is left");
    assert_eq!(late.reason, ErrorReason::EffectiveTimeTooSoon);
    hotline.clock.advance_to(day(3));
    let now = hotline.ledger.rules().in_force(hotline.store.reader(), day(3)).await.expect("in force");
    assert_eq!(now.calendar.version(), first.version);
}

async fn a_proposal_stands_on_the_last_version_of_either_kind(database: Database) {
    let hotline = Hotline::open(&database).await;
    let day = |days| opening() + TimeDelta::days(days);
    let policy = tried(&hotline, &propose(&hotline, with_days(3), day(2)).await).await;
    let checked = check(&hotline, with_days(4), day(3)).await.expect("it is sound");
    // A calendar comes in between, so limits of another one are counted again.
    let year = propose_year(&hotline, expected(2027), day(1)).await;
    approve(&hotline, &tried(&hotline, &year).await).await.expect("approved");
    let refused = approve(&hotline, &policy).await.expect_err("it was checked with another calendar");
    assert_eq!(refused.reason, ErrorReason::ProposalOutdated);
    let refused = write(&hotline, checked).await.expect_err("so was this one");
    assert_eq!(refused.reason, ErrorReason::ProposalOutdated);
    let again = tried(&hotline, &propose(&hotline, with_days(3), day(2)).await).await;
    approve(&hotline, &again).await.expect("checked with the last of both");
}
