//! Streams of tickets: staff and units see what happens as it is committed, each what it may see. A stream misses
//! nothing and repeats nothing over restarts, and says so if a restored backup has lost history.

use std::time::Duration;

use chrono::TimeDelta;
use hotline_client::{
    AcceptTicket, Category, ClassifyTicket, Complexity, Error, ErrorReason, RevokeCredential, Rung,
    TicketEvent, TicketWatch, Tickets, WatchItem, WatchStart, WatchTickets, WithdrawTicket,
};
use tokio::time::timeout;

use super::backup_and_restore::{back_up, lose_database, restore};
use super::clients::create_agent;
use super::test_env::{INFORMED, LEAD, NEXT, OPENING, TestEnv, appeal};
use crate::support::server::{Options, Store};
use crate::support::temp_dir::TempDir;
use crate::support::wait::WAIT_MAX;

on_every_store!(env:
    staff_and_units_see_what_happens_to_their_tickets,
    a_unit_that_loses_a_ticket_is_given_its_number_alone,
    a_snapshot_comes_before_what_follows_it,
    a_digest_is_in_the_streams_of_its_unit_and_of_dispatchers,
    a_stream_ends_with_its_credential,
    a_quiet_stream_has_checkpoints,
    many_streams_of_one_client_do_not_hold_up_its_calls,
);
on_every_store!(store:
    a_stream_goes_on_over_restarts_and_from_its_cursor_file,
    a_restored_backup_is_a_gap,
    a_stop_is_one_line_of_the_log_for_all_streams,
);

fn from(start: WatchStart) -> WatchTickets {
    WatchTickets::new(start)
}

/// The next entry, checkpoints included.
async fn next(watch: &mut TicketWatch) -> Result<WatchItem, Error> {
    timeout(WAIT_MAX, watch.next()).await.expect("the stream says something")
}

/// The next entry that is no checkpoint.
async fn item(watch: &mut TicketWatch) -> WatchItem {
    let found = async {
        loop {
            match next(watch).await.expect("the stream is open") {
                WatchItem::Checkpoint => {}
                item => return item,
            }
        }
    };
    timeout(WAIT_MAX, found).await.expect("something happens")
}

async fn event(watch: &mut TicketWatch) -> TicketEvent {
    match item(watch).await {
        WatchItem::Event(event) => *event,
        other => panic!("{other:?}"),
    }
}

/// A stream that has begun now.
async fn watch_now(tickets: &Tickets) -> TicketWatch {
    let mut watch = tickets.watch_tickets(from(WatchStart::Now));
    assert_eq!(next(&mut watch).await.expect("it opens"), WatchItem::Checkpoint);
    watch
}

async fn many_streams_of_one_client_do_not_hold_up_its_calls(env: &TestEnv) {
    let (tickets, mut watches) = (env.supervisor(), Vec::new());
    // As many streams as a server allows on one connection.
    for _ in 0..128 {
        watches.push(watch_now(&tickets).await);
    }
    timeout(WAIT_MAX, tickets.who_am_i()).await.expect("it is answered").expect("the hotline answers");
    let number = env.take_in(appeal()).await.number;
    for watch in &mut watches {
        assert_eq!(event(watch).await.ticket_number, number);
    }
}

async fn staff_and_units_see_what_happens_to_their_tickets(env: &TestEnv) {
    let (mut of_staff, mut of_lead) = (watch_now(&env.supervisor()).await, watch_now(&env.unit(LEAD)).await);
    let mut of_next = watch_now(&env.unit(NEXT)).await;
    let number = env.take_in(appeal()).await.number;
    env.dispatch(&number, LEAD).await;
    env.unit(LEAD).accept_ticket(AcceptTicket::new(&number)).await.expect("the lead accepts");
    env.complete(&number, LEAD).await;
    let all = env.events(&number).await;
    for expected in &all {
        assert_eq!(&event(&mut of_staff).await, expected);
    }
    let of_unit = env.unit(LEAD).list_ticket_events(&number).take_up_to(100).await.expect("its events");
    for expected in &of_unit[1..] {
        assert_eq!(&event(&mut of_lead).await, expected, "as the unit lists them, from the dispatch on");
    }
    // A unit without a relation sees nothing: what comes next in its stream is its own ticket.
    let own = env.take_in(appeal()).await.number;
    env.dispatch(&own, NEXT).await;
    let first = event(&mut of_next).await;
    assert_eq!((first.ticket_number.as_str(), first.sequence), (own.as_str(), 2));
}

