//! Cancelled calls: a call is dropped at an arbitrary await point. Its work is finished or never happened, no
//! connection keeps an open transaction, and the request id shows the outcome.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use hotline_server::closed_loop::Change;
use hotline_server::platform::Fault;
use hotline_server::platform::idempotency::RequestKey;
use hotline_server::ticket::{Ticket, TicketNumber};
use sea_orm::ConnectionTrait as _;
use sea_orm::sqlx::{self, Row as _};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::fixture::{Database, Hotline, appeal, as_complex, key, staff};
use super::random::Random;
use super::{both, consistency, postgres_only};

both! { a_cancelled_call_is_complete_or_never_happened }
postgres_only! { a_connection_with_an_open_transaction_is_not_reused }

const SEED: u64 = 2_400;
const CALLS: u32 = 300;
/// Concurrent calls.
const AT_ONCE: usize = 8;
/// A call rarely waits more often than this: it is dropped at its beginning, in its middle, and not at all.
const POLLS_MAX: u32 = 4;
/// Checks of PostgreSQL's sessions, each of which starts a process, before an idle transaction counts as a leak.
const LOOKS_MAX: u32 = 100;

/// Polls a future until it has waited this often, and drops it; returns its output if it completed before.
async fn cancel_after<T>(polls: u32, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let mut left = polls;
    poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        match future.as_mut().poll(context) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending if left == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

/// A call that may be cancelled and repeated.
#[derive(Debug, Clone)]
struct Call {
    key: RequestKey,
    /// The ticket to change; `None` to take a new one in.
    number: Option<TicketNumber>,
    polls: u32,
}

impl Call {
    async fn run(&self, hotline: &Hotline) -> Result<Ticket, Fault> {
        let Some(number) = self.number else {
            let (permit, create) = (staff("CreateTicket"), appeal("a matter"));
            return hotline.closed_loop.create_ticket(permit, self.key.clone(), create).await;
        };
        let change = Change { key: self.key.clone(), number, etag: None, verb: as_complex() };
        hotline.closed_loop.change(staff("ClassifyTicket"), change).await
    }
}

async fn a_cancelled_call_is_complete_or_never_happened(database: Database) {
    let hotline = Hotline::open(&database).await;
    let mut random = Random::new(SEED);
    let tickets = hotline.create_appeals(10).await;
    let mut calls = Vec::new();
    for _ in 0..CALLS {
        let number = random.percent(50).then(|| random.pick(&tickets).number);
        calls.push(Call { key: key(random.uuid()), number, polls: 1 + random.below(POLLS_MAX) });
    }
    let answered = run_all(&hotline, &calls).await;
    let cancelled = answered.iter().filter(|answer| answer.is_none()).count();
    assert!(cancelled > 0, "no call was cancelled from seed {SEED}");
    assert!(cancelled < calls.len(), "every call was cancelled from seed {SEED}");

    for (call, answer) in calls.iter().zip(answered) {
        let first = call.run(&hotline).await.expect("a repeat is answered");
        let second = call.run(&hotline).await.expect("a repeat is answered");
        assert_eq!(first, second, "{call:?} was answered in two ways");
        assert!(answer.is_none_or(|answer| answer == first), "{call:?} is answered otherwise than before");
    }
    let created = calls.iter().filter(|call| call.number.is_none()).count();
    assert_eq!(
        consistency::check_all(&hotline).await,
        tickets.len() + created,
        "one ticket for each request id"
    );
    for ticket in &tickets {
        let changes = calls.iter().filter(|call| call.number == Some(ticket.number)).count();
        let version = usize::try_from(hotline.find(ticket.number).await.version).expect("a small version");
        assert_eq!(version, 1 + changes, "one event for each request id");
    }
    check_no_idle_transaction(&database);
    // More than there are connections, so that each of them is used again.
    hotline.create_appeals(20).await;
}

/// Runs every call, several at once, each until it is cancelled.
async fn run_all(hotline: &Hotline, calls: &[Call]) -> Vec<Option<Ticket>> {
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let mut running = JoinSet::new();
    for (order, call) in calls.iter().cloned().enumerate() {
        let (hotline, places) = (hotline.clone(), Arc::clone(&places));
        running.spawn(async move {
            let _place = places.acquire().await.expect("the places are not closed");
            let answer = cancel_after(call.polls, call.run(&hotline)).await;
            (order, answer.map(|answer| answer.expect("nothing stands in its way")))
        });
    }
    let mut answers = running.join_all().await;
    answers.sort_unstable_by_key(|(order, _)| *order);
    answers.into_iter().map(|(_, answer)| answer).collect()
}

/// Checks that no session of the server stays in an idle transaction.
fn check_no_idle_transaction(database: &Database) {
    if matches!(database, Database::Sqlite(_)) {
        return;
    }
    let sessions = "SELECT pid, query FROM pg_stat_activity \
                    WHERE datname = current_database() AND state LIKE 'idle in transaction%'";
    let mut idle = String::new();
    for _ in 0..LOOKS_MAX {
        idle = database.psql(sessions);
        if idle.is_empty() {
            return;
        }
    }
    panic!("sessions idle in a transaction:\n{idle}");
}

/// Tests the guard of the pool alone: the dropped future is no unit of work, which would have its own task.
async fn a_connection_with_an_open_transaction_is_not_reused(database: Database) {
    let hotline = Hotline::open(&database).await;
    let (db, mut random) = (hotline.store.reader().current(), Random::new(SEED));
    // Outside a transaction a statement begins its own; in the simple protocol, at the same instant.
    let sql = "SELECT now() = statement_timestamp()";
    let mut cancelled = 0;
    for _ in 0..CALLS {
        let polls = 1 + random.below(POLLS_MAX);
        let transaction = async {
            let transaction = hotline.store.snapshot().await?;
            transaction.execute_unprepared("SELECT count(*) FROM ticket").await?;
            transaction.rollback().await.map_err(Fault::from)
        };
        cancelled += u32::from(cancel_after(polls, transaction).await.is_none());
        let row = sqlx::raw_sql(sql).fetch_one(db.get_postgres_connection_pool()).await.expect("an answer");
        let is_alone: bool = row.try_get(0).expect("a boolean");
        assert!(
            is_alone,
            "a connection was reused inside an open transaction after {cancelled} cancelled calls"
        );
    }
    assert!(cancelled > 0, "no transaction was cancelled from seed {SEED}");
}
