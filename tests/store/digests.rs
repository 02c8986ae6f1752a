//! Digests: every rung that fires for a unit is in one digest. The digests are numbered without a gap, in the order in
//! which they can be read, with any number of servers and interruptions.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use hotline_server::access::Scope;
use hotline_server::closed_loop::classify_ticket::ClassifyTicket;
use hotline_server::ledger::digests::list::{self, Digest, DigestFilter, DigestTicket};
use hotline_server::oversight::digests::{self, Bounds};
use hotline_server::oversight::escalate_ticket::EscalateTicket;
use hotline_server::ticket::{Category, Rung, Ticket, TicketNumber, UnitCode};
use sea_orm::ConnectionTrait as _;

use super::fixture::{Database, Hotline, as_complex, dispatch, staff, unit};
use super::{both, consistency};

both! {
    a_unit_has_one_digest_for_each_rung_and_tick
    a_rung_that_was_passed_over_or_names_no_unit_is_in_no_digest
    what_a_tick_fired_and_did_not_gather_is_gathered_by_another
    a_rung_fired_by_hand_is_in_one_digest
    more_than_one_unit_of_work_holds_is_gathered_by_several
    a_ticket_that_a_unit_lost_vanishes_from_its_digest
    all_units_are_read_in_order_page_by_page
}

pub(super) const LEADS: [&str; 5] =
    ["district-chaoyang", "district-haidian", "dept-tax", "dept-finance", "dept-traffic-management"];

/// Takes in this many appeals and dispatches them to a unit.
pub(super) async fn dispatched(hotline: &Hotline, lead: &UnitCode, count: u32) -> Vec<Ticket> {
    let tickets = hotline.create_appeals(count).await;
    for ticket in &tickets {
        let sent = hotline.change(staff("DispatchTicket"), ticket.number, dispatch(lead)).await;
        sent.expect("it can be dispatched");
    }
    tickets
}

/// Fires a rung by hand, which gathers nothing.
pub(super) async fn fire(hotline: &Hotline, number: TicketNumber, rung: Rung) {
    let fire = EscalateTicket::Fire { rung, note: "by hand".to_owned() };
    hotline.change(staff("EscalateTicket"), number, fire).await.expect("it has not fired");
}

/// A unit's digests after a sequence, each with its tickets, as a reader sees them.
pub(super) async fn read(
    hotline: &Hotline,
    scope: &Scope,
    unit: &UnitCode,
    after_sequence: i64,
) -> Vec<(Digest, Vec<DigestTicket>)> {
    let filter = DigestFilter { unit: Some(unit.clone()), rung: None, after_sequence };
    let reader = hotline.store.reader();
    let found = list::page(reader, scope, &filter, None, 1_000).await.expect("they can be read");
    let mut tickets = list::tickets(reader, scope, &found).await.expect("they can be read");
    let with_tickets = |digest: Digest| {
        let theirs = tickets.remove(&(digest.unit.clone(), digest.sequence)).unwrap_or_default();
        (digest, theirs)
    };
    found.into_iter().map(with_tickets).collect()
}

/// Sequence, rung and tickets of all of a unit's digests, as the unit sees them.
async fn digests_of(hotline: &Hotline, lead: &UnitCode) -> Vec<(i64, Rung, Vec<TicketNumber>)> {
    let digests = read(hotline, &Scope::Unit(lead.clone()), lead, 0).await;
    let numbers = |tickets: Vec<DigestTicket>| tickets.into_iter().map(|ticket| ticket.number).collect();
    digests.into_iter().map(|(digest, tickets)| (digest.sequence, digest.rung, numbers(tickets))).collect()
}

fn numbers(tickets: &[Ticket]) -> Vec<TicketNumber> {
    tickets.iter().map(|ticket| ticket.number).collect()
}

