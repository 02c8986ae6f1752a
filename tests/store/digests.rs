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
    a_passed_rung_or_one_without_a_unit_is_in_no_digest
    notices_of_an_interrupted_tick_are_gathered_by_the_next
    a_rung_fired_by_hand_is_in_one_digest
    many_notices_are_gathered_in_several_transactions
    a_ticket_that_a_unit_lost_leaves_its_digest
    digests_of_all_units_are_paged_in_order
}

pub(super) const LEADS: [&str; 5] =
    ["district-chaoyang", "district-haidian", "dept-tax", "dept-finance", "dept-traffic-management"];

/// Takes in this many appeals and dispatches them to a unit.
pub(super) async fn dispatch_appeals(hotline: &Hotline, lead: &UnitCode, count: u32) -> Vec<Ticket> {
    let tickets = hotline.create_appeals(count).await;
    for ticket in &tickets {
        let sent = hotline.change(staff("DispatchTicket"), ticket.number, dispatch(lead)).await;
        sent.expect("it can be dispatched");
    }
    tickets
}

/// Fires a rung by hand, which gathers nothing.
pub(super) async fn fire_by_hand(hotline: &Hotline, number: TicketNumber, rung: Rung) {
    let fire_by_hand = EscalateTicket::Fire { rung, note: "by hand".to_owned() };
    hotline.change(staff("EscalateTicket"), number, fire_by_hand).await.expect("it has not fired");
}

/// A unit's digests after a sequence, each with its tickets, as a reader sees them.
pub(super) async fn read_digests(
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
    let digests = read_digests(hotline, &Scope::Unit(lead.clone()), lead, 0).await;
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
    let (busy_unit, quiet_unit) = (unit(LEADS[0]), unit(LEADS[1]));
    // More than one batch of a tick, and the other unit's among them.
    let first_batch = dispatch_appeals(&hotline, &busy_unit, 70).await;
    let of_quiet_unit = dispatch_appeals(&hotline, &quiet_unit, 5).await;
    let second_batch = dispatch_appeals(&hotline, &busy_unit, 60).await;
    hotline.clock.advance_to(hotline.clock.now() + TimeDelta::hours(1));
    let later_batch = dispatch_appeals(&hotline, &quiet_unit, 2).await;

    let due_at = first_batch[0].cycle.due_at();
    assert_eq!(hotline.advance(TimeDelta::days(30)).await, 3 * 137);
    let all = [numbers(&first_batch), numbers(&second_batch)].concat();
    let rungs = [Rung::Urged, Rung::Supervised, Rung::Manual];
    let expected: Vec<_> = (1..).zip(rungs).map(|(sequence, rung)| (sequence, rung, all.clone())).collect();
    assert_eq!(digests_of(&hotline, &busy_unit).await, expected);
    let ticks = (1..).zip(rungs.into_iter().flat_map(|rung| [(rung, &of_quiet_unit), (rung, &later_batch)]));
    let expected: Vec<_> =
        ticks.map(|(sequence, (rung, tickets))| (sequence, rung, numbers(tickets))).collect();
    assert_eq!(digests_of(&hotline, &quiet_unit).await, expected, "the later ones have a tick of their own");

    for ((digest, tickets), hours) in
        read_digests(&hotline, &Scope::All, &busy_unit, 0).await.into_iter().zip([0, 24, 48])
    {
        let instant = due_at + TimeDelta::hours(hours);
        assert_eq!(digest.gathered_at, instant, "{digest:?} was not gathered in its tick");
        for ticket in tickets {
            assert_eq!((ticket.cycle, ticket.due_at, ticket.fired_at), (1, Some(instant), instant));
        }
    }
    consistency::check_all(&hotline).await;
}

async fn a_passed_rung_or_one_without_a_unit_is_in_no_digest(database: Database) {
    let hotline = Hotline::open(&database).await;
    let lead_unit = unit(LEADS[0]);
    let tickets = dispatch_appeals(&hotline, &lead_unit, 2).await;
    hotline.create_appeals(3).await;
    // The runner did not run until every rung was due.
    hotline.clock.advance_to(tickets[0].cycle.due_at() + TimeDelta::hours(100));
    assert_eq!(hotline.runner.tick().await.expect("it fires"), (5, None));
    assert_eq!(digests_of(&hotline, &lead_unit).await, [(1, Rung::Manual, numbers(&tickets))]);
    assert_eq!(hotline.count("SELECT COUNT(*) FROM digest_ticket").await, 2);
    hotline.runner.tick().await.expect("nothing is due");
    assert_eq!(hotline.count("SELECT COUNT(*) FROM digest").await, 1, "no notice is gathered twice");
    consistency::check_all(&hotline).await;
}

