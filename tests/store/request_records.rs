//! Request records: a request id gets its first answer again, for as long as promised, and only for its own caller and
//! request.

use chrono::TimeDelta;
use hotline_proto::v1::ErrorReason;
use hotline_server::closed_loop::Change;
use hotline_server::closed_loop::withdraw_ticket::WithdrawTicket;
use hotline_server::platform::idempotency::{RECORD_KEPT, RequestKey, forget_old};
use hotline_server::ticket::{Source, Ticket};
use tokio::task::JoinSet;

use super::fixture::{Database, Hotline, appeal, new_key, staff};
use super::{both, consistency};

both! {
    records_are_forgotten_when_they_are_old_and_not_before
    an_id_stands_for_one_request_of_one_caller
    an_answer_is_the_one_of_then
    equal_requests_at_once_make_one_ticket
}

async fn create(hotline: &Hotline, key: &RequestKey) -> Ticket {
    let created =
        hotline.closed_loop.create_ticket(staff("CreateTicket"), key.clone(), appeal("a matter")).await;
    created.expect("it can be taken in")
}

async fn forget(hotline: &Hotline, limit: u64) -> u64 {
    let forgotten =
        hotline.store.work(&hotline.clock, move |work| Box::pin(forget_old(work, limit, work.now())));
    forgotten.await.expect("records can be forgotten")
}

async fn records_are_forgotten_when_they_are_old_and_not_before(database: Database) {
    let hotline = Hotline::open(&database).await;
    let (old, other_old, young) = (new_key(), new_key(), new_key());
    let first = create(&hotline, &old).await;
    create(&hotline, &other_old).await;
    let began_at = hotline.clock.now();
    hotline.clock.advance_to(began_at + TimeDelta::seconds(1));
    let second = create(&hotline, &young).await;

    hotline.clock.advance_to(began_at + RECORD_KEPT);
    assert_eq!(forget(&hotline, 10).await, 0, "exactly as old as is promised");
    assert_eq!(create(&hotline, &old).await, first);

    hotline.clock.advance_to(began_at + RECORD_KEPT + TimeDelta::microseconds(1));
    assert_eq!(forget(&hotline, 1).await, 1, "as many as the limit allows");
    assert_eq!(forget(&hotline, 10).await, 1);
    assert_eq!(forget(&hotline, 10).await, 0);
    assert_eq!(create(&hotline, &young).await, second);
    assert_ne!(create(&hotline, &old).await.number, first.number);
}

async fn an_id_stands_for_one_request_of_one_caller(database: Database) {
    let hotline = Hotline::open(&database).await;
    let key = new_key();
    let first = create(&hotline, &key).await;
    let reused = RequestKey { fingerprint: "another request".to_owned(), ..key.clone() };
    let fault =
        hotline.closed_loop.create_ticket(staff("CreateTicket"), reused.clone(), appeal("another")).await;
    assert_eq!(fault.expect_err("another request").reason, ErrorReason::RequestIdReused);
    let verb = WithdrawTicket { note: String::new() };
    let change = Change { key: reused, number: first.number, etag: None, verb };
    let fault = hotline.closed_loop.change(staff("WithdrawTicket"), change).await;
    assert_eq!(fault.expect_err("another request").reason, ErrorReason::RequestIdReused);

    let theirs = RequestKey { principal: "somebody else".to_owned(), ..key.clone() };
    assert_ne!(create(&hotline, &theirs).await.number, first.number, "an id is its caller's own");
    assert_eq!(create(&hotline, &key).await, first);
    assert_eq!(consistency::check_all(&hotline).await, 2);
}

async fn an_answer_is_the_one_of_then(database: Database) {
    let hotline = Hotline::open(&database).await;
    let (created, withdrawn) = (new_key(), new_key());
    let first = create(&hotline, &created).await;
    hotline.advance(TimeDelta::days(8)).await;
    let withdraw = || {
        let verb = WithdrawTicket { note: String::new() };
        let change = Change { key: withdrawn.clone(), number: first.number, etag: None, verb };
        hotline.closed_loop.change(staff("WithdrawTicket"), change)
    };
    let last = withdraw().await.expect("it is open");
    // The urge at the limit is between the two.
    assert_eq!(last.version, first.version + 2);
    assert_eq!(create(&hotline, &created).await, first);
    assert_eq!(withdraw().await.expect("it was answered before"), last);
}

async fn equal_requests_at_once_make_one_ticket(database: Database) {
    let hotline = Hotline::open(&database).await;
    let by_id = new_key();
    let mut asking = JoinSet::new();
    for round in 0..40 {
        let (hotline, by_id) = (hotline.clone(), by_id.clone());
        asking.spawn(async move {
            // Half of them repeat a request id, the others the natural key of their system.
            let source =
                Source { owner: None, system: "telephony".to_owned(), reference: "call 1".to_owned() };
            let (key, source) = if round % 2 == 0 { (by_id, None) } else { (new_key(), Some(source)) };
            let create =
                hotline_server::closed_loop::create_ticket::CreateTicket { source, ..appeal("a matter") };
            let created = hotline.closed_loop.create_ticket(staff("CreateTicket"), key, create).await;
            (round % 2, created.expect("a repeat is answered"))
        });
    }
    let answers = asking.join_all().await;
    for half in 0..2 {
        let mut tickets = answers.iter().filter(|(of, _)| *of == half).map(|(_, ticket)| ticket);
        let first = tickets.next().expect("twenty answers");
        assert!(tickets.all(|ticket| ticket == first), "{answers:#?}");
    }
    assert_eq!(consistency::check_all(&hotline).await, 2);
}
