//! Concurrent gatherings, and a reader between them. No ticket is in two digests or lost, and a reader that remembers
//! the last sequence misses nothing that is committed later.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::TimeDelta;
use hotline_server::access::Scope;
use hotline_server::ledger;
use hotline_server::oversight::{Runner, digests};
use hotline_server::ticket::{Rung, TicketNumber, UnitCode};
use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::concurrent_runners::{drain, runners};
use super::digests::{LEADS, dispatched, fire, read};
use super::fixture::{Database, Hotline, unit};
use super::{both, consistency, postgres_only};

both! {
    servers_that_gather_concurrently_list_each_ticket_once
    a_reader_sees_every_digest_once_and_in_order_while_they_are_made
    runners_that_fire_concurrently_list_each_ticket_once
}

postgres_only! { a_gathering_waits_for_the_one_before_it }

const RUNGS: [Rung; 3] = [Rung::Urged, Rung::Supervised, Rung::Manual];
const ROUNDS: usize = 8;
const TICKETS_EACH: u32 = 6;

/// Gathers on every server at once.
async fn gather_concurrently(runners: &[Runner]) -> u64 {
    let mut gathering = JoinSet::new();
    for runner in runners.iter().cloned() {
        gathering.spawn(async move {
            let made = digests::gather(&runner.store, &runner.clock).await;
            made.expect("a gathering that meets another goes on")
        });
    }
    gathering.join_all().await.into_iter().sum()
}

async fn servers_that_gather_concurrently_list_each_ticket_once(database: Database) {
    let hotline = Hotline::open(&database).await;
    let runners = runners(&database, &hotline).await;
    let mut made = 0;
    for round in 0..ROUNDS {
        // Other units join in later rounds, so that several servers also make new counters at once.
        for lead in &LEADS[..=round.min(LEADS.len() - 1)] {
            for ticket in dispatched(&hotline, &unit(lead), TICKETS_EACH).await {
                fire(&hotline, ticket.number, RUNGS[round % 3]).await;
            }
        }
        made += gather_concurrently(&runners).await;
        assert_eq!(
            hotline.count("SELECT COUNT(*) FROM digest_ticket WHERE digest_sequence IS NULL").await,
            0,
            "round {round} left a notice behind"
        );
        assert_eq!(hotline.count("SELECT COUNT(*) FROM digest").await.unsigned_abs(), made);
        assert_eq!(gather_concurrently(&runners).await, 0);
    }
    // No rung fired meanwhile: one digest for each unit and round.
    assert_eq!(made, 1 + 2 + 3 + 4 + 5 * 4);
    consistency::check_all(&hotline).await;
}

/// A unit's ticket, and the rung that fired for it.
type DigestEntry = (TicketNumber, Rung);

/// Reads a unit's digests by the last sequence, as a partner does, until `is_over` was true before a read that found
/// nothing more. Returns how many there were, and their content.
async fn poll(hotline: &Hotline, lead: &UnitCode, is_over: impl Fn() -> bool) -> (i64, Vec<DigestEntry>) {
    let (mut last, mut entries) = (0, Vec::new());
    loop {
        let was_over = is_over();
        let new = read(hotline, &Scope::Unit(lead.clone()), lead, last).await;
        if new.is_empty() && was_over {
            return (last, entries);
        }
        for (digest, tickets) in new {
            assert_eq!(digest.sequence, last + 1, "a digest of {lead} was missed or came late");
            assert_eq!(tickets.len(), digest.ticket_count, "a digest is seen with all of its tickets");
            last = digest.sequence;
            entries.extend(tickets.into_iter().map(|ticket| (ticket.number, digest.rung)));
        }
        tokio::task::yield_now().await;
    }
}

