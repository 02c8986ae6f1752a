//! Calls beside the seats: what an agent reads before the first word, recordings, the hand-over of what the hotline
//! does not accept, and the service level.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use hotline_client::{
    AccessOccasion, AttachRecording, CallDetails, CallEnd, CallKey, CallLeg, CallLegKind, CallLegResult,
    CallOffer, CallOfferResult, CallQueueStay, Channel, ErrorReason, ForecastSeats, HandOverState,
    HandOverTarget, ListAuditRecords, ListCalls, ListIdentityAccesses, Recording, ReportCall, RevealPurpose,
    Source, WithdrawTicket,
};

use super::test_env::{TestEnv, appeal, complaint, refused};
use crate::support::canary;

on_every_store!(env:
    an_agent_knows_the_company_before_the_first_word,
    a_recording_is_attached_once_and_read_for_a_purpose,
    a_failed_hand_over_is_found,
    the_service_level_counts_each_call_once,
);

fn key(reference: &str, began: DateTime<Utc>) -> CallKey {
    CallKey::reference("switch-3", reference, began)
}

async fn report(env: &TestEnv, key: &CallKey, seconds: i64, details: CallDetails) -> String {
    let at = key.start_time.expect("a start") + TimeDelta::seconds(seconds);
    let part = ReportCall::new(key.clone(), at, details);
    env.client("telephony").calls().report_call(part).await.expect("the part is taken")
}

fn from(number: &str) -> CallDetails {
    CallDetails { calling_number: Some(number.to_owned()), ..CallDetails::default() }
}

async fn an_agent_knows_the_company_before_the_first_word(env: &TestEnv) {
    let earlier = env.take_in(appeal()).await;
    env.agent()
        .withdraw_ticket(WithdrawTicket::new(&earlier.number, "已自行解决"))
        .await
        .expect("it is withdrawn");
    let open = env.take_in(appeal()).await;
    let hidden = env.take_in(complaint()).await;
    let began = env.now().await;
    let call = key("ring", began);
    let id = report(env, &call, 0, from(canary::PHONE)).await;
    let agent = env.client("agent").calls();
    let context = agent.get_call_context(&id).await.expect("an agent reads it");
    assert_eq!(context.call.details.calling_number.as_deref(), Some(canary::PHONE));
    let numbers = |tickets: &[hotline_client::Ticket]| {
        tickets.iter().map(|ticket| ticket.number.clone()).collect::<Vec<_>>()
    };
    assert_eq!(numbers(&context.open_tickets), std::slice::from_ref(&open.number), "not {}", hidden.number);
    assert_eq!(numbers(&context.earlier_tickets), std::slice::from_ref(&earlier.number));
    assert_eq!(context.open_tickets[0].cycle.due_time, open.cycle.due_time, "with its limit");
    let caller = context.caller.expect("the company");
    assert_eq!(caller.enterprise.map(|one| one.name).as_deref(), Some(canary::COMPANY));
    assert_eq!((caller.subject, caller.content), (None, None));
    // Each reading is recorded.
    for number in [&open.number, &earlier.number] {
        let filter = ListIdentityAccesses::default().ticket_number(number.clone());
        let audit = env.client("supervisor").audit();
        let accesses = audit.list_identity_accesses(filter).take_up_to(10).await.expect("it reads the log");
        let of_call: Vec<_> = accesses.iter().filter(|one| one.occasion == AccessOccasion::Call).collect();
        assert_eq!(of_call.len(), 1, "{accesses:?}");
        assert_eq!(of_call[0].purpose, Some(RevealPurpose::Contact));
        assert_eq!(of_call[0].note.as_deref(), Some(format!("call/{id}").as_str()));
    }
    // A withheld number, and one that nobody has.
    for (reference, number) in [("withheld", "anonymous"), ("unknown", "01059999999")] {
        let id = report(env, &key(reference, began), 0, from(number)).await;
        let context = agent.get_call_context(id).await.expect("an agent reads it");
        assert_eq!((context.caller, context.open_tickets.len()), (None, 0), "{number}");
    }
    // A confidential ticket came from the call.
    let request = complaint().channel(Channel::Telephone).source(Source::new("switch-3", "ring"));
    let request = request.call_start_time(began);
    env.client("telephony").tickets().create_ticket(request).await.expect("it is taken in");
    let context = agent.get_call_context(&id).await.expect("an agent reads it");
    assert!(context.call.numbers_withheld);
    assert_eq!((context.caller, context.open_tickets.len()), (None, 0));
    let unknown = hotline_client::Uuid::new_v4().to_string();
    refused(agent.get_call_context(unknown).await, ErrorReason::CallNotFound);
}

fn recording(participant: &str, digit: &str, began: DateTime<Utc>) -> Recording {
    Recording {
        participant: participant.to_owned(),
        reference: format!("recordings/{}-{participant}.wav", canary::PHONE),
        length_bytes: 960_044,
        sha256: digit.repeat(64),
        start_time: began + TimeDelta::seconds(20),
        duration_seconds: 120,
    }
}

