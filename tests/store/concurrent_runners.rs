//! Concurrent runners, and runners against commands: every due rung fires once, and never on a ticket that is not open
//! any more.

use std::sync::Arc;

use chrono::TimeDelta;
use hotline_proto::v1::ErrorReason;
use hotline_server::access::Scope;
use hotline_server::closed_loop::accept_ticket::AcceptTicket;
use hotline_server::closed_loop::withdraw_ticket::WithdrawTicket;
use hotline_server::ledger::{Entry, lock};
use hotline_server::oversight::Runner;
use hotline_server::ticket::{Actor, CallerIdentity, Dispatch, Event, Rung, State, Ticket};
use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::fixture::{Database, Hotline, clerk, default_policy, dispatch, staff, unit};
use super::{both, consistency, postgres_only};

both! {
    concurrent_runners_fire_each_rung_once
    a_rung_does_not_fire_on_a_ticket_that_was_just_withdrawn
}

postgres_only! { a_unit_that_lost_a_ticket_while_waiting_for_its_lock_does_not_see_it }

const DUE: u32 = 300;

/// Runners of several servers: on PostgreSQL each with its own connections and ledger. A SQLite file is served by one
/// process, so there the same runner is used several times.
pub(super) async fn runners(database: &Database, hotline: &Hotline) -> Vec<Runner> {
    let mut runners = vec![hotline.runner.clone()];
    for _ in 0..2 {
        runners.push(match database {
            Database::Sqlite(_) => hotline.runner.clone(),
            Database::Postgres(_) => {
                let (store, clock) = (database.open().await, hotline.clock.clone());
                Hotline::open_with(store, clock, default_policy()).await.runner
            }
        });
    }
    runners
}

/// Runs all runners concurrently until none finds anything; returns how many rungs fired.
pub(super) async fn drain(runners: &[Runner]) -> u64 {
    let mut running = JoinSet::new();
    for runner in runners.iter().cloned() {
        running.spawn(async move {
            let mut fired = 0;
            loop {
                let (here, next) = runner.tick().await.expect("a tick that meets another goes on");
                fired += here;
                // A ticket that another runner has locked is still due, and is fired by it.
                if next.is_none_or(|next| next > runner.clock.now()) {
                    return fired;
                }
                tokio::task::yield_now().await;
            }
        });
    }
    running.join_all().await.into_iter().sum()
}

async fn concurrent_runners_fire_each_rung_once(database: Database) {
    let hotline = Hotline::open(&database).await;
    let runners = runners(&database, &hotline).await;
    let tickets = hotline.create_appeals(DUE).await;
    let due_at = tickets[0].cycle.due_at();
    for (hours, rung) in [(0, Rung::Urged), (24, Rung::Supervised), (48, Rung::Manual)] {
        hotline.clock.advance_to(due_at + TimeDelta::hours(hours));
        assert_eq!(drain(&runners).await, u64::from(DUE), "{rung:?}");
        for ticket in &tickets {
            assert_eq!(hotline.find(ticket.number).await.cycle.rung, rung, "{}", ticket.number);
        }
    }
    let effects = hotline.count("SELECT COUNT(*) FROM rung_effect").await;
    assert_eq!(effects, i64::from(3 * DUE));
    assert_eq!(hotline.count("SELECT COUNT(*) FROM ticket_timer").await, 0);
    for ticket in tickets.iter().step_by(10) {
        consistency::check(&hotline, ticket.number).await;
        let versions = hotline.find(ticket.number).await.version;
        assert_eq!(versions, 4, "one event a rung");
    }
}