async fn notices_of_an_interrupted_tick_are_gathered_by_the_next(database: Database) {
    let hotline = Hotline::open(&database).await;
    let lead_unit = unit(LEADS[0]);
    let tickets = dispatch_appeals(&hotline, &lead_unit, 120).await;
    // The tick breaks off between firing and gathering.
    execute(&hotline, "ALTER TABLE digest_unit RENAME TO digest_unit_away").await;
    let due_at = tickets[0].cycle.due_at();
    hotline.clock.advance_to(due_at);
    hotline.runner.tick().await.expect_err("the counter table is missing");
    execute(&hotline, "ALTER TABLE digest_unit_away RENAME TO digest_unit").await;
    assert_eq!(hotline.count("SELECT COUNT(*) FROM rung_effect").await, 120, "it had fired");
    assert_eq!(digests_of(&hotline, &lead_unit).await, []);
    hotline.store.close().await;
    drop(hotline);

    // Another server, which finds nothing due, at a later hour.
    let hotline = Hotline::open(&database).await;
    hotline.clock.advance_to(due_at + TimeDelta::hours(1));
    let (fired, _) = hotline.runner.tick().await.expect("the table is back");
    assert_eq!(fired, 0);
    assert_eq!(digests_of(&hotline, &lead_unit).await, [(1, Rung::Urged, numbers(&tickets))]);
    let (digest, digests_of) = read_digests(&hotline, &Scope::All, &lead_unit, 0).await.remove(0);
    assert_eq!(digest.gathered_at, hotline.clock.now());
    assert!(
        digests_of.iter().all(|ticket| ticket.fired_at == due_at),
        "a digest keeps the fire times: {digests_of:?}"
    );
    consistency::check_all(&hotline).await;
}

async fn a_rung_fired_by_hand_is_in_one_digest(database: Database) {
    let hotline = Hotline::open(&database).await;
    let lead_unit = unit(LEADS[0]);
    let ticket = dispatch_appeals(&hotline, &lead_unit, 1).await.remove(0);
    fire_by_hand(&hotline, ticket.number, Rung::Supervised).await;
    assert_eq!(digests_of(&hotline, &lead_unit).await, [], "the notice is not gathered yet");
    // The clock does not move. The next tick gathers the notice.
    hotline.advance(TimeDelta::zero()).await;
    let by_hand = (1, Rung::Supervised, vec![ticket.number]);
    assert_eq!(digests_of(&hotline, &lead_unit).await, std::slice::from_ref(&by_hand));
    let (digest, tickets) = read_digests(&hotline, &Scope::All, &lead_unit, 0).await.remove(0);
    let fired_at = hotline.clock.now();
    assert_eq!(digest.gathered_at, fired_at);
    let expected = DigestTicket { number: ticket.number, cycle: 1, due_at: None, fired_at };
    assert_eq!(tickets, [expected]);

    // It was fired before the limit, so the ladder fires all its rungs.
    assert_eq!(hotline.advance(TimeDelta::days(365)).await, 3);
    let ladder = [(2, Rung::Urged), (3, Rung::Supervised), (4, Rung::Manual)];
    let ladder = ladder.map(|(sequence, rung)| (sequence, rung, vec![ticket.number]));
    assert_eq!(digests_of(&hotline, &lead_unit).await, [vec![by_hand], ladder.to_vec()].concat());
    consistency::check_all(&hotline).await;
}

async fn many_notices_are_gathered_in_several_transactions(database: Database) {
    let hotline = Hotline::open(&database).await;
    let mut tickets_of_units = BTreeMap::new();
    for (lead, count) in LEADS.iter().zip([1, 12, 5, 3, 7]) {
        let tickets = dispatch_appeals(&hotline, &unit(lead), count).await;
        for ticket in &tickets {
            fire_by_hand(&hotline, ticket.number, Rung::Urged).await;
        }
        tickets_of_units.insert(*lead, numbers(&tickets));
    }
    let bounds = Bounds { digest_tickets: 5, work_tickets: 7, work_units: 2, works: 1 };
    let gather = |bounds| digests::gather_within(&hotline.store, &hotline.clock, bounds);
    let first = gather(bounds).await.expect("they can be gathered");
    assert!((1..8).contains(&first), "one unit of work made {first} digests");
    let others = gather(Bounds { works: 100, ..bounds }).await.expect("they can be gathered");
    assert_eq!(first + others, 1 + 3 + 1 + 1 + 2);
    assert_eq!(gather(bounds).await, Ok(0));
    for (lead, tickets) in tickets_of_units {
        let parts = tickets.chunks(5).map(<[_]>::to_vec);
        let expected: Vec<_> = (1..)
            .zip(parts)
            .map(|(sequence, tickets_of_digest)| (sequence, Rung::Urged, tickets_of_digest))
            .collect();
        assert_eq!(digests_of(&hotline, &unit(lead)).await, expected);
    }
    consistency::check_all(&hotline).await;
}

