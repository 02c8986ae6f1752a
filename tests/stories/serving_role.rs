//! A server that serves with a role which owns nothing: the loop is walked through as ever, and the log says nothing of
//! weak walls, which it does where the owner serves.

use hotline_client::{ErrorReason, TicketState};

use super::test_env::{City, LEAD, NEXT, OPENING, at, refused};
use crate::support::server::Store;

/// What the log says where a wall is weak.
const WEAK: &str = "the second wall is weak";

#[tokio::test(flavor = "multi_thread")]
async fn the_loop_is_walked_by_a_role_that_owns_nothing() {
    if !Store::every().contains(&Store::Postgres) {
        return;
    }
    let mut city = City::open(Store::Postgres);
    let before = city.appeal_in_handling().await.number;
    city.server.wait_for_line(WEAK);
    let said = city.server.output();
    assert!(said.contains("owner of its tables") && said.contains("could change ticket_event"), "{said}");
    tokio::task::block_in_place(|| city.server.restart_as_serving_role());
    assert!(!city.server.output().contains(WEAK), "{}", city.server.output());

    assert_eq!(city.hand_in(&before, LEAD).await.state, TicketState::Completed);
    let number = city.appeal_in_handling().await.number;
    let seen = city.unit(LEAD).get_ticket(&number).await.expect("the lead sees it").ticket;
    assert_eq!(seen.number, number);
    refused(city.unit(NEXT).get_ticket(&number).await, ErrorReason::TicketNotFound);
    city.advance_to(at(OPENING) + chrono::TimeDelta::days(9)).await;
    assert!(city.story_of(&number).await.contains(&"RungFired"), "{:?}", city.story_of(&number).await);
}
