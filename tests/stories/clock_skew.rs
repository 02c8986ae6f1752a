//! Callers whose clocks are ahead: a few seconds count as now, a few minutes have to be waited for, and more is a wrong
//! field. Each refusal says what time it is at the server.

use chrono::{DateTime, TimeDelta, Utc};
use hotline_client::Uuid;
use hotline_proto::v1 as pb;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use super::invalid_fields::{stamp, valid_create};
use super::test_env::{LEAD, TestEnv, at, with_token};

on_every_store!(env:
    some_seconds_ahead_count_as_now,
    some_minutes_ahead_have_to_be_waited_for,
    more_is_a_wrong_field,
    a_repeat_of_an_instant_that_counted_as_now_is_the_same_request,
    a_call_of_seven_years_ago_has_its_own_reason,
);

/// An instant of what has happened, in a request.
pub(crate) struct Happened {
    /// The request.
    pub(crate) request: &'static str,
    /// The field.
    pub(crate) field: &'static str,
    /// Sends it; answers what was recorded.
    send: Send,
}

type Sent<'a> = std::pin::Pin<Box<dyn Future<Output = Result<Option<DateTime<Utc>>, Status>> + 'a>>;
type Send = for<'a> fn(&'a TestEnv, DateTime<Utc>) -> Sent<'a>;

/// Every instant of what has happened, in the contract.
pub(crate) const HAPPENED: [Happened; 3] = [
    Happened {
        request: "CreateTicketRequest",
        field: "call_start_time",
        send: |env, given| Box::pin(create(env, given)),
    },
    Happened {
        request: "SubmitFeedbackRequest",
        field: "caller_reply.reply_time",
        send: |env, given| Box::pin(reply(env, given)),
    },
    Happened {
        request: "CarryOverTicketRequest",
        field: "ask.inform_time",
        send: |env, given| Box::pin(ask(env, given)),
    },
];

fn instant(stamp: prost_types::Timestamp) -> DateTime<Utc> {
    DateTime::from_timestamp(stamp.seconds, 0).expect("an instant of the contract")
}

fn call(given: DateTime<Utc>) -> pb::CreateTicketRequest {
    let source = pb::Source { system: "switch-3".into(), reference: Uuid::new_v4().to_string() };
    pb::CreateTicketRequest {
        channel: pb::Channel::Telephone.into(),
        call_start_time: Some(stamp(given)),
        source: Some(source),
        ..valid_create()
    }
}

