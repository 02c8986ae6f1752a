//! Missing timers: each open ticket that waits for a rung gets its timer back, once, with any number of servers. Locked
//! tickets are not waited for, and an unreadable one does not block the others.

use std::sync::Arc;

use chrono::TimeDelta;
use hotline_server::access::Scope;
use hotline_server::closed_loop::withdraw_ticket::WithdrawTicket;
use hotline_server::ledger::{lock, missing_timers};
use hotline_server::oversight::Reconciler;
use hotline_server::oversight::escalate_ticket::EscalateTicket;
use hotline_server::ticket::{Rung, TicketNumber};
use sea_orm::ConnectionTrait as _;
use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::fixture::{Database, Hotline, default_policy, staff};
use super::{both, bulk_writes, consistency, postgres_only};
use crate::support::bulk_tickets::BulkTickets;

both! {
    deleted_timers_are_restored_once
    a_ticket_closed_meanwhile_gets_no_timer
    an_unreadable_ticket_does_not_delay_the_others
    pages_reach_every_open_ticket
    a_pass_needs_few_statements
}

postgres_only! { a_locked_ticket_is_left_for_the_next_pass }

/// Reconcilers of several servers, as the runners in `concurrent_runners` are.
async fn reconcilers(database: &Database, hotline: &Hotline) -> Vec<Reconciler> {
    let of = |hotline: &Hotline| {
        let (store, clock, ledger) = (hotline.store.clone(), hotline.clock.clone(), hotline.ledger.clone());
        Reconciler { store, clock, ledger }
    };
    let second_reconciler = match database {
        Database::Sqlite(_) => of(hotline),
        Database::Postgres(_) => {
            let (store, clock) = (database.open().await, hotline.clock.clone());
            of(&Hotline::open_with(store, clock, default_policy()).await)
        }
    };
    vec![of(hotline), second_reconciler]
}

/// Runs all of them concurrently; returns how many timers they restored in all.
async fn reconcile(reconcilers: &[Reconciler]) -> u64 {
    let mut passes = JoinSet::new();
    for reconciler in reconcilers {
        let reconciler = reconciler.clone();
        passes.spawn(async move { reconciler.pass().await.expect("the database is there") });
    }
    passes.join_all().await.into_iter().sum()
}

async fn delete_timers(hotline: &Hotline, which: &str) -> u64 {
    let sql = format!("DELETE FROM ticket_timer {which}");
    let deleted = hotline.store.migrating().execute_unprepared(&sql).await;
    deleted.unwrap_or_else(|error| panic!("{sql}: {error}")).rows_affected()
}

async fn timers(hotline: &Hotline) -> Vec<String> {
    hotline.dump().await.into_iter().filter(|line| line.starts_with("ticket_timer")).collect()
}

async fn deleted_timers_are_restored_once(database: Database) {
    let hotline = Hotline::open(&database).await;
    let reconcilers = reconcilers(&database, &hotline).await;
    let tickets = bulk_writes::fill(&hotline, 120).await;
    // One has ended, one has reached the top of the ladder, one was urged: they wait for no rung, or for another one.
    let withdraw = WithdrawTicket { note: String::new() };
    hotline.change(staff("WithdrawTicket"), tickets[0].number, withdraw).await.expect("it is open");
    for (index, rung) in [(1, Rung::Manual), (2, Rung::Urged)] {
        let fire = EscalateTicket::Fire { rung, note: "by hand".to_owned() };
        hotline
            .change(staff("EscalateTicket"), tickets[index].number, fire)
            .await
            .expect("nothing has fired");
    }
    assert_eq!(reconcile(&reconcilers).await, 0, "nothing is missing");
    let before = timers(&hotline).await;
    assert_eq!(before.len(), 118);

    assert_eq!(delete_timers(&hotline, "").await, 118);
    assert_eq!(reconcile(&reconcilers).await, 118, "each timer is restored once");
    assert_eq!(timers(&hotline).await, before);
    assert_eq!(reconcile(&reconcilers).await, 0, "nothing is missing any more");

    // A timer that was missing at its limit fires as soon as it is restored.
    let without_timer = tickets[5].number;
    assert_eq!(
        delete_timers(&hotline, &format!("WHERE ticket_number = {}", without_timer.as_i64())).await,
        1
    );
    hotline.clock.advance_to(tickets[5].cycle.due_at() + TimeDelta::hours(1));
    hotline.runner.tick().await.expect("the others fire");
    assert_eq!(hotline.find(without_timer).await.cycle.rung, Rung::None);
    assert_eq!(reconcile(&reconcilers).await, 1);
    assert_eq!(hotline.runner.tick().await.expect("it fires").0, 1);
    assert_eq!(hotline.find(without_timer).await.cycle.rung, Rung::Urged);
    consistency::check_all(&hotline).await;
}

/// The tickets whose timers are missing now.
async fn found_missing(hotline: &Hotline) -> Vec<TicketNumber> {
    missing_timers::page(hotline.store.reader(), None, 1_000).await.expect("it can be looked for").missing
}

