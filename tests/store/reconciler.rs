//! Missing timers: each open ticket that waits for a rung gets its timer back, once, with any number of servers. Locked
//! tickets are not waited for, and an unreadable one does not block the others.

use std::sync::Arc;

use chrono::TimeDelta;
use hotline_server::access::Scope;
use hotline_server::closed_loop::withdraw_ticket::WithdrawTicket;
use hotline_server::ledger::{missing_timers, read};
use hotline_server::oversight::Reconciler;
use hotline_server::oversight::escalate_ticket::EscalateTicket;
use hotline_server::ticket::{Rung, TicketNumber};
use sea_orm::ConnectionTrait as _;
use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::fixture::{Database, Hotline, default_policy, staff};
use super::{both, bulk_writes, consistency, postgres_only};

both! {
    what_was_deleted_is_restored_once
    a_ticket_that_ended_meanwhile_gets_none
    a_ticket_that_cannot_be_read_holds_up_nobody
    more_than_a_page_is_looked_at
}

postgres_only! { a_ticket_that_is_held_is_left_for_later }

/// Reconcilers of several servers, as the runners in `concurrent_runners` are.
async fn reconcilers(database: &Database, hotline: &Hotline) -> Vec<Reconciler> {
    let of = |hotline: &Hotline| {
        let (store, clock, ledger) = (hotline.store.clone(), hotline.clock.clone(), hotline.ledger.clone());
        Reconciler { store, clock, ledger }
    };
    let other = match database {
        Database::Sqlite(_) => of(hotline),
        Database::Postgres(_) => {
            let (store, clock) = (database.open().await, hotline.clock.clone());
            of(&Hotline::open_with(store, clock, default_policy()).await)
        }
    };
    vec![of(hotline), other]
}

/// Runs all of them concurrently; returns how many timers they restored in all.
async fn look(reconcilers: &[Reconciler]) -> u64 {
    let mut looking = JoinSet::new();
    for reconciler in reconcilers {
        let reconciler = reconciler.clone();
        looking.spawn(async move { reconciler.pass().await.expect("the database is there") });
    }
    looking.join_all().await.into_iter().sum()
}

async fn delete_timers(hotline: &Hotline, which: &str) -> u64 {
    let sql = format!("DELETE FROM ticket_timer {which}");
    let deleted = hotline.store.migrating().execute_unprepared(&sql).await;
    deleted.unwrap_or_else(|error| panic!("{sql}: {error}")).rows_affected()
}

async fn timers(hotline: &Hotline) -> Vec<String> {
    hotline.dump().await.into_iter().filter(|line| line.starts_with("ticket_timer")).collect()
}

async fn what_was_deleted_is_restored_once(database: Database) {
    let hotline = Hotline::open(&database).await;
    let reconcilers = reconcilers(&database, &hotline).await;
    let tickets = bulk_writes::fill(&hotline, 120).await;
    // One has ended, one has reached the top of the ladder, one was urged: they wait for no rung, or for another one.
    let withdraw = WithdrawTicket { note: String::new() };
    hotline.change(staff("WithdrawTicket"), tickets[0].number, withdraw).await.expect("it is open");
    for (place, rung) in [(1, Rung::Manual), (2, Rung::Urged)] {
        let fire = EscalateTicket::Fire { rung, note: "by hand".to_owned() };
        hotline
            .change(staff("EscalateTicket"), tickets[place].number, fire)
            .await
            .expect("nothing has fired");
    }
    assert_eq!(look(&reconcilers).await, 0, "nothing is missing");
    let before = timers(&hotline).await;
    assert_eq!(before.len(), 118);

    assert_eq!(delete_timers(&hotline, "").await, 118);
    assert_eq!(look(&reconcilers).await, 118, "each once, whoever looked");
    assert_eq!(timers(&hotline).await, before);
    assert_eq!(look(&reconcilers).await, 0, "nothing is missing any more");

    // A timer that was missing at its limit fires as soon as it is restored.
    let lost = tickets[5].number;
    assert_eq!(delete_timers(&hotline, &format!("WHERE ticket_number = {}", lost.as_i64())).await, 1);
    hotline.clock.advance_to(tickets[5].cycle.due_at() + TimeDelta::hours(1));
    hotline.runner.tick().await.expect("the others fire");
    assert_eq!(hotline.find(lost).await.cycle.rung, Rung::None);
    assert_eq!(look(&reconcilers).await, 1);
    assert_eq!(hotline.runner.tick().await.expect("it fires").0, 1);
    assert_eq!(hotline.find(lost).await.cycle.rung, Rung::Urged);
    consistency::check_all(&hotline).await;
}

