//! Several runners at once, and runners against commands: every rung that is due fires once, and never on a ticket
//! that nobody waits for any more.

use chrono::TimeDelta;
use hotline_server::closed_loop::withdraw_ticket::WithdrawTicket;
use hotline_server::oversight::Runner;
use hotline_server::ticket::{Event, Rung, State, Ticket};
use tokio::task::JoinSet;

use super::both;
use super::hotline::{Database, Hotline, default_policy, staff};
use super::whole;

both! {
    runners_at_once_fire_each_rung_once
    a_rung_does_not_fire_on_a_ticket_that_was_just_withdrawn
}

const DUE: u32 = 300;

/// Runners of several servers: on PostgreSQL each with connections and a ledger of its own. One process serves a
/// SQLite file, so there the runner is the same one several times over.
async fn runners(database: &Database, hotline: &Hotline) -> Vec<Runner> {
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

/// Lets every runner run until none finds anything, all at once; answers how many rungs fired.
async fn drain(runners: &[Runner]) -> u64 {
    let mut running = JoinSet::new();
    for runner in runners.iter().cloned() {
        running.spawn(async move {
            let mut fired = 0;
            loop {
                let (here, next) = runner.tick().await.expect("a tick that meets another goes on");
                fired += here;
                // What another runner holds is still due, and is fired by it.
                if next.is_none_or(|next| next > runner.clock.now()) {
                    return fired;
                }
                tokio::task::yield_now().await;
            }
        });
    }
    running.join_all().await.into_iter().sum()
}

async fn runners_at_once_fire_each_rung_once(database: Database) {
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
        whole::check(&hotline, ticket.number).await;
        let versions = hotline.find(ticket.number).await.version;
        assert_eq!(versions, 4, "one event a rung");
    }
}

async fn a_rung_does_not_fire_on_a_ticket_that_was_just_withdrawn(database: Database) {
    let hotline = Hotline::open(&database).await;
    let runners = runners(&database, &hotline).await;
    let tickets = hotline.create_appeals(DUE).await;
    // The runners begin at the same end as those who withdraw, so that they meet.
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

/// The withdrawal is the last that happened to it.
async fn check_end(hotline: &Hotline, ticket: &Ticket) {
    whole::check(hotline, ticket.number).await;
    let events = hotline.events(ticket.number).await;
    let last = events.last().expect("a timeline has events");
    assert!(matches!(last.event, Event::TicketWithdrawn { .. }), "{} ended with {last:?}", ticket.number);
}
