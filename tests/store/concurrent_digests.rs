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
use super::digests::{LEADS, dispatch_appeals, fire_by_hand, read_digests};
use super::fixture::{Database, Hotline, unit};
use super::{both, consistency, postgres_only};

both! {
    servers_that_gather_concurrently_list_each_ticket_once
    a_reader_sees_every_new_digest_once_and_in_order
    runners_that_fire_concurrently_list_each_ticket_once
}

postgres_only! { concurrent_gatherings_of_a_unit_commit_in_order }

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
            for ticket in dispatch_appeals(&hotline, &unit(lead), TICKETS_EACH).await {
                fire_by_hand(&hotline, ticket.number, RUNGS[round % 3]).await;
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
        let new = read_digests(hotline, &Scope::Unit(lead.clone()), lead, last).await;
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

async fn a_reader_sees_every_new_digest_once_and_in_order(database: Database) {
    const TICKETS: u32 = 40;
    let hotline = Hotline::open(&database).await;
    let runners = runners(&database, &hotline).await;
    let leads = [unit(LEADS[0]), unit(LEADS[1])];
    let mut tickets_of_leads = Vec::new();
    for lead in &leads {
        tickets_of_leads.push(dispatch_appeals(&hotline, lead, TICKETS).await);
    }
    let firing = Arc::new(AtomicUsize::new(leads.len()));
    let gathering = Arc::new(AtomicUsize::new(runners.len()));

    let mut writers = JoinSet::new();
    for tickets in tickets_of_leads.clone() {
        let (hotline, firing) = (hotline.clone(), Arc::clone(&firing));
        writers.spawn(async move {
            for rung in RUNGS {
                for ticket in &tickets {
                    fire_by_hand(&hotline, ticket.number, rung).await;
                }
            }
            firing.fetch_sub(1, Ordering::SeqCst);
        });
    }
    for runner in runners {
        let (firing, gathering) = (Arc::clone(&firing), Arc::clone(&gathering));
        writers.spawn(async move {
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
    let (first_poll, second_poll) =
        tokio::join!(poll(&hotline, &leads[0], is_over), poll(&hotline, &leads[1], is_over));
    writers.join_all().await;

    for ((digests, entries), tickets) in [first_poll, second_poll].into_iter().zip(tickets_of_leads) {
        assert!(digests > 10, "{digests} digests are too few for anybody to meet");
        let expected: BTreeSet<_> =
            tickets.iter().flat_map(|ticket| RUNGS.map(|rung| (ticket.number, rung))).collect();
        assert_eq!(entries.len(), expected.len(), "a ticket is listed twice or not at all");
        assert_eq!(entries.into_iter().collect::<BTreeSet<_>>(), expected);
    }
    consistency::check_all(&hotline).await;
}

async fn runners_that_fire_concurrently_list_each_ticket_once(database: Database) {
    const DUE: u32 = 150;
    let hotline = Hotline::open(&database).await;
    let runners = runners(&database, &hotline).await;
    let leads = [unit(LEADS[0]), unit(LEADS[1])];
    let mut tickets_of_leads = Vec::new();
    for lead in &leads {
        tickets_of_leads.push(dispatch_appeals(&hotline, lead, DUE).await);
    }
    let due_at = tickets_of_leads[0][0].cycle.due_at();
    for hours in [0, 24, 48] {
        hotline.clock.advance_to(due_at + TimeDelta::hours(hours));
        assert_eq!(drain(&runners).await, u64::from(2 * DUE));
    }
    for (lead, tickets) in leads.iter().zip(tickets_of_leads) {
        let (digests, entries) = poll(&hotline, lead, || true).await;
        // A server whose tick ends early also gathers what the others have fired until then.
        assert!(digests >= 3, "{digests} digests for three rungs");
        assert_eq!(entries.len(), 3 * tickets.len(), "a ticket is listed twice or not at all");
        let entries: BTreeSet<_> = entries.into_iter().collect();
        assert!(
            tickets.iter().all(|ticket| RUNGS.iter().all(|rung| entries.contains(&(ticket.number, *rung))))
        );
    }
    consistency::check_all(&hotline).await;
}

/// If the second did not wait, it could commit first, and a reader of its digest would never ask for the one before it.
async fn concurrent_gatherings_of_a_unit_commit_in_order(database: Database) {
    let hotline = Hotline::open(&database).await;
    let lead_unit = unit(LEADS[0]);
    let ticket = dispatch_appeals(&hotline, &lead_unit, 1).await.remove(0);
    fire_by_hand(&hotline, ticket.number, Rung::Urged).await;

    let (locked, commit) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let first_gathering = {
        let (hotline, lead_unit) = (hotline.clone(), lead_unit.clone());
        let (locked, commit) = (Arc::clone(&locked), Arc::clone(&commit));
        tokio::spawn(async move {
            let work = hotline.store.work(&hotline.clock, move |work| {
                let (lead_unit, locked, commit) =
                    (lead_unit.clone(), Arc::clone(&locked), Arc::clone(&commit));
                Box::pin(async move {
                    let units = [lead_unit];
                    let last = ledger::digests::lock(work, &units).await?;
                    let waiting = ledger::digests::waiting(work, &units, 10).await?;
                    ledger::digests::write(work, &digests::plan(&waiting, &last, false, 10)).await?;
                    locked.notify_one();
                    commit.notified().await;
                    Ok(())
                })
            });
            work.await.expect("it can be gathered");
        })
    };
    locked.notified().await;
    fire_by_hand(&hotline, ticket.number, Rung::Supervised).await;
    let second_gathering = {
        let runner = hotline.runner.clone();
        tokio::spawn(async move { digests::gather(&runner.store, &runner.clock).await })
    };
    while database.waiting_for_locks() == 0 {
        assert!(!second_gathering.is_finished(), "the second gathering did not wait: {second_gathering:?}");
    }
    assert_eq!(read_digests(&hotline, &Scope::All, &lead_unit, 0).await, [], "neither is committed");
    commit.notify_one();
    first_gathering.await.expect("it is gathered");
    assert_eq!(second_gathering.await.expect("it was answered"), Ok(1));
    let (last, entries) = poll(&hotline, &lead_unit, || true).await;
    assert_eq!((last, entries), (2, vec![(ticket.number, Rung::Urged), (ticket.number, Rung::Supervised)]));
    consistency::check_all(&hotline).await;
}
