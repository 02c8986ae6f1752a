//! Digests: a unit gets one for each rung and tick, however many of its tickets are late. It reads each digest once,
//! however often it polls and whatever happens to the server.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use hotline_client::{
    AcceptTicket, Category, ClassifyTicket, Complexity, Digest, DispatchTicket, EscalateTicket, Escalation,
    ListDigests, Rung, Tickets,
};
use hotline_proto::v1 as pb;

use super::invalid_fields::assert_refused;
use super::test_env::{ASSISTING, INFORMED, LEAD, NEXT, OPENING, TestEnv, appeal, at};
use crate::support::server::{Options, Store};

on_every_store!(env:
    sixty_late_tickets_are_one_digest,
    a_digest_is_for_its_unit_alone,
    a_ticket_that_is_taken_away_vanishes,
    what_is_fired_by_hand_is_in_a_digest_when_the_clock_goes_on,
    pages_and_filters_are_what_they_say,
);
on_every_store!(store:
    a_poller_reads_each_digest_once_over_restarts,
    a_running_server_makes_digests_by_itself,
);

const TICK: TimeDelta = TimeDelta::microseconds(1);

/// Takes in this many appeals and dispatches them to a unit.
async fn sent(env: &TestEnv, lead: &str, count: usize) -> Vec<String> {
    let mut numbers = Vec::new();
    for _ in 0..count {
        let number = env.take_in(appeal()).await.number;
        env.dispatch(&number, lead).await;
        numbers.push(number);
    }
    numbers
}

async fn list(tickets: &Tickets, which: ListDigests) -> Vec<Digest> {
    tickets.list_digests(which).take_up_to(usize::MAX).await.expect("digests can be listed")
}

async fn all_of(tickets: &Tickets) -> Vec<Digest> {
    list(tickets, ListDigests::default()).await
}

fn numbers(digest: &Digest) -> Vec<&str> {
    digest.tickets.iter().map(|ticket| ticket.ticket_number.as_str()).collect()
}

/// The limit of every ticket that is taken in at the opening.
fn limit() -> DateTime<Utc> {
    at(OPENING) + TimeDelta::days(7)
}

async fn sixty_late_tickets_are_one_digest(env: &TestEnv) {
    let (many, few) = (sent(env, LEAD, 60).await, sent(env, NEXT, 3).await);
    assert_eq!(env.advance_to(limit()).await, 0);
    assert_eq!(all_of(&env.unit(LEAD)).await, [], "nothing is late yet");
    for (place, rung) in [Rung::Urged, Rung::Supervised, Rung::Manual].into_iter().enumerate() {
        let instant = limit() + TimeDelta::days(1) * i32::try_from(place).expect("a short ladder");
        assert_eq!(env.advance_to(instant + TICK).await, 63);
        for (unit, theirs) in [(LEAD, &many), (NEXT, &few)] {
            let digests = all_of(&env.unit(unit)).await;
            assert_eq!(digests.len(), place + 1, "one for each rung");
            let last = digests.last().expect("there is one");
            assert_eq!((last.unit.as_str(), last.rung, last.event_time), (unit, rung, instant));
            assert_eq!(usize::try_from(last.sequence), Ok(place + 1));
            assert_eq!(&numbers(last), theirs);
            for ticket in &last.tickets {
                let actual = (ticket.cycle, ticket.due_time, ticket.fire_time);
                assert_eq!(actual, (1, Some(instant), instant));
            }
        }
    }
}

async fn a_digest_is_for_its_unit_alone(env: &TestEnv) {
    let number = env.take_in(appeal()).await.number;
    let dispatch = DispatchTicket {
        assist_units: vec![ASSISTING.into()],
        inform_units: vec![INFORMED.into()],
        ..DispatchTicket::new(&number, LEAD)
    };
    env.dispatcher().dispatch_ticket(dispatch).await.expect("it is dispatched");
    env.unit(LEAD).accept_ticket(AcceptTicket::new(&number)).await.expect("the lead signs");
    env.advance_to(limit() + TICK).await;
    let leads = ListDigests { unit: Some(LEAD.into()), ..ListDigests::default() };
    let theirs = list(&env.unit(LEAD), leads.clone()).await;
    assert_eq!(theirs.iter().map(numbers).collect::<Vec<_>>(), [[number.as_str()]]);
    assert_eq!(all_of(&env.unit(LEAD)).await, theirs, "its own, named or not");
    for other in [ASSISTING, INFORMED, NEXT] {
        let other = env.unit(other);
        assert_eq!(all_of(&other).await, [], "the lead alone is told");
        for after_sequence in [0, 1] {
            let requests_received = ListDigests { after_sequence, ..leads.clone() };
            assert_eq!(list(&other, requests_received).await, [], "a filter does not widen the scope");
        }
    }
    for staff in [env.dispatcher(), env.supervisor()] {
        assert_eq!(list(&staff, leads.clone()).await, theirs);
        assert_eq!(all_of(&staff).await, theirs);
    }
}