async fn a_recording_is_attached_once_and_read_for_a_purpose(env: &TestEnv) {
    let began = env.now().await - TimeDelta::minutes(5);
    let call = key("recorded", began);
    let telephony = env.client("telephony").calls();
    // The recording comes before every part of the call.
    let caller =
        AttachRecording::new(call.clone(), began + TimeDelta::minutes(3), recording("caller", "a", began));
    let id = telephony.attach_recording(caller.clone()).await.expect("it is attached");
    assert_eq!(report(env, &call, 0, from(canary::PHONE)).await, id);
    let seat =
        AttachRecording::new(call.clone(), began + TimeDelta::minutes(3), recording("seat-7", "b", began));
    assert_eq!(telephony.attach_recording(seat).await.expect("it is attached"), id);
    // Again, and again from another place.
    assert_eq!(telephony.attach_recording(caller.clone()).await.expect("the same"), id);
    let moved = Recording { reference: "archive/2019/17.wav".to_owned(), ..recording("caller", "a", began) };
    let later = AttachRecording::new(call.clone(), began + TimeDelta::minutes(4), moved.clone());
    assert_eq!(telephony.attach_recording(later).await.expect("the same"), id);
    let other = AttachRecording::new(call.clone(), began, recording("caller", "c", began));
    refused(telephony.attach_recording(other).await, ErrorReason::RecordingExists);
    let short = Recording { sha256: "a".repeat(63), length_bytes: 0, ..recording("x", "a", began) };
    let error = telephony.attach_recording(AttachRecording::new(call.clone(), began, short)).await;
    let error = refused(error, ErrorReason::InvalidFields);
    let fields: Vec<_> = error.field_violations().iter().map(|one| one.field.as_str()).collect();
    assert_eq!(fields, ["recording.length_bytes", "recording.sha256"]);

    let agent = env.client("agent").calls();
    let read = agent.get_recording(&id, "caller", RevealPurpose::Verify).await.expect("an agent reads it");
    assert_eq!(read, moved, "the later reference");
    let shown = agent.get_call(&id).await.expect("it is there");
    assert_eq!(shown.recorded_participants, ["caller", "seat-7"]);
    let missing = agent.get_recording(&id, "seat-9", RevealPurpose::Verify).await;
    refused(missing, ErrorReason::RecordingNotFound);
    let records = ListAuditRecords::default().method("GetRecording");
    let records = env.client("administrator").audit().list_audit_records(records).take_up_to(10).await;
    let records = records.expect("an administrator reads records");
    assert_eq!(records.len(), 1, "{records:?}");
    assert!(records[0].subject == format!("call/{id}") && records[0].details.contains("verify"));
    assert!(!records[0].details.contains("archive"), "where it is stays with the call");

    let request = complaint().channel(Channel::Telephone).source(Source::new("switch-3", "recorded"));
    telephony_takes_in(env, request.call_start_time(began)).await;
    let withheld = agent.get_recording(&id, "caller", RevealPurpose::Verify).await;
    refused(withheld, ErrorReason::RecordingWithheld);
}

async fn telephony_takes_in(env: &TestEnv, request: hotline_client::CreateTicket) {
    env.client("telephony").tickets().create_ticket(request).await.expect("it is taken in");
}

/// A leg that hands a call over.
fn leg(id: &str, target: HandOverTarget, result: Option<CallLegResult>) -> CallDetails {
    let leg = CallLeg {
        leg: id.to_owned(),
        kind: Some(CallLegKind::ThreeWay),
        hand_over_target: Some(target),
        result,
        ..CallLeg::default()
    };
    CallDetails { legs: vec![leg], ..CallDetails::default() }
}

fn end(call: &CallKey, seconds: i64, talk_seconds: u32) -> CallDetails {
    let time = call.start_time.expect("a start") + TimeDelta::seconds(seconds);
    let end = CallEnd { time, party: None, cause: None, talk_seconds };
    CallDetails { end: Some(end), ..CallDetails::default() }
}