async fn a_reader_sees_every_digest_once_and_in_order_while_they_are_made(database: Database) {
    const TICKETS: u32 = 40;
    let hotline = Hotline::open(&database).await;
    let runners = runners(&database, &hotline).await;
    let leads = [unit(LEADS[0]), unit(LEADS[1])];
    let mut theirs = Vec::new();
    for lead in &leads {
        theirs.push(dispatched(&hotline, lead, TICKETS).await);
    }
    let firing = Arc::new(AtomicUsize::new(leads.len()));
    let gathering = Arc::new(AtomicUsize::new(runners.len()));

    let mut others = JoinSet::new();
    for tickets in theirs.clone() {
        let (hotline, firing) = (hotline.clone(), Arc::clone(&firing));
        others.spawn(async move {
            for rung in RUNGS {
                for ticket in &tickets {
                    fire(&hotline, ticket.number, rung).await;
                }
            }
            firing.fetch_sub(1, Ordering::SeqCst);
        });
    }
    for runner in runners {
        let (firing, gathering) = (Arc::clone(&firing), Arc::clone(&gathering));
        others.spawn(async move {
            loop {
                let was_last = firing.load(Ordering::SeqCst) == 0;
                digests::gather(&runner.store, &runner.clock).await.expect("it goes on");
                if was_last {
                    break;
                }
                tokio::task::yield_now().await;
            }
            gathering.fetch_sub(1, Ordering::SeqCst);
        });
    }
    let is_over = || gathering.load(Ordering::SeqCst) == 0;
    let (one, other) = tokio::join!(poll(&hotline, &leads[0], is_over), poll(&hotline, &leads[1], is_over));
    others.join_all().await;

    for ((digests, entries), tickets) in [one, other].into_iter().zip(theirs) {
        assert!(digests > 10, "{digests} digests are too few for anybody to meet");
        let expected: BTreeSet<_> =
            tickets.iter().flat_map(|ticket| RUNGS.map(|rung| (ticket.number, rung))).collect();
        assert_eq!(entries.len(), expected.len(), "something was told twice, or not at all");
        assert_eq!(entries.into_iter().collect::<BTreeSet<_>>(), expected);
    }
    consistency::check_all(&hotline).await;
}

async fn runners_that_fire_concurrently_list_each_ticket_once(database: Database) {
    const DUE: u32 = 150;
    let hotline = Hotline::open(&database).await;
    let runners = runners(&database, &hotline).await;
    let leads = [unit(LEADS[0]), unit(LEADS[1])];
    let mut theirs = Vec::new();
    for lead in &leads {
        theirs.push(dispatched(&hotline, lead, DUE).await);
    }
    let due_at = theirs[0][0].cycle.due_at();
    for hours in [0, 24, 48] {
        hotline.clock.advance_to(due_at + TimeDelta::hours(hours));
        assert_eq!(drain(&runners).await, u64::from(2 * DUE));
    }
    for (lead, tickets) in leads.iter().zip(theirs) {
        let (digests, entries) = poll(&hotline, lead, || true).await;
        // A server whose tick ends early also gathers what the others have fired until then.
        assert!(digests >= 3, "{digests} digests for three rungs");
        assert_eq!(entries.len(), 3 * tickets.len(), "something was told twice, or not at all");
        let entries: BTreeSet<_> = entries.into_iter().collect();
        assert!(
            tickets.iter().all(|ticket| RUNGS.iter().all(|rung| entries.contains(&(ticket.number, *rung))))
        );
    }
    consistency::check_all(&hotline).await;
}

/// If the second did not wait, it could commit first, and a reader of its digest would never ask for the one before it.
async fn a_gathering_waits_for_the_one_before_it(database: Database) {
    let hotline = Hotline::open(&database).await;
    let lead = unit(LEADS[0]);
    let ticket = dispatched(&hotline, &lead, 1).await.remove(0);
    fire(&hotline, ticket.number, Rung::Urged).await;

    let (locked, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let holding = {
        let (hotline, lead) = (hotline.clone(), lead.clone());
        let (locked, go_on) = (Arc::clone(&locked), Arc::clone(&go_on));
        tokio::spawn(async move {
            let work = hotline.store.work(&hotline.clock, move |work| {
                let (lead, locked, go_on) = (lead.clone(), Arc::clone(&locked), Arc::clone(&go_on));
                Box::pin(async move {
                    let units = [lead];
                    let last = ledger::digests::lock(work, &units).await?;
                    let waiting = ledger::digests::waiting(work, &units, 10).await?;
                    ledger::digests::write(work, &digests::plan(&waiting, &last, false, 10)).await?;
                    locked.notify_one();
                    go_on.notified().await;
                    Ok(())
                })
            });
            work.await.expect("it can be gathered");
        })
    };
    locked.notified().await;
    fire(&hotline, ticket.number, Rung::Supervised).await;
    let gathering = {
        let runner = hotline.runner.clone();
        tokio::spawn(async move { digests::gather(&runner.store, &runner.clock).await })
    };
    while database.waiting_for_locks() == 0 {
        assert!(!gathering.is_finished(), "it did not wait: {gathering:?}");
    }
    assert_eq!(read(&hotline, &Scope::All, &lead, 0).await, [], "neither is committed");
    go_on.notify_one();
    holding.await.expect("it is gathered");
    assert_eq!(gathering.await.expect("it was answered"), Ok(1));
    let (last, entries) = poll(&hotline, &lead, || true).await;
    assert_eq!((last, entries), (2, vec![(ticket.number, Rung::Urged), (ticket.number, Rung::Supervised)]));
    consistency::check_all(&hotline).await;
}