async fn a_ticket_that_is_taken_away_vanishes(env: &TestEnv) {
    let sent = sent(env, LEAD, 2).await;
    let (accusing, other) = (&sent[0], &sent[1]);
    env.advance_to(limit() + TICK).await;
    let accuse = ClassifyTicket {
        accused_units: vec![LEAD.into()],
        ..ClassifyTicket::new(accusing, Category::ComplaintReport, Complexity::General)
    };
    env.agent().classify_ticket(accuse).await.expect("it turns out to be a complaint");
    let [digest] = &all_of(&env.unit(LEAD)).await[..] else { panic!("the digest stays") };
    assert_eq!(numbers(digest), [other]);
    env.dispatch(other, NEXT).await;
    let [digest] = &all_of(&env.unit(LEAD)).await[..] else { panic!("the digest stays") };
    assert_eq!((digest.sequence, numbers(digest)), (1, vec![]), "its place is kept");
    let [digest] = &all_of(&env.supervisor()).await[..] else { panic!("staff see it") };
    assert_eq!(numbers(digest), [accusing, other]);
}

async fn what_is_fired_by_hand_is_in_a_digest_when_the_clock_goes_on(env: &TestEnv) {
    let number = sent(env, LEAD, 1).await.remove(0);
    let urge = EscalateTicket::new(&number, Escalation::Urge, "企业多次来电。");
    env.supervisor().escalate_ticket(urge).await.expect("it is urged");
    env.advance_to(at(OPENING)).await;
    let [digest] = &all_of(&env.unit(LEAD)).await[..] else { panic!("one digest") };
    assert_eq!((digest.rung, digest.event_time), (Rung::Urged, at(OPENING)));
    let [ticket] = &digest.tickets[..] else { panic!("one ticket: {digest:?}") };
    assert_eq!((ticket.due_time, ticket.fire_time), (None, at(OPENING)), "nobody was late");
    env.advance_to(limit() + TimeDelta::days(9)).await;
    let rungs: Vec<_> = all_of(&env.unit(LEAD)).await.iter().map(|digest| digest.rung).collect();
    assert_eq!(rungs, [Rung::Urged, Rung::Supervised, Rung::Manual], "each once");
}