async fn a_failed_hand_over_is_found(env: &TestEnv) {
    let began = env.now().await - TimeDelta::minutes(5);
    let police = HandOverTarget::Police;
    let (connected, busy) = (Some(CallLegResult::Connected), Some(CallLegResult::Busy));
    let mut ids = Vec::new();
    for (name, legs) in [
        ("none", vec![]),
        ("pending", vec![leg("1", police, None)]),
        ("connected", vec![leg("1", police, busy), leg("2", police, connected)]),
        ("failed", vec![leg("1", police, connected), leg("2", HandOverTarget::PetitionOffice, busy)]),
    ] {
        let call = key(name, began);
        report(env, &call, 0, from(canary::PHONE)).await;
        for (second, leg) in (1..).zip(legs) {
            report(env, &call, second, leg).await;
        }
        ids.push(report(env, &call, 0, CallDetails::default()).await);
    }
    let agent = env.client("supervisor").calls();
    let listed = async |state| {
        let found = agent.list_calls(ListCalls::default().hand_over(state)).take_up_to(10).await;
        found.expect("it reads calls").into_iter().map(|call| call.id).collect::<Vec<_>>()
    };
    assert_eq!(listed(HandOverState::Pending).await, ids[1..2]);
    assert_eq!(listed(HandOverState::Connected).await, ids[2..3]);
    assert_eq!(listed(HandOverState::Failed).await, ids[3..]);
    // The call ends before the police have answered.
    let pending = key("pending", began);
    report(env, &pending, 60, end(&pending, 60, 0)).await;
    assert_eq!(listed(HandOverState::Pending).await, Vec::<String>::new());
    assert_eq!(listed(HandOverState::Failed).await.len(), 2);
    let call = agent.get_call(&ids[3]).await.expect("it is there");
    assert_eq!(call.hand_over, Some(HandOverState::Failed));
    assert_eq!(call.details.legs[1].hand_over_target, Some(HandOverTarget::PetitionOffice));
}

/// A call that joined the queue at its start, and was answered after some seconds.
async fn answered(env: &TestEnv, reference: &str, began: DateTime<Utc>, wait: i64, training: bool) {
    let call = key(reference, began);
    let stay = CallQueueStay {
        queue: "enterprise".to_owned(),
        join_time: Some(began),
        leave_time: None,
        position: 1,
    };
    let offer = CallOffer {
        seat: "seat-7".to_owned(),
        offer_time: began,
        result: Some(CallOfferResult::Answered),
        result_time: Some(began + TimeDelta::seconds(wait)),
    };
    let queued = CallDetails { queues: vec![stay], training, ..CallDetails::default() };
    let offered = CallDetails { offers: vec![offer], ..CallDetails::default() };
    // The end comes first.
    report(env, &call, wait + 90, end(&call, wait + 90, 90)).await;
    report(env, &call, 0, queued).await;
    report(env, &call, wait, offered).await;
}

async fn the_service_level_counts_each_call_once(env: &TestEnv) {
    let now = env.now().await;
    for (nth, wait) in [(0, 5), (1, 15), (2, 16), (3, 40)] {
        answered(env, &format!("answered-{nth}"), now - TimeDelta::minutes(10), wait, false).await;
    }
    answered(env, "exercise", now - TimeDelta::minutes(10), 5, true).await;
    let menu = key("menu", now - TimeDelta::minutes(10));
    report(env, &menu, 4, end(&menu, 4, 0)).await;
    let supervisor = env.client("supervisor").calls();
    let (from, to) = (now - TimeDelta::days(1), now + TimeDelta::hours(1));
    let level = supervisor.get_service_level(from, to).await.expect("a supervisor reads it");
    let total = &level.total;
    assert_eq!((total.queued, total.answered, total.answered_in_time), (4, 4, 2));
    assert_eq!((total.abandoned, total.missed, total.not_queued), (0, 0, 1));
    assert_eq!(total.average_wait, Some(Duration::from_secs(19)));
    let p90 = total.p90_wait.expect("answered calls").as_secs_f64();
    assert!((40.0..=48.0).contains(&p90), "{p90}");
    assert_eq!(total.average_talk, Some(Duration::from_secs(90)));
    assert_eq!((level.hours.len(), level.days.len()), (1, 1));
    assert_eq!(level.hours[0].level, *total);
    assert_eq!(level.days[0].level, *total);
    let analyst = env.client("analyst").calls();
    assert_eq!(analyst.get_service_level(from, to).await.expect("an analyst reads it"), level);

    let forecast = ForecastSeats::new(from, to).wrap_up_seconds(30_u32).load_percent(350_u32);
    let hours = analyst.forecast_seats(forecast.clone()).await.expect("an analyst plans");
    assert_eq!(hours.len(), 1);
    // Fourteen calls of two minutes keep half a seat busy.
    assert!((hours[0].calls - 14.0).abs() < 1e-9, "{hours:?}");
    assert_eq!((hours[0].handling, hours[0].seats), (Duration::from_mins(2), 2));
    assert!(hours[0].in_time_percent >= 80 && hours[0].occupancy_percent == 23, "{hours:?}");
    for (from, to) in [(to, from), (from - TimeDelta::days(100), to)] {
        refused(supervisor.get_service_level(from, to).await, ErrorReason::InvalidFields);
    }
    refused(analyst.forecast_seats(forecast.target_percent(100_u32)).await, ErrorReason::InvalidFields);
    refused(env.client("agent").calls().get_service_level(from, to).await, ErrorReason::RoleNotAllowed);
}
