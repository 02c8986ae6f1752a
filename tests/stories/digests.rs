//! Digests: a unit gets one for each rung and tick, however many of its tickets are late. It reads each digest once,
//! however often it polls and whatever happens to the server.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use hotline_client::{
    AcceptTicket, Category, ClassifyTicket, Complexity, Digest, DispatchTicket, ErrorReason, EscalateTicket,
    Escalation, ListDigests, Rung, Tickets,
};
use hotline_proto::v1 as pb;

use super::invalid_fields::assert_refused;
use super::test_env::{ASSISTING, INFORMED, LEAD, NEXT, OPENING, TestEnv, appeal, at, refused};
use crate::support::server::{Options, Store};

on_every_store!(env:
    sixty_late_tickets_make_one_digest,
    only_the_lead_unit_and_staff_read_a_digest,
    a_ticket_that_leaves_the_unit_leaves_its_digests,
    a_rung_fired_by_hand_is_in_the_next_digest,
    digest_pages_and_filters_match_the_whole_list,
);
on_every_store!(store:
    a_poller_reads_each_digest_once_across_restarts,
    a_running_server_makes_digests_by_itself,
);

const TICK: TimeDelta = TimeDelta::microseconds(1);

/// Takes in this many appeals and dispatches them to a unit.
async fn dispatch_appeals(env: &TestEnv, lead: &str, count: usize) -> Vec<String> {
    let mut ticket_numbers = Vec::new();
    for _ in 0..count {
        let number = env.take_in(appeal()).await.number;
        env.dispatch(&number, lead).await;
        ticket_numbers.push(number);
    }
    ticket_numbers
}

async fn list_digests(tickets: &Tickets, which: ListDigests) -> Vec<Digest> {
    tickets.list_digests(which).take_up_to(usize::MAX).await.expect("digests can be listed")
}

async fn all_digests(tickets: &Tickets) -> Vec<Digest> {
    list_digests(tickets, ListDigests::default()).await
}

fn ticket_numbers(digest: &Digest) -> Vec<&str> {
    digest.tickets.iter().map(|ticket| ticket.ticket_number.as_str()).collect()
}

/// The limit of every ticket that is taken in at the opening.
fn limit() -> DateTime<Utc> {
    at(OPENING) + TimeDelta::days(7)
}

async fn sixty_late_tickets_make_one_digest(env: &TestEnv) {
    let (lead_tickets, next_tickets) =
        (dispatch_appeals(env, LEAD, 60).await, dispatch_appeals(env, NEXT, 3).await);
    assert_eq!(env.advance_to(limit()).await, 0);
    assert_eq!(all_digests(&env.unit(LEAD)).await, [], "no ticket is late yet");
    for (earlier_digests, rung) in [Rung::Urged, Rung::Supervised, Rung::Manual].into_iter().enumerate() {
        let instant = limit() + TimeDelta::days(1) * i32::try_from(earlier_digests).expect("a short ladder");
        assert_eq!(env.advance_to(instant + TICK).await, 63);
        for (unit, tickets) in [(LEAD, &lead_tickets), (NEXT, &next_tickets)] {
            let digests = all_digests(&env.unit(unit)).await;
            assert_eq!(digests.len(), earlier_digests + 1, "one for each rung");
            let last = digests.last().expect("there is one");
            assert_eq!((last.unit.as_str(), last.rung, last.event_time), (unit, rung, instant));
            assert_eq!(usize::try_from(last.sequence), Ok(earlier_digests + 1));
            assert_eq!(&ticket_numbers(last), tickets);
            for ticket in &last.tickets {
                let actual = (ticket.cycle, ticket.due_time, ticket.fire_time);
                assert_eq!(actual, (1, Some(instant), instant));
            }
        }
    }
}

async fn only_the_lead_unit_and_staff_read_a_digest(env: &TestEnv) {
    let number = env.take_in(appeal()).await.number;
    let dispatch = DispatchTicket::new(&number, LEAD).assist_units([ASSISTING]).inform_units([INFORMED]);
    env.dispatcher().dispatch_ticket(dispatch).await.expect("the ticket is dispatched");
    env.unit(LEAD).accept_ticket(AcceptTicket::new(&number)).await.expect("the lead unit accepts the ticket");
    env.advance_to(limit() + TICK).await;
    let digests_of_lead = ListDigests::default().unit(LEAD);
    let lead_digests = list_digests(&env.unit(LEAD), digests_of_lead.clone()).await;
    assert_eq!(lead_digests.iter().map(ticket_numbers).collect::<Vec<_>>(), [[number.as_str()]]);
    assert_eq!(
        all_digests(&env.unit(LEAD)).await,
        lead_digests,
        "the filter on the own unit changes nothing"
    );
    for other in [ASSISTING, INFORMED, NEXT] {
        let other = env.unit(other);
        assert_eq!(all_digests(&other).await, [], "only the lead unit has a digest");
        for after_sequence in [0, 1] {
            let with_sequence = digests_of_lead.clone().after_sequence(after_sequence);
            assert_eq!(list_digests(&other, with_sequence).await, [], "a filter does not widen the scope");
        }
    }
    for staff in [env.dispatcher(), env.supervisor()] {
        assert_eq!(list_digests(&staff, digests_of_lead.clone()).await, lead_digests);
        assert_eq!(all_digests(&staff).await, lead_digests);
    }
}

