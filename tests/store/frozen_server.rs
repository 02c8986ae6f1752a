//! A server that freezes during a claim: PostgreSQL ends its transaction, another server fires the rung, and the frozen
//! one finds its connection closed when it continues.

use std::sync::Arc;
use std::time::Duration;

use hotline_proto::v1::ErrorReason;
use hotline_server::ledger::timers;
use tokio::sync::Notify;

use super::fixture::{Database, Hotline};
use super::{consistency, postgres_only};
use crate::support::wait;

postgres_only! { a_claim_of_a_frozen_server_expires }

/// The longest lateness of a rung because of a frozen server.
const LATE_MAX: Duration = Duration::from_secs(5);

async fn a_claim_of_a_frozen_server_expires(database: Database) {
    let (frozen_server, other_server) = (Hotline::open(&database).await, Hotline::open(&database).await);
    let ticket = frozen_server.create_appeals(1).await.remove(0);
    for server in [&frozen_server, &other_server] {
        server.clock.advance_to(ticket.cycle.due_at());
    }
    let (claimed, resumed) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (notify, wait) = (Arc::clone(&claimed), Arc::clone(&resumed));
    let claim = tokio::spawn(async move {
        let work = frozen_server.store.work(&frozen_server.clock, move |work| {
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

    let fired = wait::find_within(LATE_MAX, async || {
        let (fired, _) = other_server.runner.tick().await.expect("the database answers");
        (fired > 0).then_some(fired)
    });
    assert_eq!(fired.await, Some(1), "the other server takes the claim over in time");
    resumed.notify_one();
    let fault = claim.await.expect("the frozen server goes on").expect_err("its transaction is over");
    assert_eq!(fault.reason, ErrorReason::Unavailable, "{fault:?}");
    consistency::check(&other_server, ticket.number).await;
    assert_eq!(other_server.runner.tick().await.expect("nothing is due").0, 0, "the rung fires once");
}
