//! Timers that were deleted by hand while the server was down: it restores them when it starts and logs it, and their
//! rungs fire.

use chrono::TimeDelta;
use hotline_client::Rung;

use super::test_env::{TestEnv, execute};
use crate::support::server::{Options, Store};

on_every_store!(store: timers_deleted_while_the_server_was_down_are_restored_and_fire);

async fn timers_deleted_while_the_server_was_down_are_restored_and_fire(store: Store) {
    let mut env = TestEnv::open(store);
    let without_timer = env.appeal_in_handling().await;
    let with_timer = env.appeal_in_handling().await;
    let limit = without_timer.cycle.due_time;
    env.advance_to(limit + TimeDelta::hours(1)).await;
    assert_eq!(env.rung(&without_timer.number).await, Rung::Urged);

    env.server.kill();
    let deleted = format!("DELETE FROM ticket_timer WHERE ticket_number = {}", without_timer.number);
    assert_eq!(execute(&env.server, &deleted).await, 1);
    let restart_time = limit + TimeDelta::hours(2);
    env.server.restart_with(Options::default().simulated_clock(&restart_time.to_rfc3339()));

    let line = env.server.wait_for_line("missing timer restored");
    assert!(line.contains(&without_timer.number) && line.contains("ERROR"), "{line}");
    assert_eq!(env.advance_to(limit + TimeDelta::hours(25)).await, 2);
    for ticket in [&without_timer, &with_timer] {
        assert_eq!(env.rung(&ticket.number).await, Rung::Supervised);
    }
    assert!(!env.server.output().contains(&with_timer.number), "the other timer was not missing");
}