async fn a_ticket_that_leaves_the_unit_leaves_its_digests(env: &TestEnv) {
    let dispatched = dispatch_appeals(env, LEAD, 2).await;
    let (complaint, other_ticket) = (&dispatched[0], &dispatched[1]);
    env.advance_to(limit() + TICK).await;
    let classify =
        ClassifyTicket::new(complaint, Category::ComplaintReport, Complexity::General).accused_units([LEAD]);
    env.agent().classify_ticket(classify).await.expect("the agent classifies it as a complaint");
    let [digest] = &all_digests(&env.unit(LEAD)).await[..] else { panic!("the digest stays") };
    assert_eq!(ticket_numbers(digest), [other_ticket]);
    env.dispatch(other_ticket, NEXT).await;
    let [digest] = &all_digests(&env.unit(LEAD)).await[..] else { panic!("the digest stays") };
    assert_eq!((digest.sequence, ticket_numbers(digest)), (1, vec![]), "the empty digest keeps its sequence");
    let [digest] = &all_digests(&env.supervisor()).await[..] else { panic!("staff see the digest") };
    assert_eq!(ticket_numbers(digest), [complaint, other_ticket]);
}

async fn a_rung_fired_by_hand_is_in_the_next_digest(env: &TestEnv) {
    let number = dispatch_appeals(env, LEAD, 1).await.remove(0);
    let urge = EscalateTicket::new(&number, Escalation::Urge, "企业多次来电。");
    env.supervisor().escalate_ticket(urge).await.expect("it is urged");
    env.advance_to(at(OPENING)).await;
    let [digest] = &all_digests(&env.unit(LEAD)).await[..] else { panic!("one digest") };
    assert_eq!((digest.rung, digest.event_time), (Rung::Urged, at(OPENING)));
    let [ticket] = &digest.tickets[..] else { panic!("one ticket: {digest:?}") };
    assert_eq!(
        (ticket.due_time, ticket.fire_time),
        (None, at(OPENING)),
        "a rung fired by hand has no due time"
    );
    env.advance_to(limit() + TimeDelta::days(9)).await;
    let rungs: Vec<_> = all_digests(&env.unit(LEAD)).await.iter().map(|digest| digest.rung).collect();
    let ladder = [Rung::Urged, Rung::Supervised, Rung::Manual];
    assert_eq!(rungs, [&[Rung::Urged], &ladder[..]].concat(), "the ladder fires each rung once");
}

