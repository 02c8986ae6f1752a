//! A server that freezes during a claim: PostgreSQL ends its transaction, another server fires the rung, and the frozen
//! one finds its connection closed when it continues.

use std::sync::Arc;
use std::time::{Duration, Instant};

use hotline_proto::v1::ErrorReason;
use hotline_server::ledger::timers;
use tokio::sync::Notify;

use super::fixture::{Database, Hotline};
use super::{consistency, postgres_only};

postgres_only! { a_frozen_server_holds_no_claim_for_long }

/// The longest lateness of a rung because of a frozen server.
const LATE_MAX: Duration = Duration::from_secs(5);
/// The interval between two ticks of the other server.
const LOOK: Duration = Duration::from_millis(50);

async fn a_frozen_server_holds_no_claim_for_long(database: Database) {
    let (frozen, other) = (Hotline::open(&database).await, Hotline::open(&database).await);
    let ticket = frozen.create_appeals(1).await.remove(0);
    for server in [&frozen, &other] {
        server.clock.advance_to(ticket.cycle.due_at());
    }
    let (claimed, thawed) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (notify, wait) = (Arc::clone(&claimed), Arc::clone(&thawed));
    let claim = tokio::spawn(async move {
        let work = frozen.store.work(&frozen.clock, move |work| {
            let (notify, wait) = (Arc::clone(&notify), Arc::clone(&wait));
            Box::pin(async move {
                let (tickets, _) = timers::claim(work, None, 10).await?;
                notify.notify_one();
                wait.notified().await;
                Ok(tickets.len())
            })
        });
        work.await
    });
    claimed.notified().await;

    let begun = Instant::now();
    while other.runner.tick().await.expect("the database answers").0 == 0 {
        assert!(begun.elapsed() < LATE_MAX, "the claim of the frozen server still holds");
        tokio::time::sleep(LOOK).await;
    }
    thawed.notify_one();
    let fault = claim.await.expect("the frozen server goes on").expect_err("its transaction is over");
    assert_eq!(fault.reason, ErrorReason::Unavailable, "{fault:?}");
    consistency::check(&other, ticket.number).await;
    assert_eq!(other.runner.tick().await.expect("nothing is due").0, 0, "the rung fires once");
}
