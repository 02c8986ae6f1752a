//! Calls: an exchange reports parts in any order, staff read them, and the numbers of the parties stay with those who
//! may know them.

use chrono::{DateTime, TimeDelta, Utc};
use hotline_client::{
    Call, CallDetails, CallEnd, CallHold, CallKey, CallLeg, CallMenuStep, CallOffer, CallOfferResult,
    CallOutcome, CallParty, CallQueueStay, CallRating, Channel, ErrorReason, ListAuditRecords, ListCalls,
    ReportCall, Source, Uuid,
};

use super::test_env::{TestEnv, appeal, complaint, refused};
use crate::support::canary;

on_every_store!(env:
    parts_in_any_order_make_one_call,
    calls_are_found_by_what_became_of_them,
    a_call_of_a_confidential_ticket_keeps_its_number,
    a_part_that_is_wrong_is_refused,
    instants_of_a_part_are_refused_if_they_lie_ahead,
);

/// The key of a call that began a few minutes ago.
async fn key(env: &TestEnv, reference: &str) -> CallKey {
    CallKey::reference("switch-3", reference, env.now().await - TimeDelta::minutes(5))
}

/// A part, this many seconds after the start of the call.
fn part(key: &CallKey, seconds: i64, details: CallDetails) -> ReportCall {
    let began = key.start_time.expect("its key has a start");
    ReportCall::new(key.clone(), began + TimeDelta::seconds(seconds), details)
}

fn start() -> CallDetails {
    CallDetails {
        calling_number: Some(canary::PHONE.to_owned()),
        called_number: Some("12345".to_owned()),
        ..CallDetails::default()
    }
}

fn queued(key: &CallKey) -> CallDetails {
    let join_time = key.start_time.map(|began| began + TimeDelta::seconds(10));
    let stay = CallQueueStay { queue: "enterprise".to_owned(), join_time, leave_time: None, position: 3 };
    let pressed = key.start_time.expect("a start") + TimeDelta::seconds(4);
    let step =
        CallMenuStep { press_time: pressed, keys: "2".to_owned(), label: Some("企业服务".to_owned()) };
    CallDetails { queues: vec![stay], menu_steps: vec![step], ..CallDetails::default() }
}

fn offered(key: &CallKey, seat: &str, result: Option<CallOfferResult>) -> CallDetails {
    let offer_time = key.start_time.expect("a start") + TimeDelta::seconds(20);
    let offer = CallOffer { seat: seat.to_owned(), offer_time, result, result_time: None };
    CallDetails { offers: vec![offer], ..CallDetails::default() }
}

fn ended(key: &CallKey) -> CallDetails {
    let time = key.start_time.expect("a start") + TimeDelta::seconds(200);
    let end =
        CallEnd { time, party: Some(CallParty::Caller), cause: Some("normal".to_owned()), talk_seconds: 170 };
    CallDetails { end: Some(end), ..CallDetails::default() }
}

async fn report(env: &TestEnv, part: ReportCall) -> String {
    env.client("telephony").calls().report_call(part).await.expect("the part is taken")
}

async fn listed(env: &TestEnv, which: ListCalls) -> Vec<String> {
    let found = env.client("agent").calls().list_calls(which).take_up_to(usize::MAX).await;
    found.expect("an agent reads calls").into_iter().map(|call| call.id).collect()
}

async fn parts_in_any_order_make_one_call(env: &TestEnv) {
    let answered = Some(CallOfferResult::Answered);
    let mut calls: Vec<Call> = Vec::new();
    for (reference, order) in
        [("call-1", [0, 1, 2, 3, 4]), ("call-2", [4, 2, 3, 0, 1]), ("call-3", [3, 4, 1, 2, 0])]
    {
        let key = key(env, reference).await;
        let parts = [
            part(&key, 0, start()),
            part(&key, 10, queued(&key)),
            part(&key, 20, offered(&key, "seat-7", None)),
            part(&key, 30, offered(&key, "seat-7", answered)),
            part(&key, 200, ended(&key)),
        ];
        let mut ids = Vec::new();
        for place in order {
            // Each part comes twice: once as the same request, and once as another one.
            let again = parts[place].clone().request_id(Uuid::new_v4());
            for part in [again.clone(), again, parts[place].clone()] {
                ids.push(report(env, part).await);
            }
        }
        ids.dedup();
        assert_eq!(ids.len(), 1, "{ids:?}");
        calls.push(env.client("agent").calls().get_call(&ids[0]).await.expect("the call is there"));
    }
    let first = calls[0].clone();
    assert_eq!(first.outcome, Some(CallOutcome::Answered));
    assert_eq!(first.details.calling_number.as_deref(), Some(canary::PHONE));
    assert_eq!(first.details.offers.len(), 1);
    assert_eq!(first.details.menu_steps[0].label.as_deref(), Some("企业服务"));
    for call in &calls {
        assert_eq!(call.details, first.details, "the order does not matter");
    }
    let subject = format!("call/{}", first.id);
    let audit = env.client("administrator").audit();
    let records = audit.list_audit_records(ListAuditRecords::default().subject(subject));
    let records = records.take_up_to(usize::MAX).await.expect("an administrator reads records");
    let methods: Vec<_> = records.iter().rev().map(|record| record.method.as_str()).collect();
    // The part with the number is recorded again, so that no record tells whether the number was known.
    let (last, parts) = methods.split_last().expect("records");
    assert_eq!((parts, *last), (&["ReportCall"; 6][..], "GetCall"));
}

