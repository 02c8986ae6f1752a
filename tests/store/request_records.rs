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
    request_records_are_deleted_only_after_their_retention
    a_request_id_identifies_one_request_of_one_caller
    a_repeat_gets_the_answer_of_its_time
    concurrent_equal_requests_make_one_ticket
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

async fn request_records_are_deleted_only_after_their_retention(database: Database) {
    let hotline = Hotline::open(&database).await;
    let (first_key, second_key, later_key) = (new_key(), new_key(), new_key());
    let first_ticket = create(&hotline, &first_key).await;
    create(&hotline, &second_key).await;
    let began_at = hotline.clock.now();
    hotline.clock.advance_to(began_at + TimeDelta::seconds(1));
    let later_ticket = create(&hotline, &later_key).await;

    hotline.clock.advance_to(began_at + RECORD_KEPT);
    assert_eq!(forget(&hotline, 10).await, 0, "exactly as old as is promised");
    assert_eq!(create(&hotline, &first_key).await, first_ticket);

    hotline.clock.advance_to(began_at + RECORD_KEPT + TimeDelta::microseconds(1));
    assert_eq!(forget(&hotline, 1).await, 1, "as many as the limit allows");
    assert_eq!(forget(&hotline, 10).await, 1);
    assert_eq!(forget(&hotline, 10).await, 0);
    assert_eq!(create(&hotline, &later_key).await, later_ticket);
    assert_ne!(create(&hotline, &first_key).await.number, first_ticket.number);
}

async fn a_request_id_identifies_one_request_of_one_caller(database: Database) {
    let hotline = Hotline::open(&database).await;
    let key = new_key();
    let created = create(&hotline, &key).await;
    let reused = RequestKey { fingerprint: "another request".to_owned(), ..key.clone() };
    let fault =
        hotline.closed_loop.create_ticket(staff("CreateTicket"), reused.clone(), appeal("another")).await;
    assert_eq!(fault.expect_err("another request").reason, ErrorReason::RequestIdReused);
    let verb = WithdrawTicket { note: String::new() };
    let change = Change { key: reused, number: created.number, etag: None, verb };
    let fault = hotline.closed_loop.change(staff("WithdrawTicket"), change).await;
    assert_eq!(fault.expect_err("another request").reason, ErrorReason::RequestIdReused);

    let key_of_other_caller = RequestKey { principal: "somebody else".to_owned(), ..key.clone() };
    assert_ne!(
        create(&hotline, &key_of_other_caller).await.number,
        created.number,
        "an id is its caller's own"
    );
    assert_eq!(create(&hotline, &key).await, created);
    assert_eq!(consistency::check_all(&hotline).await, 2);
}

async fn a_repeat_gets_the_answer_of_its_time(database: Database) {
    let hotline = Hotline::open(&database).await;
    let (create_key, withdraw_key) = (new_key(), new_key());
    let created = create(&hotline, &create_key).await;
    hotline.advance(TimeDelta::days(8)).await;
    let withdraw = || {
        let verb = WithdrawTicket { note: String::new() };
        let change = Change { key: withdraw_key.clone(), number: created.number, etag: None, verb };
        hotline.closed_loop.change(staff("WithdrawTicket"), change)
    };
    let withdrawn = withdraw().await.expect("it is open");
    // The urge at the limit is between the two.
    assert_eq!(withdrawn.version, created.version + 2);
    assert_eq!(create(&hotline, &create_key).await, created);
    assert_eq!(withdraw().await.expect("it was answered before"), withdrawn);
}

async fn concurrent_equal_requests_make_one_ticket(database: Database) {
    let hotline = Hotline::open(&database).await;
    let repeated_key = new_key();
    let mut requests = JoinSet::new();
    for round in 0..40 {
        let (hotline, repeated_key) = (hotline.clone(), repeated_key.clone());
        requests.spawn(async move {
            // Half of them repeat a request id, the others the natural key of their system.
            let source =
                Source { owner: None, system: "telephony".to_owned(), reference: "call 1".to_owned() };
            let (key, source) = if round % 2 == 0 { (repeated_key, None) } else { (new_key(), Some(source)) };
            let create =
                hotline_server::closed_loop::create_ticket::CreateTicket { source, ..appeal("a matter") };
            let created = hotline.closed_loop.create_ticket(staff("CreateTicket"), key, create).await;
            (round % 2, created.expect("a repeat is answered"))
        });
    }
    let answers = requests.join_all().await;
    for kind in 0..2 {
        let mut tickets =
            answers.iter().filter(|(kind_of_answer, _)| *kind_of_answer == kind).map(|(_, ticket)| ticket);
        let first = tickets.next().expect("twenty answers");
        assert!(tickets.all(|ticket| ticket == first), "{answers:#?}");
    }
    assert_eq!(consistency::check_all(&hotline).await, 2);
}