async fn a_unit_that_loses_a_ticket_is_given_its_number_alone(env: &TestEnv) {
    let mut of_lead = watch_now(&env.unit(LEAD)).await;
    let [sent_on, accused] = [env.take_in(appeal()).await.number, env.take_in(appeal()).await.number];
    for number in [&sent_on, &accused] {
        env.dispatch(number, LEAD).await;
        assert_eq!(&event(&mut of_lead).await.ticket_number, number);
    }
    env.dispatch(&sent_on, NEXT).await;
    assert_eq!(item(&mut of_lead).await, WatchItem::Left { ticket_number: sent_on });
    let classify =
        ClassifyTicket::new(&accused, Category::ComplaintReport, Complexity::General).accused_units([LEAD]);
    env.agent().classify_ticket(classify).await.expect("it is classified as a complaint");
    assert_eq!(item(&mut of_lead).await, WatchItem::Left { ticket_number: accused });
}

async fn a_snapshot_comes_before_what_follows_it(env: &TestEnv) {
    let mut numbers = Vec::new();
    for lead in [LEAD, NEXT, LEAD] {
        let number = env.take_in(appeal()).await.number;
        env.dispatch(&number, lead).await;
        numbers.push(number);
    }
    let closed = env.take_in(appeal()).await.number;
    let withdraw = WithdrawTicket::new(&closed, "企业撤回");
    env.agent().withdraw_ticket(withdraw).await.expect("it is withdrawn");
    for (tickets, expected) in [
        (env.supervisor(), vec![&numbers[2], &numbers[1], &numbers[0]]),
        (env.unit(LEAD), vec![&numbers[2], &numbers[0]]),
        (env.unit(INFORMED), vec![]),
    ] {
        let mut watch = tickets.watch_tickets(from(WatchStart::Snapshot));
        for number in &expected {
            let WatchItem::Open(ticket) = item(&mut watch).await else { panic!("a ticket of the snapshot") };
            assert_eq!((&&ticket.number, ticket.content.as_ref()), (number, None));
        }
        let ticket_count = expected.len() as u64;
        assert_eq!(item(&mut watch).await, WatchItem::SnapshotEnd { ticket_count });
    }
    let mut watch = env.unit(LEAD).watch_tickets(from(WatchStart::Snapshot));
    while !matches!(item(&mut watch).await, WatchItem::SnapshotEnd { .. }) {}
    env.unit(LEAD).accept_ticket(AcceptTicket::new(&numbers[0])).await.expect("the lead accepts");
    let accepted = event(&mut watch).await;
    assert_eq!((accepted.ticket_number, accepted.detail.name()), (numbers[0].clone(), "TicketAccepted"));
}

async fn a_digest_is_in_the_streams_of_its_unit_and_of_dispatchers(env: &TestEnv) {
    let (mut of_lead, mut of_dispatcher) =
        (watch_now(&env.unit(LEAD)).await, watch_now(&env.dispatcher()).await);
    let (mut of_agent, mut of_next) = (watch_now(&env.agent()).await, watch_now(&env.unit(NEXT)).await);
    let number = env.take_in(appeal()).await.number;
    env.dispatch(&number, LEAD).await;
    env.advance(TimeDelta::days(7) + TimeDelta::seconds(1)).await;
    for watch in [&mut of_lead, &mut of_dispatcher] {
        let digest = loop {
            match item(watch).await {
                WatchItem::Digest(digest) => break digest,
                WatchItem::Event(_) => {}
                other => panic!("{other:?}"),
            }
        };
        assert_eq!((digest.unit.as_str(), digest.sequence, digest.rung), (LEAD, 1, Rung::Urged));
        assert_eq!(digest.tickets[0].ticket_number, number);
    }
    let end = env.take_in(appeal()).await.number;
    env.dispatch(&end, NEXT).await;
    for watch in [&mut of_agent, &mut of_next] {
        let mut seen = event(watch).await;
        while seen.ticket_number != end || seen.detail.name() != "TicketDispatched" {
            seen = event(watch).await;
        }
    }
}