async fn calls_are_found_by_what_became_of_them(env: &TestEnv) {
    let mut ids = Vec::new();
    for (reference, parts) in [("answered", 3), ("missed", 2), ("abandoned", 1), ("menu", 0), ("running", 4)]
    {
        let key = key(env, reference).await;
        let all = [
            queued(&key),
            offered(&key, "seat-7", None),
            offered(&key, "seat-8", Some(CallOfferResult::Answered)),
        ];
        for (place, details) in all.into_iter().take(parts).enumerate() {
            report(env, part(&key, 10 + i64::try_from(place).expect("small"), details)).await;
        }
        let last = if parts == 4 { start() } else { ended(&key) };
        ids.push(report(env, part(&key, 200, last)).await);
        // The next one begins later.
        env.advance(TimeDelta::minutes(1)).await;
    }
    let [answered, missed, abandoned, menu, running] = <[String; 5]>::try_from(ids).expect("five calls");
    let of = |outcome| ListCalls::default().outcome(outcome);
    for (which, expected) in [
        (ListCalls::default().page_size(2), vec![&running, &menu, &abandoned, &missed, &answered]),
        (of(CallOutcome::Answered), vec![&answered]),
        (of(CallOutcome::Missed), vec![&missed]),
        (of(CallOutcome::Abandoned), vec![&abandoned]),
        (of(CallOutcome::NotQueued), vec![&menu]),
        (ListCalls::default().seat("seat-7").page_size(1), vec![&running, &missed, &answered]),
        (ListCalls::default().seat("seat-8"), vec![&running, &answered]),
        (ListCalls::default().exchange_id("missed"), vec![&missed]),
        (ListCalls::default().exchange_id("nobody's"), vec![]),
    ] {
        assert_eq!(listed(env, which.clone()).await.iter().collect::<Vec<_>>(), expected, "{which:?}");
    }
    // A ticket came from one of them.
    let request = appeal().call_id(answered.clone());
    let ticket = env.take_in(request).await;
    assert_eq!(ticket.call_id.as_ref(), Some(&answered));
    let without_ticket = ListCalls::default().without_ticket(true);
    assert_eq!(listed(env, without_ticket).await, [running, menu, abandoned, missed]);
    let call = env.client("supervisor").calls().get_call(&answered).await.expect("it is there");
    assert_eq!(call.ticket_numbers, [ticket.number]);
    let unknown = appeal().call_id(Uuid::new_v4().to_string());
    refused(env.agent().create_ticket(unknown).await, ErrorReason::CallNotFound);
    refused(
        env.client("agent").calls().get_call(Uuid::new_v4().to_string()).await,
        ErrorReason::CallNotFound,
    );
}

async fn a_call_of_a_confidential_ticket_keeps_its_number(env: &TestEnv) {
    let mut ids = Vec::new();
    for (reference, request) in [("open", appeal()), ("confidential", complaint())] {
        let key = key(env, reference).await;
        ids.push(report(env, part(&key, 0, start())).await);
        let leg = CallLeg {
            leg: "1".to_owned(),
            from_number: Some(canary::PHONE.to_owned()),
            to_number: Some("12345".to_owned()),
            ..CallLeg::default()
        };
        report(env, part(&key, 1, CallDetails { legs: vec![leg], ..CallDetails::default() })).await;
        let request = request.channel(Channel::Telephone).source(Source::new("switch-3", reference));
        let request = request.call_start_time(key.start_time.expect("the key has a start"));
        let ticket = env.client("telephony").tickets().create_ticket(request).await.expect("it is taken in");
        assert_eq!(ticket.call_id.as_ref(), ids.last(), "the source names the call");
    }
    let agent = env.client("agent").calls();
    let open = agent.get_call(&ids[0]).await.expect("it is there");
    assert_eq!(open.details.calling_number.as_deref(), Some(canary::PHONE));
    assert_eq!(open.details.legs[0].from_number.as_deref(), Some(canary::PHONE));
    let confidential = agent.get_call(&ids[1]).await.expect("it is there");
    assert!(confidential.numbers_withheld && !open.numbers_withheld);
    assert_eq!(confidential.details.calling_number, None);
    assert_eq!((&confidential.details.legs[0].from_number, confidential.ticket_numbers.len()), (&None, 1));

    let by_number = ListCalls::default().calling_number(canary::PHONE.to_owned());
    assert_eq!(listed(env, by_number.clone()).await, ids[..1]);
    let found = agent.list_calls(ListCalls::default()).take_up_to(10).await.expect("an agent reads calls");
    assert!(found.iter().all(|call| call.details.calling_number.is_none()), "no list shows a number");
    let records = env
        .client("administrator")
        .audit()
        .list_audit_records(ListAuditRecords::default().method("ListCalls"));
    let records = records.take_up_to(10).await.expect("an administrator reads records");
    assert_eq!(records.len(), 1, "the search alone is recorded");
    assert!(records[0].details.contains(&ids[0]), "{records:?}");
}