async fn create(env: &TestEnv, given: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, Status> {
    let taken = env.raw().create_ticket(env.by("telephony", call(given))).await?.into_inner();
    Ok(taken.ticket.and_then(|ticket| ticket.call_start_time).map(instant))
}

async fn reply(env: &TestEnv, given: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, Status> {
    let request = pb::SubmitFeedbackRequest {
        request_id: Uuid::new_v4().to_string(),
        ticket_number: env.appeal_in_handling().await.number,
        caller_reply: Some(pb::CallerReply {
            reply_time: Some(stamp(given)),
            method: pb::ContactMethod::Telephone.into(),
            official: "王科长".into(),
            content: "已告知办理进度。".into(),
            ..Default::default()
        }),
        ..Default::default()
    };
    let replied =
        env.raw().submit_feedback(with_token(&env.server.unit_token(LEAD), request)).await?.into_inner();
    let reply = replied.ticket.and_then(|ticket| ticket.cycle).and_then(|cycle| cycle.caller_reply);
    Ok(reply.and_then(|reply| reply.reply_time).map(instant))
}

async fn ask(env: &TestEnv, given: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, Status> {
    let ticket = env.appeal_in_handling().await;
    let ask = pb::CarryOverAsk {
        next_steps: "等待验收".into(),
        promised_time: Some(stamp(ticket.cycle.due_time + TimeDelta::days(9))),
        inform_time: Some(stamp(given)),
    };
    let request = pb::CarryOverTicketRequest {
        request_id: Uuid::new_v4().to_string(),
        ticket_number: ticket.number,
        step: Some(pb::carry_over_ticket_request::Step::Ask(ask)),
        ..Default::default()
    };
    let asked =
        env.raw().carry_over_ticket(with_token(&env.server.unit_token(LEAD), request)).await?.into_inner();
    let carry = asked.ticket.and_then(|ticket| ticket.cycle).and_then(|cycle| cycle.carry_over);
    Ok(carry.and_then(|carry| carry.inform_time).map(instant))
}

async fn some_seconds_ahead_count_as_now(env: &TestEnv) {
    for Happened { field, send, .. } in HAPPENED {
        let now = env.now().await;
        for seconds in [0, 1, 5] {
            let recorded = send(env, now + TimeDelta::seconds(seconds)).await;
            assert_eq!(recorded.expect("it counts as now"), Some(now), "{field}, {seconds} s ahead");
        }
    }
}

/// The reason and the server's time of a refusal.
fn read(status: &Status) -> (String, String) {
    let details = status.get_error_details();
    let info = details.error_info().expect("a reason");
    (info.reason.clone(), info.metadata["server_time"].clone())
}

async fn some_minutes_ahead_have_to_be_waited_for(env: &TestEnv) {
    let now = env.now().await;
    for Happened { field, send, .. } in HAPPENED {
        for seconds in [6, 60, 600] {
            let ahead = TimeDelta::seconds(seconds);
            let status = send(env, now + ahead).await.expect_err("it lies ahead");
            assert_eq!(status.code(), Code::Unavailable, "{field}");
            let (reason, time) = read(&status);
            assert_eq!((reason.as_str(), at(&time)), ("CLOCK_AHEAD", now), "{field}");
            let details = status.get_error_details();
            assert_eq!(details.error_info().map(|info| info.metadata["field"].as_str()), Some(field));
            let wait = details.retry_info().and_then(|info| info.retry_delay);
            assert_eq!(wait, ahead.to_std().ok(), "{field}");
        }
    }
    // What was refused is good after the wait, under the same request id.
    let late = call(now + TimeDelta::minutes(1));
    env.raw().create_ticket(env.by("telephony", late.clone())).await.expect_err("it lies ahead");
    env.advance(TimeDelta::minutes(1)).await;
    env.raw().create_ticket(env.by("telephony", late)).await.expect("it has happened");
}

async fn more_is_a_wrong_field(env: &TestEnv) {
    let now = env.now().await;
    for Happened { field, send, .. } in HAPPENED {
        let status = send(env, now + TimeDelta::seconds(601)).await.expect_err("it lies ahead");
        let (reason, time) = read(&status);
        assert_eq!((reason.as_str(), at(&time)), ("INVALID_FIELDS", now), "{field}");
        let details = status.get_error_details();
        let wrong = &details.bad_request().expect("a wrong field").field_violations;
        assert_eq!(wrong.iter().map(|one| one.field.as_str()).collect::<Vec<_>>(), [field]);
        assert!(wrong[0].description.contains(&time), "{}", wrong[0].description);
    }
}

async fn a_repeat_of_an_instant_that_counted_as_now_is_the_same_request(env: &TestEnv) {
    let mut raw = env.raw();
    let request = call(env.now().await + TimeDelta::seconds(4));
    let first = raw.create_ticket(env.by("telephony", request.clone())).await.expect("it counts as now");
    let first = first.into_inner().ticket.expect("a ticket").number;
    env.advance(TimeDelta::hours(2)).await;
    // By the request id, and by the source.
    let by_source = pb::CreateTicketRequest { request_id: Uuid::new_v4().to_string(), ..request.clone() };
    for repeat in [request, by_source] {
        let again = raw.create_ticket(env.by("telephony", repeat)).await.expect("the same request");
        assert_eq!(again.into_inner().ticket.expect("a ticket").number, first);
    }
}

async fn a_call_of_seven_years_ago_has_its_own_reason(env: &TestEnv) {
    let (mut raw, now) = (env.raw(), env.now().await);
    let week = TimeDelta::days(7);
    let status = raw
        .create_ticket(env.by("telephony", call(now - TimeDelta::days(7 * 365))))
        .await
        .expect_err("it began too long ago");
    assert_eq!(status.code(), Code::FailedPrecondition);
    let (reason, time) = read(&status);
    assert_eq!((reason.as_str(), at(&time)), ("CALL_TOO_OLD", now));
    let details = status.get_error_details();
    let earliest = &details.error_info().expect("a reason").metadata["earliest_start_time"];
    assert_eq!(at(earliest), now - week);
    let late = call(now - week);
    raw.create_ticket(env.by("telephony", late.clone())).await.expect("a week is allowed");
    env.advance(TimeDelta::days(1)).await;
    raw.create_ticket(env.by("telephony", late)).await.expect("a repeat is answered, however late");
}