async fn a_ticket_that_a_unit_lost_leaves_its_digest(database: Database) {
    let hotline = Hotline::open(&database).await;
    let (lead_unit, next_unit) = (unit(LEADS[2]), unit(LEADS[3]));
    let tickets = dispatch_appeals(&hotline, &lead_unit, 3).await;
    let accuse_lead = || ClassifyTicket {
        category: Category::ComplaintReport,
        accused_units: vec![lead_unit.clone()],
        ..as_complex()
    };
    let recall = |number| hotline.change(staff("ClassifyTicket"), number, accuse_lead());
    for ticket in &tickets {
        fire_by_hand(&hotline, ticket.number, Rung::Urged).await;
    }
    // One becomes a complaint about the unit before the digest, one after it, and one is dispatched to another unit.
    assert!(recall(tickets[0].number).await.expect("it can be classified").dispatch.is_none(), "recalled");
    hotline.advance(TimeDelta::zero()).await;
    assert_eq!(digests_of(&hotline, &lead_unit).await, [(1, Rung::Urged, numbers(&tickets[1..]))]);
    recall(tickets[1].number).await.expect("it can be classified");
    assert_eq!(digests_of(&hotline, &lead_unit).await, [(1, Rung::Urged, numbers(&tickets[2..]))]);
    let redispatched = hotline.change(staff("DispatchTicket"), tickets[2].number, dispatch(&next_unit)).await;
    redispatched.expect("nobody has signed for it");
    assert_eq!(
        digests_of(&hotline, &lead_unit).await,
        [(1, Rung::Urged, vec![])],
        "the empty digest keeps its sequence"
    );
    assert_eq!(digests_of(&hotline, &next_unit).await, [], "the next unit was not urged");

    let seen_by_staff = read_digests(&hotline, &Scope::All, &lead_unit, 0).await.remove(0).1;
    let seen_by_staff: Vec<_> = seen_by_staff.into_iter().map(|ticket| ticket.number).collect();
    assert_eq!(seen_by_staff, numbers(&tickets));
    let seen_by_next_unit = read_digests(&hotline, &Scope::Unit(next_unit), &lead_unit, 0).await;
    assert_eq!(seen_by_next_unit, [], "a unit reads no digests of another unit");
    consistency::check_all(&hotline).await;
}

async fn digests_of_all_units_are_paged_in_order(database: Database) {
    let hotline = Hotline::open(&database).await;
    for round in 0..4_usize {
        for lead in &LEADS[..=round] {
            let ticket = dispatch_appeals(&hotline, &unit(lead), 1).await.remove(0);
            let rung = if round % 2 == 0 { Rung::Urged } else { Rung::Supervised };
            fire_by_hand(&hotline, ticket.number, rung).await;
        }
        hotline.advance(TimeDelta::minutes(1)).await;
    }
    for rung in [None, Some(Rung::Urged), Some(Rung::Supervised), Some(Rung::Manual)] {
        let filter = DigestFilter { rung, ..DigestFilter::default() };
        let page = async |after: Option<&Digest>, limit| {
            let after = after.map(|digest| list::DigestCursor {
                gathered_at: digest.gathered_at.timestamp_micros(),
                unit: digest.unit.0.clone(),
                sequence: digest.sequence,
            });
            let reader = hotline.store.reader();
            let page = list::page(reader, &Scope::All, &filter, after.as_ref(), limit).await;
            page.expect("they can be read")
        };
        let all = page(None, 1_000).await;
        let expected = [10, 4, 6, 0][rung.map_or(0, |rung| rung as usize - 1)];
        assert_eq!(all.len(), expected, "{rung:?}");
        assert!(all.is_sorted_by_key(|digest| digest.gathered_at), "oldest first: {all:?}");
        let keys: BTreeSet<_> = all.iter().map(|digest| (digest.unit.clone(), digest.sequence)).collect();
        assert_eq!(keys.len(), all.len(), "each digest once");
        for size in [1, 3] {
            let mut paged: Vec<Digest> = Vec::new();
            loop {
                let next = page(paged.last(), size).await;
                if next.is_empty() {
                    break;
                }
                paged.extend(next);
            }
            assert_eq!(paged, all, "by {size}");
        }
    }
}