/// The tickets whose timers are missing now.
async fn found_missing(hotline: &Hotline) -> Vec<TicketNumber> {
    missing_timers::page(hotline.store.reader(), None, 1_000).await.expect("it can be looked for").missing
}

async fn a_ticket_that_ended_meanwhile_gets_none(database: Database) {
    let hotline = Hotline::open(&database).await;
    let numbers: Vec<_> = bulk_writes::fill(&hotline, 2).await.iter().map(|ticket| ticket.number).collect();
    assert_eq!(delete_timers(&hotline, "").await, 2);
    let found = found_missing(&hotline).await;
    assert_eq!(found, numbers);

    // Between the check and the lock one of them is withdrawn.
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

async fn a_ticket_that_cannot_be_read_holds_up_nobody(database: Database) {
    let hotline = Hotline::open(&database).await;
    let reconcilers = reconcilers(&database, &hotline).await;
    let broken = bulk_writes::fill(&hotline, 60).await[30].number;
    assert_eq!(delete_timers(&hotline, "").await, 60);
    let mend = async |from: &str, to: &str| {
        let (place, number) = ("document = REPLACE(document, ", broken.as_i64());
        let sql = format!("UPDATE ticket SET {place} '{from}', '{to}') WHERE number = {number}");
        hotline.store.migrating().execute_unprepared(&sql).await.expect("the row can be changed");
    };
    mend("state", "estat").await;
    assert_eq!(look(&reconcilers).await, 59, "the others are restored");
    assert_eq!(found_missing(&hotline).await, [broken]);
    mend("estat", "state").await;
    assert_eq!(look(&reconcilers).await, 1);
    consistency::check(&hotline, broken).await;
}

async fn more_than_a_page_is_looked_at(database: Database) {
    let hotline = Hotline::open(&database).await;
    let reconcilers = reconcilers(&database, &hotline).await;
    // Three share each limit, so the first page ends between tickets of one.
    let tickets = bulk_writes::fill(&hotline, 2_100).await;
    let (first, last) = (tickets[0].number.as_i64(), tickets[2_099].number.as_i64());
    let some = format!("WHERE ticket_number IN ({first}, {last}) OR ticket_number % 500 = 7");
    let deleted = delete_timers(&hotline, &some).await;
    assert!(deleted >= 5, "{deleted}");
    assert_eq!(look(&reconcilers[..1]).await, deleted);
    assert_eq!(hotline.count("SELECT COUNT(*) FROM ticket_timer").await, 2_100);
}

async fn a_ticket_that_is_held_is_left_for_later(database: Database) {
    let hotline = Hotline::open(&database).await;
    let reconcilers = reconcilers(&database, &hotline).await;
    let number = bulk_writes::fill(&hotline, 1).await[0].number;
    assert_eq!(delete_timers(&hotline, "").await, 1);
    let (locked, let_go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let holding = {
        let (hotline, locked, let_go) = (hotline.clone(), Arc::clone(&locked), Arc::clone(&let_go));
        tokio::spawn(async move {
            let held = hotline.store.work(&hotline.clock, move |work| {
                let (locked, let_go) = (Arc::clone(&locked), Arc::clone(&let_go));
                Box::pin(async move {
                    read::lock(work, &Scope::All, number).await?.expect("it is there");
                    locked.notify_one();
                    let_go.notified().await;
                    Ok(())
                })
            });
            held.await.expect("it can be held");
        })
    };
    locked.notified().await;
    assert_eq!(look(&reconcilers).await, 0, "nobody waits for the one who holds it");
    assert!(!holding.is_finished());
    let_go.notify_one();
    holding.await.expect("it is let go");
    assert_eq!(look(&reconcilers).await, 1);
    consistency::check(&hotline, number).await;
}