async fn digest_pages_and_filters_match_the_whole_list(env: &TestEnv) {
    for lead in [LEAD, NEXT, LEAD, NEXT, ASSISTING] {
        dispatch_appeals(env, lead, 2).await;
        env.advance(TimeDelta::hours(1)).await;
    }
    env.advance(TimeDelta::days(30)).await;
    let (dispatcher, lead_unit) = (env.dispatcher(), env.unit(LEAD));
    let all = all_digests(&dispatcher).await;
    assert_eq!(all.len(), 3 * 5);
    assert!(all.is_sorted_by_key(|digest| digest.event_time), "oldest first");
    assert!(all.iter().all(|digest| digest.tickets.len() == 2));
    let fits = |request: &ListDigests, digest: &&Digest| {
        request.unit.as_ref().is_none_or(|lead_unit| *lead_unit == digest.unit)
            && request.rung.is_none_or(|rung| rung == digest.rung)
            && digest.sequence > request.after_sequence
    };
    for unit_code in [None, Some(LEAD), Some(NEXT), Some("dept-finance")] {
        for rung in [None, Some(Rung::Supervised), Some(Rung::Reminded)] {
            for (after_sequence, page_size) in [(0, None), (0, Some(1)), (2, Some(2)), (6, None)] {
                let unit = unit_code.map(str::to_owned);
                let request = ListDigests::default()
                    .unit(unit)
                    .rung(rung)
                    .after_sequence(after_sequence)
                    .page_size(page_size);
                let is_there = unit_code != Some("dept-finance") || after_sequence == 0;
                if !is_there {
                    let outcome = dispatcher.list_digests(request.clone()).try_next().await;
                    refused(outcome, ErrorReason::FeedGap);
                } else if unit_code.is_some() || after_sequence == 0 {
                    let expected: Vec<_> =
                        all.iter().filter(|digest| fits(&request, digest)).cloned().collect();
                    assert_eq!(list_digests(&dispatcher, request.clone()).await, expected, "{request:?}");
                }
                let visible = all.iter().filter(|digest| digest.unit == LEAD && fits(&request, digest));
                assert_eq!(
                    list_digests(&lead_unit, request.clone()).await,
                    visible.cloned().collect::<Vec<_>>(),
                    "{request:?}"
                );
            }
        }
    }

    let mut raw = env.raw();
    let first_page = pb::ListDigestsRequest { page_size: 1, unit: LEAD.into(), ..Default::default() };
    let page = raw.list_digests(env.by("dispatcher", first_page.clone())).await.expect("a page").into_inner();
    let other_request =
        pb::ListDigestsRequest { page_token: page.next_page_token, unit: NEXT.into(), ..first_page };
    let outcome = raw.list_digests(env.by("dispatcher", other_request)).await;
    assert_refused("another unit's token", outcome, "PAGE_TOKEN_INVALID", &["page_token"]);
    let invalid_request = pb::ListDigestsRequest {
        page_size: -1,
        unit: "?".into(),
        rung: 9,
        after_sequence: -1,
        ..Default::default()
    };
    let outcome = raw.list_digests(env.by("supervisor", invalid_request)).await;
    let fields = ["after_sequence", "page_size", "rung", "unit"];
    assert_refused("invalid fields", outcome, "INVALID_FIELDS", &fields);
    let without_unit = pb::ListDigestsRequest { after_sequence: 1, ..Default::default() };
    let outcome = raw.list_digests(env.by("supervisor", without_unit)).await;
    assert_refused("a sequence without a unit", outcome, "INVALID_FIELDS", &["after_sequence"]);
}

/// Reads new digests after the last sequence, and remembers the last one.
async fn poll(tickets: &Tickets, last: &mut i64) -> Vec<Digest> {
    let request = ListDigests::default().after_sequence(*last).page_size(1);
    let new_digests = list_digests(tickets, request).await;
    *last = new_digests.last().map_or(*last, |digest| digest.sequence);
    new_digests
}

async fn a_poller_reads_each_digest_once_across_restarts(store: Store) {
    let mut env = TestEnv::open(store);
    let lead_unit = env.unit(LEAD);
    for _ in 0..4 {
        dispatch_appeals(&env, LEAD, 3).await;
        dispatch_appeals(&env, NEXT, 1).await;
        env.advance(TimeDelta::hours(5)).await;
    }
    let (mut last, mut digests_read) = (0, Vec::new());
    let end = limit() + TimeDelta::days(4);
    for round in 0.. {
        let now = env.now().await;
        if now > end {
            break;
        }
        env.advance_to(now + TimeDelta::hours(10)).await;
        // Sometimes it does not poll before the server goes down.
        if round % 3 != 0 {
            digests_read.extend(poll(&lead_unit, &mut last).await);
            assert_eq!(poll(&lead_unit, &mut last).await, [], "nothing is new");
        }
        let options = Options::default().simulated_clock(&env.now().await.to_rfc3339());
        if round % 2 == 0 {
            env.server.terminate();
        }
        env.server.restart_with(options);
    }
    digests_read.extend(poll(&lead_unit, &mut last).await);
    assert_eq!(digests_read.len(), 3 * 4, "a digest for each rung and tick");
    assert_eq!(digests_read, all_digests(&lead_unit).await, "each once, in order");
    let sequences: Vec<_> = digests_read.iter().map(|digest| digest.sequence).collect();
    assert_eq!(sequences, (1..=12).collect::<Vec<_>>(), "without a gap");
    assert!(digests_read.iter().all(|digest| digest.tickets.len() == 3));
}

async fn a_running_server_makes_digests_by_itself(store: Store) {
    let env = TestEnv::with(store, Options::default());
    let number = dispatch_appeals(&env, LEAD, 1).await.remove(0);
    let urge = EscalateTicket::new(&number, Escalation::Urge, "企业多次来电。");
    env.supervisor().escalate_ticket(urge).await.expect("it is urged");
    let lead_unit = env.unit(LEAD);
    let actual = async {
        loop {
            let digests = poll(&lead_unit, &mut 0).await;
            if !digests.is_empty() {
                break digests;
            }
        }
    };
    let actual = tokio::time::timeout(Duration::from_secs(30), actual)
        .await
        .expect("the runner gathers digests within seconds");
    assert_eq!(actual.iter().map(ticket_numbers).collect::<Vec<_>>(), [[number.as_str()]]);
}