async fn pages_and_filters_are_what_they_say(env: &TestEnv) {
    for lead in [LEAD, NEXT, LEAD, NEXT, ASSISTING] {
        sent(env, lead, 2).await;
        env.advance(TimeDelta::hours(1)).await;
    }
    env.advance(TimeDelta::days(30)).await;
    let (staff, unit) = (env.dispatcher(), env.unit(LEAD));
    let all = all_of(&staff).await;
    assert_eq!(all.len(), 3 * 5);
    assert!(all.is_sorted_by_key(|digest| digest.event_time), "oldest first");
    assert!(all.iter().all(|digest| digest.tickets.len() == 2));
    let fits = |which: &ListDigests, digest: &&Digest| {
        which.unit.as_ref().is_none_or(|unit| *unit == digest.unit)
            && which.rung.is_none_or(|rung| rung == digest.rung)
            && digest.sequence > which.after_sequence
    };
    for named in [None, Some(LEAD), Some(NEXT), Some("dept-finance")] {
        for rung in [None, Some(Rung::Supervised), Some(Rung::Reminded)] {
            for (after_sequence, page_size) in [(0, None), (0, Some(1)), (2, Some(2)), (6, None)] {
                let unit_named = named.map(str::to_owned);
                let which = ListDigests { unit: unit_named, rung, after_sequence, page_size };
                if named.is_some() || after_sequence == 0 {
                    let expected: Vec<_> = all.iter().filter(|one| fits(&which, one)).cloned().collect();
                    assert_eq!(list(&staff, which.clone()).await, expected, "{which:?}");
                }
                let theirs = all.iter().filter(|one| one.unit == LEAD && fits(&which, one));
                assert_eq!(
                    list(&unit, which.clone()).await,
                    theirs.cloned().collect::<Vec<_>>(),
                    "{which:?}"
                );
            }
        }
    }

    let mut raw = env.raw();
    let first = pb::ListDigestsRequest { page_size: 1, unit: LEAD.into(), ..Default::default() };
    let page = raw.list_digests(env.by("dispatcher", first.clone())).await.expect("a page").into_inner();
    let other = pb::ListDigestsRequest { page_token: page.next_page_token, unit: NEXT.into(), ..first };
    let outcome = raw.list_digests(env.by("dispatcher", other)).await;
    assert_refused("another unit's token", outcome, "PAGE_TOKEN_INVALID", &["page_token"]);
    let nonsense = pb::ListDigestsRequest {
        page_size: -1,
        unit: "?".into(),
        rung: 9,
        after_sequence: -1,
        ..Default::default()
    };
    let outcome = raw.list_digests(env.by("supervisor", nonsense)).await;
    let fields = ["after_sequence", "page_size", "rung", "unit"];
    assert_refused("nonsense", outcome, "INVALID_FIELDS", &fields);
    let alone = pb::ListDigestsRequest { after_sequence: 1, ..Default::default() };
    let outcome = raw.list_digests(env.by("supervisor", alone)).await;
    assert_refused("a sequence of nobody's", outcome, "INVALID_FIELDS", &["after_sequence"]);
}

/// Reads new digests after the last sequence, and remembers the last one.
async fn poll(tickets: &Tickets, last: &mut i64) -> Vec<Digest> {
    let which = ListDigests { after_sequence: *last, page_size: Some(1), ..ListDigests::default() };
    let new = list(tickets, which).await;
    *last = new.last().map_or(*last, |digest| digest.sequence);
    new
}

async fn a_poller_reads_each_digest_once_over_restarts(store: Store) {
    let mut env = TestEnv::open(store);
    let unit = env.unit(LEAD);
    for _ in 0..4 {
        sent(&env, LEAD, 3).await;
        sent(&env, NEXT, 1).await;
        env.advance(TimeDelta::hours(5)).await;
    }
    let (mut last, mut read) = (0, Vec::new());
    let end = limit() + TimeDelta::days(4);
    for round in 0.. {
        let now = env.now().await;
        if now > end {
            break;
        }
        env.advance_to(now + TimeDelta::hours(10)).await;
        // Sometimes it does not poll before the server goes down.
        if round % 3 != 0 {
            read.extend(poll(&unit, &mut last).await);
            assert_eq!(poll(&unit, &mut last).await, [], "nothing is new");
        }
        let options = Options::default().simulated_clock(&env.now().await.to_rfc3339());
        if round % 2 == 0 {
            env.server.terminate();
        }
        env.server.restart_with(options);
    }
    read.extend(poll(&unit, &mut last).await);
    assert_eq!(read.len(), 3 * 4, "a digest for each rung and tick");
    assert_eq!(read, all_of(&unit).await, "each once, in order");
    let sequences: Vec<_> = read.iter().map(|digest| digest.sequence).collect();
    assert_eq!(sequences, (1..=12).collect::<Vec<_>>(), "without a gap");
    assert!(read.iter().all(|digest| digest.tickets.len() == 3));
}

async fn a_running_server_makes_digests_by_itself(store: Store) {
    let env = TestEnv::with(store, Options::default());
    let number = sent(&env, LEAD, 1).await.remove(0);
    let urge = EscalateTicket::new(&number, Escalation::Urge, "企业多次来电。");
    env.supervisor().escalate_ticket(urge).await.expect("it is urged");
    let unit = env.unit(LEAD);
    let actual = async {
        loop {
            let digests = poll(&unit, &mut 0).await;
            if !digests.is_empty() {
                break digests;
            }
        }
    };
    let actual =
        tokio::time::timeout(Duration::from_secs(30), actual).await.expect("the runner looks each second");
    assert_eq!(actual.iter().map(numbers).collect::<Vec<_>>(), [[number.as_str()]]);
}
