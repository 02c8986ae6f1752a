//! Calls on the database: parts that meet on several servers make one call, and a new key is given out once.

use std::sync::Arc;

use chrono::TimeDelta;
use hotline_proto::v1::{ErrorReason, Role};
use hotline_server::access::{Caller, Permit, permit};
use hotline_server::closed_loop::create_ticket::CreateTicket;
use hotline_server::desk::call::Calls;
use hotline_server::desk::call::details::{CallDetails, Offer, TimedKey};
use hotline_server::desk::call::list_calls::{CallFilter, ListCalls};
use hotline_server::desk::call::report_call::ReportCall;
use hotline_server::identity::vault::key_file::Key;
use hotline_server::identity::vault::{FileKeys, Suite, Vault};
use hotline_server::identity::{CallNumbers, decrypt_call_for_update, reencrypt, registered_keys};
use hotline_server::ticket::dated::{Dated, Earliest};
use hotline_server::ticket::{CallId, CallKey, Channel, ExchangeId, Instant, Source};

use super::both;
use super::fixture::{Database, Hotline, appeal, key_file, new_key, opening, staff};

both! {
    parts_that_meet_make_one_call
    a_new_key_is_given_out_once
    pages_of_calls_add_up
    numbers_of_calls_are_reencrypted
}

/// How often a part is reported before the database counts as away.
const TRIES_MAX: u32 = 20;

pub(super) fn calls(hotline: &Hotline) -> Calls {
    Calls {
        store: hotline.store.clone(),
        clock: hotline.clock.clone(),
        rules: hotline.ledger.rules().clone(),
        vault: hotline.ledger.vault().clone(),
    }
}

pub(super) fn grant(method: &str, role: Role) -> Permit {
    let row = permit::method_of(&format!("/hotline.v1.CallService/{method}")).expect("a method");
    let caller = Caller { principal: format!("{role:?}"), roles: vec![role], ..Caller::default() };
    Permit::grant(caller, row).expect("the role may call it")
}

pub(super) fn key(reference: &str, began_at: Instant) -> CallKey {
    let id = ExchangeId::Reference { reference: reference.to_owned(), began_at };
    CallKey { system: "switch-3".to_owned(), id }
}

/// A part with an offer to a seat at a second of the call.
fn part(key: &CallKey, began_at: Instant, second: i64) -> ReportCall {
    let at = began_at + TimeDelta::seconds(second);
    let mut details = CallDetails {
        began_at: Some(Earliest(began_at)),
        first_part_at: Some(Earliest(at)),
        ..CallDetails::default()
    };
    details.offers.insert(TimedKey { at, name: format!("seat-{}", second % 4) }, Offer::default());
    let calling = Some(Dated { at, value: format!("138{second:08}") });
    let numbers = CallNumbers { calling, ..CallNumbers::default() };
    ReportCall { key: key.clone(), details, numbers }
}

/// Reports a part, and again if the database had no connection for it, as every client does.
pub(super) async fn report(calls: &Calls, part: ReportCall) -> CallId {
    for _ in 0..TRIES_MAX {
        let input = (calls.clone(), grant("ReportCall", Role::Telephony), part.clone());
        let reported = calls.store.work(&calls.clock, move |work| {
            let (calls, permit, part) = input.clone();
            Box::pin(async move { calls.join(work, &permit, &part).await })
        });
        match reported.await {
            Err(fault) if fault.reason == ErrorReason::Unavailable => {}
            reported => return reported.expect("the part is taken"),
        }
    }
    panic!("the database is away")
}

async fn parts_that_meet_make_one_call(database: Database) {
    const PARTS: i64 = 40;
    let hotline = Hotline::open(&database).await;
    // On PostgreSQL a second server has connections of its own.
    let other = match &database {
        Database::Sqlite(_) => hotline.clone(),
        Database::Postgres(_) => Hotline::open(&database).await,
    };
    let servers = [calls(&hotline), calls(&other)];
    let began_at = opening();
    let key = key("4711", began_at);
    let reports = (0..PARTS).map(|second| {
        let server = servers[usize::from(second % 2 == 1)].clone();
        let part = part(&key, began_at, second);
        tokio::spawn(async move { report(&server, part).await })
    });
    let mut ids = Vec::new();
    for reported in reports.collect::<Vec<_>>() {
        ids.push(reported.await.expect("no report panics"));
    }
    ids.dedup();
    let [id] = ids.as_slice() else { panic!("{ids:?}") };
    assert_eq!(hotline.count("SELECT COUNT(*) FROM call").await, 1);
    assert_eq!(hotline.count("SELECT COUNT(*) FROM call_key").await, 1);
    assert_eq!(hotline.count("SELECT COUNT(*) FROM call_seat").await, 4);
    let agent = grant("GetCall", Role::Agent);
    let call = servers[1].get_call(&agent, id.clone()).await.expect("the call is there");
    assert_eq!(call.call.details.offers.len(), usize::try_from(PARTS).expect("small"), "no part is lost");
    let calling = call.numbers.calling.expect("a number");
    assert_eq!(calling.value, format!("138{:08}", PARTS - 1), "that of the latest part");
}