async fn a_part_that_is_wrong_is_refused(env: &TestEnv) {
    let telephony = env.client("telephony").calls();
    let key = key(env, "call-1").await;
    let no_start = CallKey { start_time: None, ..key.clone() };
    let long =
        CallMenuStep { press_time: key.start_time.expect("a start"), keys: "91110000".into(), label: None };
    let long = CallDetails { menu_steps: vec![long], ..CallDetails::default() };
    for (wrong, field) in [
        (part(&key, 0, start()).key(no_start), "key.start_time"),
        (part(&key, 0, offered(&key, "seat 7", None)), "details.offers[0].seat"),
        (part(&key, 0, long), "details.menu_steps[0].keys"),
    ] {
        let error = refused(telephony.report_call(wrong).await, ErrorReason::InvalidFields);
        let fields: Vec<_> = error.field_violations().iter().map(|one| one.field.as_str()).collect();
        assert_eq!(fields, [field]);
    }
    let first = part(&key, 0, start()).request_id(Uuid::new_v4());
    report(env, first.clone()).await;
    let other = first.clone().details(queued(&key));
    refused(telephony.report_call(other).await, ErrorReason::RequestIdReused);
    // A guess at the number is the same request, so that no answer tells a right one.
    let guess = CallDetails { calling_number: Some("13900139000".to_owned()), ..start() };
    report(env, first.details(guess)).await;

    let offers = |from: i64, to: i64| {
        let offers = (from..to).map(|second| CallOffer {
            seat: "seat-7".to_owned(),
            offer_time: key.start_time.expect("a start") + TimeDelta::seconds(second),
            result: None,
            result_time: None,
        });
        part(&key, 0, CallDetails { offers: offers.collect(), ..CallDetails::default() })
    };
    report(env, offers(0, 64)).await;
    let error = refused(telephony.report_call(offers(64, 65)).await, ErrorReason::CallTooLarge);
    assert_eq!(error.metadata()["items_max"], "64");
    report(env, offers(3, 60)).await;
}

/// Details with every instant of a part.
fn every_instant(at: DateTime<Utc>) -> [CallDetails; 6] {
    let time = Some(at);
    let leg = CallLeg { leg: "1".to_owned(), start_time: time, end_time: time, ..CallLeg::default() };
    let queue = "enterprise".to_owned();
    let stay = CallQueueStay { queue, join_time: time, leave_time: time, position: 0 };
    let offer = CallOffer { seat: "seat-7".to_owned(), offer_time: at, result: None, result_time: time };
    let rating = CallRating { press_time: at, keys: "1".to_owned(), seat: None };
    let step = CallMenuStep { press_time: at, keys: "1".to_owned(), label: None };
    let of = CallDetails::default;
    [
        CallDetails { legs: vec![leg], ..of() },
        CallDetails { queues: vec![stay], ..of() },
        CallDetails { offers: vec![offer], ..of() },
        CallDetails { ratings: vec![rating], ..of() },
        CallDetails { menu_steps: vec![step], ..of() },
        CallDetails { holds: vec![CallHold { start_time: at, end_time: time }], ..of() },
    ]
}

async fn instants_of_a_part_are_refused_if_they_lie_ahead(env: &TestEnv) {
    let telephony = env.client("telephony").calls();
    let (key, now) = (key(env, "call-1").await, env.now().await);
    for (seconds, reason) in [(60, ErrorReason::ClockAhead), (601, ErrorReason::InvalidFields)] {
        let ahead = now + TimeDelta::seconds(seconds);
        let end = CallEnd { time: ahead, party: None, cause: None, talk_seconds: 0 };
        let end = CallDetails { end: Some(end), ..CallDetails::default() };
        let mut wrong: Vec<_> =
            every_instant(ahead).into_iter().chain([end]).map(|one| part(&key, 0, one)).collect();
        wrong.push(part(&key, 0, start()).part_time(ahead));
        let later = CallKey { start_time: Some(ahead), ..key.clone() };
        wrong.push(part(&key, 0, start()).key(later));
        for wrong in wrong {
            refused(telephony.report_call(wrong).await, reason);
        }
    }
    // Some seconds ahead are taken, and kept as they came.
    let near = now + TimeDelta::seconds(3);
    let mut ids = Vec::new();
    for details in every_instant(near) {
        ids.push(report(env, part(&key, 0, details)).await);
    }
    let call = env.client("agent").calls().get_call(&ids[0]).await.expect("the call is there");
    assert_eq!(call.details.holds[0].start_time, near);
    assert_eq!(call.details.queues[0].leave_time, Some(near));
}