async fn execute(hotline: &Hotline, sql: &str) {
    hotline.store.migrating().execute_unprepared(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

async fn a_unit_has_one_digest_for_each_rung_and_tick(database: Database) {
    let hotline = Hotline::open(&database).await;
    let (many, few) = (unit(LEADS[0]), unit(LEADS[1]));
    // More than one batch of a tick, and the other unit's among them.
    let first = dispatched(&hotline, &many, 70).await;
    let other = dispatched(&hotline, &few, 5).await;
    let rest = dispatched(&hotline, &many, 60).await;
    hotline.clock.advance_to(hotline.clock.now() + TimeDelta::hours(1));
    let later = dispatched(&hotline, &few, 2).await;

    let due_at = first[0].cycle.due_at();
    assert_eq!(hotline.advance(TimeDelta::days(30)).await, 3 * 137);
    let all = [numbers(&first), numbers(&rest)].concat();
    let rungs = [Rung::Urged, Rung::Supervised, Rung::Manual];
    let expected: Vec<_> = (1..).zip(rungs).map(|(sequence, rung)| (sequence, rung, all.clone())).collect();
    assert_eq!(digests_of(&hotline, &many).await, expected);
    let ticks = (1..).zip(rungs.into_iter().flat_map(|rung| [(rung, &other), (rung, &later)]));
    let expected: Vec<_> =
        ticks.map(|(sequence, (rung, theirs))| (sequence, rung, numbers(theirs))).collect();
    assert_eq!(digests_of(&hotline, &few).await, expected, "the later ones have a tick of their own");

    for ((digest, tickets), hours) in read(&hotline, &Scope::All, &many, 0).await.into_iter().zip([0, 24, 48])
    {
        let instant = due_at + TimeDelta::hours(hours);
        assert_eq!(digest.gathered_at, instant, "{digest:?} was not gathered in its tick");
        for ticket in tickets {
            assert_eq!((ticket.cycle, ticket.due_at, ticket.fired_at), (1, Some(instant), instant));
        }
    }
    consistency::check_all(&hotline).await;
}

async fn a_rung_that_was_passed_over_or_names_no_unit_is_in_no_digest(database: Database) {
    let hotline = Hotline::open(&database).await;
    let lead = unit(LEADS[0]);
    let theirs = dispatched(&hotline, &lead, 2).await;
    hotline.create_appeals(3).await;
    // No runner was there until every rung had passed.
    hotline.clock.advance_to(theirs[0].cycle.due_at() + TimeDelta::hours(100));
    assert_eq!(hotline.runner.tick().await.expect("it fires"), (5, None));
    assert_eq!(digests_of(&hotline, &lead).await, [(1, Rung::Manual, numbers(&theirs))]);
    assert_eq!(hotline.count("SELECT COUNT(*) FROM digest_ticket").await, 2);
    hotline.runner.tick().await.expect("nothing is due");
    assert_eq!(hotline.count("SELECT COUNT(*) FROM digest").await, 1, "nothing is told twice");
    consistency::check_all(&hotline).await;
}

async fn what_a_tick_fired_and_did_not_gather_is_gathered_by_another(database: Database) {
    let hotline = Hotline::open(&database).await;
    let lead = unit(LEADS[0]);
    let tickets = dispatched(&hotline, &lead, 120).await;
    // The tick breaks off between firing and gathering.
    execute(&hotline, "ALTER TABLE digest_unit RENAME TO digest_unit_away").await;
    let due_at = tickets[0].cycle.due_at();
    hotline.clock.advance_to(due_at);
    hotline.runner.tick().await.expect_err("there is nothing to count with");
    execute(&hotline, "ALTER TABLE digest_unit_away RENAME TO digest_unit").await;
    assert_eq!(hotline.count("SELECT COUNT(*) FROM rung_effect").await, 120, "it had fired");
    assert_eq!(digests_of(&hotline, &lead).await, []);
    hotline.store.close().await;
    drop(hotline);

    // Another server, which finds nothing due, at a later hour.
    let hotline = Hotline::open(&database).await;
    hotline.clock.advance_to(due_at + TimeDelta::hours(1));
    let (fired, _) = hotline.runner.tick().await.expect("nothing is in the way any more");
    assert_eq!(fired, 0);
    assert_eq!(digests_of(&hotline, &lead).await, [(1, Rung::Urged, numbers(&tickets))]);
    let (digest, digests_of) = read(&hotline, &Scope::All, &lead, 0).await.remove(0);
    assert_eq!(digest.gathered_at, hotline.clock.now());
    assert!(
        digests_of.iter().all(|ticket| ticket.fired_at == due_at),
        "it says when they fired: {digests_of:?}"
    );
    consistency::check_all(&hotline).await;
}

async fn a_rung_fired_by_hand_is_in_one_digest(database: Database) {
    let hotline = Hotline::open(&database).await;
    let lead = unit(LEADS[0]);
    let ticket = dispatched(&hotline, &lead, 1).await.remove(0);
    fire(&hotline, ticket.number, Rung::Supervised).await;
    assert_eq!(digests_of(&hotline, &lead).await, [], "nobody has gathered it");
    // The clock stands still, and the next tick gathers it.
    hotline.advance(TimeDelta::zero()).await;
    let by_hand = (1, Rung::Supervised, vec![ticket.number]);
    assert_eq!(digests_of(&hotline, &lead).await, std::slice::from_ref(&by_hand));
    let (digest, tickets) = read(&hotline, &Scope::All, &lead, 0).await.remove(0);
    let fired_at = hotline.clock.now();
    assert_eq!(digest.gathered_at, fired_at);
    let expected = DigestTicket { number: ticket.number, cycle: 1, due_at: None, fired_at };
    assert_eq!(tickets, [expected]);

    // The ladder continues above it.
    assert_eq!(hotline.advance(TimeDelta::days(365)).await, 1);
    assert_eq!(digests_of(&hotline, &lead).await, [by_hand, (2, Rung::Manual, vec![ticket.number])]);
    consistency::check_all(&hotline).await;
}

async fn more_than_one_unit_of_work_holds_is_gathered_by_several(database: Database) {
    let hotline = Hotline::open(&database).await;
    let mut theirs = BTreeMap::new();
    for (lead, count) in LEADS.iter().zip([1, 12, 5, 3, 7]) {
        let tickets = dispatched(&hotline, &unit(lead), count).await;
        for ticket in &tickets {
            fire(&hotline, ticket.number, Rung::Urged).await;
        }
        theirs.insert(*lead, numbers(&tickets));
    }
    let bounds = Bounds { digest_tickets: 5, work_tickets: 7, work_units: 2, works: 1 };
    let gather = |bounds| digests::gather_within(&hotline.store, &hotline.clock, bounds);
    let first = gather(bounds).await.expect("they can be gathered");
    assert!((1..8).contains(&first), "one unit of work made {first} digests");
    let rest = gather(Bounds { works: 100, ..bounds }).await.expect("they can be gathered");
    assert_eq!(first + rest, 1 + 3 + 1 + 1 + 2);
    assert_eq!(gather(bounds).await, Ok(0));
    for (lead, tickets) in theirs {
        let parts = tickets.chunks(5).map(<[_]>::to_vec);
        let expected: Vec<_> = (1..).zip(parts).map(|(place, part)| (place, Rung::Urged, part)).collect();
        assert_eq!(digests_of(&hotline, &unit(lead)).await, expected);
    }
    consistency::check_all(&hotline).await;
}

async fn a_ticket_that_a_unit_lost_vanishes_from_its_digest(database: Database) {
    let hotline = Hotline::open(&database).await;
    let (lead, other) = (unit(LEADS[2]), unit(LEADS[3]));
    let tickets = dispatched(&hotline, &lead, 3).await;
    let accused = || ClassifyTicket {
        category: Category::ComplaintReport,
        accused_units: vec![lead.clone()],
        ..as_complex()
    };
    let recall = |number| hotline.change(staff("ClassifyTicket"), number, accused());
    for ticket in &tickets {
        fire(&hotline, ticket.number, Rung::Urged).await;
    }
    // One turns out to be about the unit before the digest, one after, and one goes to another unit.
    assert!(recall(tickets[0].number).await.expect("it can be classified").dispatch.is_none(), "recalled");
    hotline.advance(TimeDelta::zero()).await;
    assert_eq!(digests_of(&hotline, &lead).await, [(1, Rung::Urged, numbers(&tickets[1..]))]);
    recall(tickets[1].number).await.expect("it can be classified");
    assert_eq!(digests_of(&hotline, &lead).await, [(1, Rung::Urged, numbers(&tickets[2..]))]);
    let redispatched = hotline.change(staff("DispatchTicket"), tickets[2].number, dispatch(&other)).await;
    redispatched.expect("nobody has signed for it");
    assert_eq!(digests_of(&hotline, &lead).await, [(1, Rung::Urged, vec![])], "it stays in its place, empty");
    assert_eq!(digests_of(&hotline, &other).await, [], "the next unit was not urged");

    let staff_see = read(&hotline, &Scope::All, &lead, 0).await.remove(0).1;
    let staff_see: Vec<_> = staff_see.into_iter().map(|ticket| ticket.number).collect();
    assert_eq!(staff_see, numbers(&tickets));
    let foreign = read(&hotline, &Scope::Unit(other), &lead, 0).await;
    assert_eq!(foreign, [], "another unit's digests are nobody's business");
    consistency::check_all(&hotline).await;
}

async fn all_units_are_read_in_order_page_by_page(database: Database) {
    let hotline = Hotline::open(&database).await;
    for round in 0..4_usize {
        for lead in &LEADS[..=round] {
            let ticket = dispatched(&hotline, &unit(lead), 1).await.remove(0);
            let rung = if round % 2 == 0 { Rung::Urged } else { Rung::Supervised };
            fire(&hotline, ticket.number, rung).await;
        }
        hotline.advance(TimeDelta::minutes(1)).await;
    }
    for rung in [None, Some(Rung::Urged), Some(Rung::Supervised), Some(Rung::Manual)] {
        let filter = DigestFilter { rung, ..DigestFilter::default() };
        let page = async |behind: Option<&Digest>, limit| {
            let behind = behind.map(|digest| list::DigestCursor {
                gathered_at: digest.gathered_at.timestamp_micros(),
                unit: digest.unit.0.clone(),
                sequence: digest.sequence,
            });
            let reader = hotline.store.reader();
            let page = list::page(reader, &Scope::All, &filter, behind.as_ref(), limit).await;
            page.expect("they can be read")
        };
        let all = page(None, 1_000).await;
        let expected = [10, 4, 6, 0][rung.map_or(0, |rung| rung as usize - 1)];
        assert_eq!(all.len(), expected, "{rung:?}");
        assert!(all.is_sorted_by_key(|digest| digest.gathered_at), "oldest first: {all:?}");
        let keys: BTreeSet<_> = all.iter().map(|digest| (digest.unit.clone(), digest.sequence)).collect();
        assert_eq!(keys.len(), all.len(), "each once");
        for size in [1, 3] {
            let mut walked: Vec<Digest> = Vec::new();
            loop {
                let next = page(walked.last(), size).await;
                if next.is_empty() {
                    break;
                }
                walked.extend(next);
            }
            assert_eq!(walked, all, "by {size}");
        }
    }
}