async fn a_stream_ends_with_its_credential(env: &TestEnv) {
    let (agent, credential) = create_agent(env, "li.wei").await;
    let mut watch = watch_now(&agent.tickets()).await;
    let revoke = RevokeCredential::new(credential, "离职");
    env.client("administrator").admin().revoke_credential(revoke).await.expect("it is revoked");
    let error = loop {
        match next(&mut watch).await {
            Ok(item) => assert_eq!(item, WatchItem::Checkpoint),
            Err(error) => break error,
        }
    };
    assert_eq!(error.reason(), Some(ErrorReason::Unauthenticated));
}

async fn a_quiet_stream_has_checkpoints(env: &TestEnv) {
    let mut watch = watch_now(&env.unit(LEAD)).await;
    // What others do is no business of the unit, and moves its cursor on.
    let other = env.take_in(appeal()).await.number;
    let checkpoint = timeout(Duration::from_secs(10), watch.next()).await.expect("within ten seconds");
    assert_eq!(checkpoint.expect("the stream is open"), WatchItem::Checkpoint);
    let cursor = watch.cursor().cloned().expect("a checkpoint has a cursor");
    // Staff that goes on after it has not the intake, but what came behind it.
    let own = env.take_in(appeal()).await.number;
    let mut of_staff = env.supervisor().watch_tickets(from(WatchStart::After(cursor)));
    let first = event(&mut of_staff).await.ticket_number;
    assert!(first == own && first != other, "{first}");
}

async fn a_stop_is_one_line_of_the_log_for_all_streams(store: Store) {
    const STREAMS: usize = 12;
    let mut env = TestEnv::open(store);
    let mut open = Vec::new();
    for place in 0..STREAMS {
        open.push(watch_now(&if place % 2 == 0 { env.supervisor() } else { env.unit(LEAD) }).await);
    }
    env.server.terminate();
    let output = env.server.output();
    let line = output.lines().filter(|line| line.contains("streams of tickets end")).collect::<Vec<_>>();
    assert!(line.len() == 1 && line[0].contains("streams=12"), "{line:?}");
    let warnings: Vec<_> = output.lines().filter(|line| line.contains("the server stops")).collect();
    assert_eq!(warnings, Vec::<&str>::new());
    drop(open);
}

async fn a_stream_goes_on_over_restarts_and_from_its_cursor_file(store: Store) {
    let mut env = TestEnv::open(store);
    let folder = TempDir::new("cursor");
    let which = || from(WatchStart::Now).cursor_file(folder.path().join("cursor"));
    let mut watch = env.supervisor().watch_tickets(which());
    assert_eq!(next(&mut watch).await.expect("it opens"), WatchItem::Checkpoint);
    let mut expected = Vec::new();
    let mut seen = Vec::new();
    for round in 0..6 {
        let number = env.take_in(appeal()).await.number;
        env.dispatch(&number, LEAD).await;
        expected.extend(env.events(&number).await);
        if round % 2 == 0 {
            env.server.kill();
            env.server.restart();
        }
        while seen.len() < expected.len() {
            seen.push(event(&mut watch).await);
        }
        if round == 3 {
            watch.flush().await.expect("the cursor is written");
            watch = env.supervisor().watch_tickets(which());
        }
    }
    assert_eq!(seen, expected);
}

async fn a_restored_backup_is_a_gap(store: Store) {
    let aside = TempDir::new("aside");
    let backup = aside.path().join("hotline.backup");
    let mut env = TestEnv::with(store, Options::default().simulated_clock(OPENING));
    let mut watch = watch_now(&env.supervisor()).await;
    let kept = env.take_in(appeal()).await.number;
    assert_eq!(event(&mut watch).await.ticket_number, kept);
    tokio::task::block_in_place(|| back_up(&env, &backup));
    let lost = env.take_in(appeal()).await.number;
    assert_eq!(event(&mut watch).await.ticket_number, lost);
    lose_database(&mut env, aside.path());
    restore(&mut env, &backup);
    env.server.restart();
    let WatchItem::Gap { oldest } = item(&mut watch).await else { panic!("the history has changed") };
    let WatchItem::Open(open) = item(&mut watch).await else { panic!("the open tickets follow") };
    assert_eq!(open.number, kept);
    assert_eq!(item(&mut watch).await, WatchItem::SnapshotEnd { ticket_count: 1 });
    let new = env.take_in(appeal()).await.number;
    assert_eq!(event(&mut watch).await.ticket_number, new);
    let mut whole = env.supervisor().watch_tickets(from(WatchStart::After(oldest)));
    assert_eq!(event(&mut whole).await.ticket_number, kept, "the history that there is begins here");
}
