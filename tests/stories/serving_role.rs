//! A server with a role that owns nothing: the loop works, and the log has no warning about row-level security. It has
//! one if the owner serves.

use hotline_client::{ErrorReason, TicketState};

use super::test_env::{LEAD, NEXT, OPENING, TestEnv, at, refused};
use crate::support::server::Store;

/// The log's warning if row-level security is not effective.
const WEAK: &str = "row-level security is not effective";

#[tokio::test(flavor = "multi_thread")]
async fn the_closed_loop_runs_with_a_role_that_owns_no_table() {
    if !Store::every().contains(&Store::Postgres) {
        return;
    }
    let mut env = TestEnv::open(Store::Postgres);
    let earlier_ticket = env.appeal_in_handling().await.number;
    env.server.wait_for_line(WEAK);
    let log = env.server.output();
    assert!(log.contains("owner of its tables") && log.contains("could change ticket_event"), "{log}");
    tokio::task::block_in_place(|| env.server.restart_as_serving_role());
    assert!(!env.server.output().contains(WEAK), "{}", env.server.output());

    assert_eq!(env.complete(&earlier_ticket, LEAD).await.state, TicketState::Completed);
    let number = env.appeal_in_handling().await.number;
    let visible = env.unit(LEAD).get_ticket_with_caller(&number).await.expect("the lead sees it").ticket;
    assert_eq!(visible.number, number);
    refused(env.unit(NEXT).get_ticket_with_caller(&number).await, ErrorReason::TicketNotFound);
    env.advance_to(at(OPENING) + chrono::TimeDelta::days(9)).await;
    assert!(env.event_names(&number).await.contains(&"RungFired"), "{:?}", env.event_names(&number).await);
}