async fn a_new_key_is_given_out_once(database: Database) {
    let hotline = Hotline::open(&database).await;
    let calls = calls(&hotline);
    let began_at = opening() - TimeDelta::minutes(5);
    let mut tasks = Vec::new();
    for nth in 0..12 {
        // The clocks of two parts of the exchange differ by some seconds.
        let began_at = began_at + TimeDelta::seconds(nth);
        let (hotline, calls) = (hotline.clone(), calls.clone());
        tasks.push(tokio::spawn(async move {
            if nth % 2 == 0 {
                return Some(report(&calls, part(&key("4711", began_at), began_at, 1)).await);
            }
            let source = Source { owner: None, system: "switch-3".to_owned(), reference: "4711".to_owned() };
            let create = CreateTicket {
                channel: Channel::Telephone,
                source: Some(source),
                call_began_at: Some(began_at),
                ..appeal("a matter")
            };
            let permit = staff("CreateTicket");
            let created = hotline.closed_loop.create_ticket(permit, new_key(), create).await;
            created.expect("it is taken in").call
        }));
    }
    let mut ids = Vec::new();
    for task in tasks {
        ids.push(task.await.expect("no task panics").expect("a call"));
    }
    ids.dedup();
    assert_eq!(ids.len(), 1, "{ids:?}");
    assert_eq!(hotline.count("SELECT COUNT(*) FROM call_key").await, 1);
    assert_eq!(hotline.count("SELECT COUNT(*) FROM ticket").await, 1);
    assert_eq!(hotline.count("SELECT COUNT(*) FROM ticket WHERE call_id = source_call").await, 1);
}

async fn pages_of_calls_add_up(database: Database) {
    let hotline = Hotline::open(&database).await;
    let calls = calls(&hotline);
    let agent = grant("ListCalls", Role::Agent);
    for nth in 0..10 {
        // Two and two begin at the same instant.
        let began_at = opening() - TimeDelta::minutes(nth / 2);
        report(&calls, part(&key(&format!("call-{nth}"), began_at), began_at, nth)).await;
    }
    for (seat, expected) in [(None, 10), (Some("seat-1"), 3), (Some("seat-9"), 0)] {
        let filter = CallFilter { seat: seat.map(str::to_owned), ..CallFilter::default() };
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let list = ListCalls { filter: filter.clone(), after, limit: 3 };
            let found = calls.list_calls(&agent, list).await.expect("it can be read");
            let Some(end) = found.last() else { break };
            let began_at = end.details.began_at().expect("a start").timestamp_micros();
            after = Some((began_at, end.id.0.clone()));
            all.extend(found);
        }
        let order: Vec<_> = all.iter().map(|call| (call.details.began_at(), call.id.clone())).collect();
        assert!(order.windows(2).all(|pair| pair[0] > pair[1]), "the newest first: {order:?}");
        assert_eq!(order.len(), expected, "{seat:?}");
    }
    let from = Some(opening() - TimeDelta::minutes(2));
    let filter = CallFilter { from, before: Some(opening()), ..CallFilter::default() };
    let list = ListCalls { filter, after: None, limit: 100 };
    assert_eq!(calls.list_calls(&agent, list).await.expect("it can be read").len(), 4);
}

async fn numbers_of_calls_are_reencrypted(database: Database) {
    const CALLS: i64 = 120;
    let hotline = Hotline::open(&database).await;
    let calls = calls(&hotline);
    let mut ids = Vec::new();
    for nth in 0..CALLS {
        ids.push(report(&calls, part(&key(&format!("call-{nth}"), opening()), opening(), nth)).await);
    }
    let mut file = key_file();
    file.keys.push(Key { version: 2, suite: Suite::Sm4Gcm, secret: vec![8; 32].into() });
    file.active = 2;
    let keys = FileKeys::of(&file).expect("sound keys");
    let proofs = keys.now().proofs().expect("proofs");
    let registered = registered_keys::register(&hotline.store, &hotline.clock, proofs).await;
    registered.expect("it is there").expect("they fit");
    let vault = Vault::new(Arc::new(keys));
    let mut count = 0;
    loop {
        let batch =
            reencrypt::reencrypt(&hotline.store, &hotline.clock, &vault).await.expect("it is encrypted");
        if batch == 0 {
            break;
        }
        count += batch;
    }
    assert_eq!(count, CALLS.unsigned_abs());
    assert_eq!(hotline.count("SELECT COUNT(*) FROM encrypted_call WHERE key_version <> 2").await, 0);
    for (nth, id) in ids.iter().enumerate() {
        let numbers =
            decrypt_call_for_update(hotline.store.reader(), &vault, id).await.expect("it is decrypted");
        assert_eq!(numbers.calling.expect("a number").value, format!("138{nth:08}"));
    }
    // The old key alone is refused: it would lose the numbers.
    let mut old = key_file();
    old.active = 1;
    let proofs = FileKeys::of(&old).expect("a sound key").now().proofs().expect("proofs");
    let registered = registered_keys::register(&hotline.store, &hotline.clock, proofs).await;
    assert!(registered.expect("it is there").is_err(), "key 2 is in use by calls");
}
