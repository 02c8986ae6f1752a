//! Timers that were deleted by hand while the server was down: it restores them when it starts and logs it, and their
//! rungs fire.

use chrono::TimeDelta;
use hotline_client::Rung;

use super::test_env::{TestEnv, execute};
use crate::support::server::{Options, Store};

on_every_store!(store: what_was_deleted_while_the_server_was_down_fires);

async fn what_was_deleted_while_the_server_was_down_fires(store: Store) {
    let mut env = TestEnv::open(store);
    let lost = env.appeal_in_handling().await;
    let kept = env.appeal_in_handling().await;
    let limit = lost.cycle.due_time;
    env.advance_to(limit + TimeDelta::hours(1)).await;
    assert_eq!(env.rung(&lost.number).await, Rung::Urged);

    env.server.kill();
    let deleted = format!("DELETE FROM ticket_timer WHERE ticket_number = {}", lost.number);
    assert_eq!(execute(&env.server, &deleted).await, 1);
    let begin = limit + TimeDelta::hours(2);
    env.server.restart_with(Options::default().simulated_clock(&begin.to_rfc3339()));

    let logged = env.server.wait_for_line("a timer was missing and is restored");
    assert!(logged.contains(&lost.number) && logged.contains("ERROR"), "{logged}");
    assert_eq!(env.advance_to(limit + TimeDelta::hours(25)).await, 2);
    for ticket in [&lost, &kept] {
        assert_eq!(env.rung(&ticket.number).await, Rung::Supervised);
    }
    assert!(!env.server.output().contains(&kept.number), "nothing was missing of the other one");
}