async fn a_rung_does_not_fire_on_a_ticket_that_was_just_withdrawn(database: Database) {
    let hotline = Hotline::open(&database).await;
    let runners = runners(&database, &hotline).await;
    let tickets = hotline.create_appeals(DUE).await;
    // The runners begin at the same end as the withdrawals, so that they meet.
    hotline.clock.advance_to(tickets[0].cycle.due_at());
    let mut withdrawing = JoinSet::new();
    for half in 0..2 {
        let (hotline, tickets) = (hotline.clone(), tickets.clone());
        withdrawing.spawn(async move {
            for ticket in tickets.iter().skip(half).step_by(2) {
                let withdraw = WithdrawTicket { note: String::new() };
                let withdrawn = hotline.change(staff("WithdrawTicket"), ticket.number, withdraw).await;
                assert_eq!(withdrawn.expect("it is open").state, State::Withdrawn);
            }
        });
    }
    drain(&runners).await;
    withdrawing.join_all().await;
    for ticket in &tickets {
        check_end(&hotline, ticket).await;
    }
    assert_eq!(hotline.count("SELECT COUNT(*) FROM ticket_timer").await, 0);
}

/// The withdrawal is the last event of the ticket.
async fn check_end(hotline: &Hotline, ticket: &Ticket) {
    consistency::check(hotline, ticket.number).await;
    let events = hotline.events(ticket.number).await;
    let last_event = events.last().expect("a timeline has events");
    assert!(
        matches!(last_event.event, Event::TicketWithdrawn { .. }),
        "{} ended with {last_event:?}",
        ticket.number
    );
}

/// What a server read before it waited for a row lock may be outdated afterwards.
async fn a_unit_that_lost_a_ticket_while_waiting_for_its_lock_does_not_see_it(database: Database) {
    let hotline = Hotline::open(&database).await;
    let (former_lead, new_lead) = (unit("dept-tax"), unit("dept-finance"));
    let ticket = hotline.create_appeals(1).await.remove(0);
    let dispatched = hotline.change(staff("DispatchTicket"), ticket.number, dispatch(&former_lead)).await;
    dispatched.expect("it can be dispatched");

    let (locked, commit) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let redispatching = {
        let (hotline, new_lead) = (hotline.clone(), new_lead.clone());
        let (locked, commit) = (Arc::clone(&locked), Arc::clone(&commit));
        tokio::spawn(async move {
            let ledger = hotline.ledger.clone();
            let work = hotline.store.work(&hotline.clock, move |work| {
                let (ledger, new_lead) = (ledger.clone(), new_lead.clone());
                let (locked, commit) = (Arc::clone(&locked), Arc::clone(&commit));
                Box::pin(async move {
                    let before =
                        lock::lock_ticket(work, &Scope::All, ticket.number).await?.expect("it is there");
                    locked.notify_one();
                    commit.notified().await;
                    let dispatch =
                        Dispatch { lead_unit: new_lead, ..before.dispatch.clone().expect("dispatched") };
                    let events = vec![Event::dispatched(dispatch)];
                    let identity = CallerIdentity::default();
                    let (number, actor) = (before.number, Actor::system());
                    let entry = Entry { number, before: Some(before), actor, events, identity };
                    ledger.write(work, vec![entry]).await
                })
            });
            work.await.expect("it can be dispatched elsewhere");
        })
    };
    locked.notified().await;
    let accepting = {
        let (hotline, former_lead) = (hotline.clone(), former_lead.clone());
        tokio::spawn(async move {
            hotline.change(clerk("AcceptTicket", &former_lead), ticket.number, AcceptTicket).await
        })
    };
    while database.waiting_for_locks() == 0 {
        assert!(!accepting.is_finished(), "nothing holds the ticket");
    }
    commit.notify_one();
    redispatching.await.expect("it is dispatched elsewhere");
    let fault = accepting.await.expect("it was answered").expect_err("the former lead has lost the ticket");
    assert_eq!(fault.reason, ErrorReason::TicketNotFound, "{fault:?}");
    let accepted = hotline.change(clerk("AcceptTicket", &new_lead), ticket.number, AcceptTicket).await;
    assert_eq!(accepted.expect("the new lead may accept the ticket").state, State::Handling);
    consistency::check(&hotline, ticket.number).await;
}