async fn a_ticket_closed_meanwhile_gets_no_timer(database: Database) {
    let hotline = Hotline::open(&database).await;
    let numbers: Vec<_> = bulk_writes::fill(&hotline, 2).await.iter().map(|ticket| ticket.number).collect();
    assert_eq!(delete_timers(&hotline, "").await, 2);
    let found = found_missing(&hotline).await;
    assert_eq!(found, numbers);

    // One ticket is withdrawn between the search and the lock.
    let withdraw = WithdrawTicket { note: String::new() };
    hotline.change(staff("WithdrawTicket"), numbers[0], withdraw).await.expect("it is open");
    let ledger = hotline.ledger.clone();
    let restored = hotline.store.work(&hotline.clock, move |work| {
        let (ledger, found) = (ledger.clone(), found.clone());
        Box::pin(async move { ledger.restore_timers(work, &found).await })
    });
    assert_eq!(restored.await.expect("they can be locked"), numbers[1..]);
    consistency::check_all(&hotline).await;
    assert_eq!(found_missing(&hotline).await, []);
}

async fn an_unreadable_ticket_does_not_delay_the_others(database: Database) {
    let hotline = Hotline::open(&database).await;
    let reconcilers = reconcilers(&database, &hotline).await;
    let unreadable = bulk_writes::fill(&hotline, 60).await[30].number;
    assert_eq!(delete_timers(&hotline, "").await, 60);
    let rename_field = async |from: &str, to: &str| {
        let (assignment, number) = ("document = REPLACE(document, ", unreadable.as_i64());
        let sql = format!("UPDATE ticket SET {assignment} '{from}', '{to}') WHERE number = {number}");
        hotline.store.migrating().execute_unprepared(&sql).await.expect("the row can be changed");
    };
    rename_field("state", "estat").await;
    assert_eq!(reconcile(&reconcilers).await, 59, "the others are restored");
    assert_eq!(found_missing(&hotline).await, [unreadable]);
    rename_field("estat", "state").await;
    assert_eq!(reconcile(&reconcilers).await, 1);
    consistency::check(&hotline, unreadable).await;
}

async fn pages_reach_every_open_ticket(database: Database) {
    let hotline = Hotline::open(&database).await;
    let reconcilers = reconcilers(&database, &hotline).await;
    // Three share each limit, so the first page ends between tickets of one.
    let tickets = bulk_writes::fill(&hotline, 2_100).await;
    let (first, last) = (tickets[0].number.as_i64(), tickets[2_099].number.as_i64());
    let condition = format!("WHERE ticket_number IN ({first}, {last}) OR ticket_number % 500 = 7");
    let deleted = delete_timers(&hotline, &condition).await;
    assert!(deleted >= 5, "{deleted}");
    let (mut found, mut after, mut pages) = (0, None, 0);
    loop {
        let page = missing_timers::page(hotline.store.reader(), after, 1_000).await.expect("it can be read");
        found += page.missing.len() as u64;
        pages += 1;
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!((found, pages), (deleted, 3));
    assert_eq!(reconcile(&reconcilers[..1]).await, deleted);
    assert_eq!(hotline.count("SELECT COUNT(*) FROM ticket_timer").await, 2_100);
}

/// Open tickets of a surge in a district.
const OPEN: u32 = 45_000;

/// A pass sends one statement for many open tickets, so that a start leaves the database to callers.
async fn a_pass_needs_few_statements(database: Database) {
    let hotline = Hotline::open(&database).await;
    let begin = hotline.clock.now().timestamp_micros();
    let document = "{}".to_owned();
    let bulk = BulkTickets { tickets: OPEN, open: OPEN, per_day: 500, year: 20, begin, document };
    let with_timers = "INSERT INTO ticket_timer (ticket_number, cycle, rung, due_at, tries, claim_after) \
                       SELECT number, 1, 2, due_at, 0, due_at FROM ticket";
    let statements = bulk.statements(hotline.store.is_sqlite());
    for sql in statements.iter().map(String::as_str).chain([with_timers]) {
        match &database {
            Database::Postgres(_) => drop(database.psql(sql)),
            Database::Sqlite(_) => {
                let filled = hotline.store.migrating().execute_unprepared(sql).await;
                filled.unwrap_or_else(|error| panic!("{sql}: {error}"));
            }
        }
    }
    let reconcilers = reconcilers(&database, &hotline).await;
    let before = hotline.store.statements_sent();
    assert_eq!(reconcile(&reconcilers[..1]).await, 0, "nothing is missing");
    assert_eq!(hotline.store.statements_sent() - before, 3);
}

async fn a_locked_ticket_is_left_for_the_next_pass(database: Database) {
    let hotline = Hotline::open(&database).await;
    let reconcilers = reconcilers(&database, &hotline).await;
    let number = bulk_writes::fill(&hotline, 1).await[0].number;
    assert_eq!(delete_timers(&hotline, "").await, 1);
    let (locked, release) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let lock_task = {
        let (hotline, locked, release) = (hotline.clone(), Arc::clone(&locked), Arc::clone(&release));
        tokio::spawn(async move {
            let lock = hotline.store.work(&hotline.clock, move |work| {
                let (locked, release) = (Arc::clone(&locked), Arc::clone(&release));
                Box::pin(async move {
                    lock::lock_ticket(work, &Scope::All, number).await?.expect("it is there");
                    locked.notify_one();
                    release.notified().await;
                    Ok(())
                })
            });
            lock.await.expect("it can be held");
        })
    };
    locked.notified().await;
    assert_eq!(reconcile(&reconcilers).await, 0, "a pass does not wait for a locked ticket");
    assert!(!lock_task.is_finished());
    release.notify_one();
    lock_task.await.expect("the lock is released");
    assert_eq!(reconcile(&reconcilers).await, 1);
    consistency::check(&hotline, number).await;
}
