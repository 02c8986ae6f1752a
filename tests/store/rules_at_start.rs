//! Rules when a server starts: the initial rules, the proposal of a newer release, and the rules of a simulation.

use chrono::TimeDelta;
use hotline_server::deadline::{Calendar, RuleBook, RuleKind, in_force};
use hotline_server::desk::rules::proposal;
use hotline_server::desk::rules::shipped_calendar::propose_shipped;
use hotline_server::platform::{Clock, Store};
use tokio::task::JoinSet;

use super::both;
use super::fixture::{Database, Hotline, appeal, opening};
use super::rules::{approve, expected, tried, with_days};

both! {
    a_newer_release_proposes_its_calendar_once
    servers_that_start_at_once_found_and_propose_once
    a_version_stands_for_one_document
    a_simulation_that_begins_again_goes_by_its_own_policy
}

async fn a_newer_release_proposes_its_calendar_once(database: Database) {
    let hotline = Hotline::open(&database).await;
    let shipped = Calendar::shipped().expect("the shipped calendar is sound");
    let newer = shipped.with_years(vec![expected(2027)]).expect("it is sound");
    let all = async || {
        let found =
            proposal::page(hotline.store.reader(), proposal::ProposalFilter::default(), None, 9).await;
        found.expect("listed")
    };
    // The same release, a newer one that starts twice, and the old one again.
    let book = hotline.ledger.rules();
    for (calendar, expected) in [(&shipped, 0), (&newer, 1), (&newer, 1), (&shipped, 1)] {
        propose_shipped(&hotline.store, &hotline.clock, book, calendar.clone()).await.expect("stored");
        assert_eq!(all().await.len(), expected);
    }
    let proposal = all().await.remove(0);
    assert_eq!((proposal.kind, proposal.history.proposed.by.as_str()), (RuleKind::Calendar, "system"));
    assert_eq!((&*proposal.version, &*proposal.base_version), (newer.version(), "cn-2026.1"));
    let approved = approve(&hotline, &tried(&hotline, &proposal).await).await.expect("by an administrator");
    hotline.clock.advance_to(approved.effective_from);
    let ticket = hotline.create(appeal("after")).await;
    assert_eq!(ticket.cycle.deadline.calendar_version, newer.version());
    // The operator's calendar holds more than this release's, so nothing is proposed.
    let other = shipped.with_years(vec![]).expect("it is sound");
    propose_shipped(&hotline.store, &hotline.clock, book, other).await.expect("looked at");
    assert_eq!(all().await.len(), 1);
}

async fn servers_that_start_at_once_found_and_propose_once(database: Database) {
    let store = database.open().await;
    hotline_server::migration::migrate(store.migrating()).await.expect("migrated");
    let clock = Clock::simulated(opening());
    let shipped = Calendar::shipped().expect("the shipped calendar is sound");
    let newer = shipped.with_years(vec![expected(2027)]).expect("it is sound");
    let mut starts = JoinSet::new();
    // Started with two policies: the first server's stays. A simulation would take the last one's, so this uses a real
    // clock.
    for days in [7, 3, 7, 3] {
        let (store, shipped, newer) = (database_of(&database, &store).await, shipped.clone(), newer.clone());
        starts.spawn(async move {
            let book = RuleBook::open(&store, &Clock::Real, with_days(days), shipped).await.expect("founded");
            propose_shipped(&store, &Clock::Real, &book, newer).await.expect("proposed, or not");
        });
    }
    starts.join_all().await;
    for kind in [RuleKind::Policy, RuleKind::Calendar] {
        let listed = in_force::page(store.reader(), kind, None, 9).await.expect("listed");
        assert_eq!(listed.len(), 1, "{listed:?}");
    }
    let all =
        proposal::page(store.reader(), proposal::ProposalFilter::default(), None, 9).await.expect("listed");
    assert_eq!(all.len(), 1, "one server proposed it");
    assert!(all[0].effective_from > clock.now());
}

/// The same database, over separate connections if possible.
async fn database_of(database: &Database, store: &Store) -> Store {
    match database {
        Database::Sqlite(_) => store.clone(),
        Database::Postgres(_) => database.open().await,
    }
}

async fn a_version_stands_for_one_document(database: Database) {
    let hotline = Hotline::open(&database).await;
    let text = "version = \"cn-2026.1\"\n[[year]]\nyear = 2027\nprovisional = true";
    let other = Calendar::parse(text).expect("it is sound");
    let book = hotline.ledger.rules().clone();
    let kept = hotline.store.work(&hotline.clock, move |work| {
        let (book, other) = (book.clone(), other.clone());
        Box::pin(async move { book.keep_calendar(work, &other).await })
    });
    let fault = kept.await.expect_err("other days stand under this version");
    assert!(fault.detail.contains("stands for other rules"), "{}", fault.detail);
}

async fn a_simulation_that_begins_again_goes_by_its_own_policy(database: Database) {
    let in_force = async |clock: Clock, days: u32| {
        let hotline = Hotline::open_with(database.open().await, clock, with_days(days)).await;
        let year = hotline.clock.now() + TimeDelta::days(365);
        let rules = hotline.ledger.rules().in_force(hotline.store.reader(), year).await.expect("in force");
        rules.policy.deadline.general.days
    };
    assert_eq!(in_force(Clock::simulated(opening()), 7).await, 7);
    assert_eq!(in_force(Clock::simulated(opening() + TimeDelta::days(30)), 5).await, 5);
    assert_eq!(in_force(Clock::simulated(opening()), 3).await, 3, "the month to come has not happened");
}
