//! A database whose connections break under load, as in a fail-over: no acknowledged change is lost, nothing is done
//! twice, and calls succeed again by themselves.

use hotline_proto::v1::ErrorReason;
use hotline_server::ticket::TicketNumber;
use sea_orm::ConnectionTrait as _;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::task::JoinSet;

use super::fixture::{Database, Hotline, appeal, key, staff};
use super::random::Random;
use super::{consistency, postgres_only};

postgres_only! { broken_connections_lose_nothing_and_double_nothing }

const CALLERS: u64 = 8;
const CALLS_EACH: u32 = 40;
/// Acknowledged calls between two outages.
const CALLS_BETWEEN_OUTAGES: u32 = 40;
/// Tries of one request, all with the same id.
/// More connections than the pool of a test has.
const CONNECTIONS_MAX: u32 = 16;
const TRIES_MAX: u32 = 50;

/// An acknowledged request: its seed for the repeat, and its ticket.
type Acknowledged = (u64, TicketNumber);

async fn broken_connections_lose_nothing_and_double_nothing(database: Database) {
    let hotline = Hotline::open(&database).await;
    let (progress, acknowledgements) = mpsc::unbounded_channel();
    let mut callers = JoinSet::new();
    for caller in 0..CALLERS {
        callers.spawn(call(hotline.clone(), caller, progress.clone()));
    }
    drop(progress);
    let killed = break_connections(&database, acknowledgements).await;
    assert!(killed > 0, "no connection was broken");

    let outcomes = callers.join_all().await;
    let acknowledged: Vec<Acknowledged> = outcomes.iter().flat_map(|(calls, _)| calls).copied().collect();
    let refused: u32 = outcomes.iter().map(|(_, refused)| refused).sum();
    assert!(refused > 0, "nobody noticed that {killed} connections broke");
    let expected = usize::try_from(CALLERS).expect("few") * usize::try_from(CALLS_EACH).expect("few");
    assert_eq!(acknowledged.len(), expected);
    forget_broken_connections(&hotline).await;
    // One ticket for each request id, and it is the one that was acknowledged.
    assert_eq!(consistency::check_all(&hotline).await, expected);
    for (seed, number) in acknowledged {
        let (permit, key) = (staff("CreateTicket"), key(Random::new(seed).uuid()));
        let again = hotline.closed_loop.create_ticket(permit, key, appeal("a matter")).await;
        assert_eq!(again.expect("the database is back").number, number);
    }
}

/// Makes its calls, and repeats each with its id until it is acknowledged; reports each acknowledgement.
async fn call(hotline: Hotline, caller: u64, progress: UnboundedSender<()>) -> (Vec<Acknowledged>, u32) {
    let (mut acknowledged, mut refused) = (Vec::new(), 0);
    for call in 0..CALLS_EACH {
        let seed = caller * 1_000 + u64::from(call);
        let key = key(Random::new(seed).uuid());
        let mut tries = 0;
        let number = loop {
            let permit = staff("CreateTicket");
            let created = hotline.closed_loop.create_ticket(permit, key.clone(), appeal("a matter")).await;
            match created {
                Ok(ticket) => break ticket.number,
                Err(fault) => assert_eq!(fault.reason, ErrorReason::Unavailable, "{fault:?}"),
            }
            refused += 1;
            tries += 1;
            assert!(tries < TRIES_MAX, "the service did not recover");
        };
        acknowledged.push((seed, number));
        progress.send(()).expect("somebody listens until all have called");
    }
    (acknowledged, refused)
}

/// Reads until each connection of the pool that was broken while it was idle was used once.
async fn forget_broken_connections(hotline: &Hotline) {
    for _ in 0..2 * CONNECTIONS_MAX {
        let _ = hotline.store.reader().execute_unprepared("SELECT 1").await;
    }
}

/// Breaks every connection each time that some more calls were acknowledged, until there are no more calls; returns how
/// many it broke.
async fn break_connections(database: &Database, mut acknowledgements: UnboundedReceiver<()>) -> usize {
    let (mut answers, mut killed) = (0_u32, 0);
    while acknowledgements.recv().await.is_some() {
        answers += 1;
        if answers.is_multiple_of(CALLS_BETWEEN_OUTAGES) {
            killed += database.kill_backends();
        }
    }
    killed
}
