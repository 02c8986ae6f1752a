//! The client's promises about every call, against a server in this process: retries with one request id, deadlines
//! that hold, typed refusals, and lists that fetch no more pages than needed. The clock is tokio's, and stands still
//! while anything can run.

mod half_open;
mod lists;
mod network;
mod scripted_server;
mod scripted_streams;
#[cfg(feature = "spool")]
mod spool;
mod tls;
mod waiting;
mod watch;

use std::time::Duration;

use hotline_client::{
    CallOptions, Code, Error, ErrorKind, ErrorReason, HotlineClient, Language, PutUnit, RetryPolicy, Unit,
    Uuid,
};
use scripted_server::{ScriptedAnswer, ScriptedServer, unit};
use tokio::time::Instant;
use tonic::Status;
use tonic_types::{ErrorDetails, StatusExt as _};

async fn put(client: &HotlineClient) -> Result<Unit, Error> {
    client.directory().put_unit(PutUnit::new(unit())).await
}

fn refusal(code: tonic::Code, reason: &str) -> Status {
    let details = ErrorDetails::with_error_info(reason, "hotline", std::collections::HashMap::new());
    Status::with_error_details(code, "no", details)
}

#[tokio::test(start_paused = true)]
async fn a_command_is_repeated_with_its_id_until_it_is_answered() {
    let script = |call| {
        if call < 2 { ScriptedAnswer::Refuse(Status::unavailable("away")) } else { ScriptedAnswer::Succeed }
    };
    let (server, builder) = ScriptedServer::start(script);
    let client = builder.language(Language::English).connect().await.unwrap();
    assert_eq!(put(&client).await.unwrap(), unit());
    let received = server.received();
    assert_eq!(received.len(), 3);
    assert!(Uuid::parse_str(&received[0].request_id).is_ok());
    for call in &received {
        assert_eq!(call.request_id, received[0].request_id);
        assert_eq!(call.authorization.as_deref(), Some("Bearer token-7"));
        assert_eq!(call.language.as_deref(), Some("en"));
        assert!(call.timeout.is_some());
    }
}

#[tokio::test(start_paused = true)]
async fn the_caller_s_own_request_id_is_used_and_named_in_the_error() {
    let (server, builder) = ScriptedServer::start(|_| ScriptedAnswer::Refuse(Status::unavailable("away")));
    let client = builder.connect().await.unwrap();
    let request_id = Some(Uuid::new_v4());
    let error = client.directory().put_unit(PutUnit::new(unit()).request_id(request_id)).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Unexplained, Code::Unavailable));
    assert_eq!(error.request_id(), request_id);
    assert!(error.is_retryable() && error.is_unknown_outcome());
    assert_eq!(server.received().len(), error.attempts() as usize);
    assert!(server.received().iter().all(|call| Some(call.request_id.parse().unwrap()) == request_id));
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_typed_and_not_repeated() {
    let (server, builder) =
        ScriptedServer::start(|_| ScriptedAnswer::Refuse(refusal(tonic::Code::Aborted, "ETAG_STALE")));
    let error = put(&builder.connect().await.unwrap()).await.unwrap_err();
    assert_eq!(error.reason(), Some(ErrorReason::EtagStale));
    assert!(!error.is_retryable() && !error.is_unknown_outcome());
    assert_eq!(server.received().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_fleet_adds_little_to_the_load_of_a_server_that_only_refuses() {
    let (server, builder) = ScriptedServer::start(|_| ScriptedAnswer::Refuse(Status::unavailable("away")));
    let client = builder.deadline(Duration::from_secs(5)).connect().await.unwrap();
    let callers: Vec<_> = (0..100)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move {
                for _ in 0..20 {
                    assert!(put(&client).await.unwrap_err().is_retryable());
                }
            })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap();
    }
    // Tenths of an attempt for each call.
    let attempts = server.received().len();
    assert!(attempts * 10 <= 2_000 * 11, "{attempts} attempts of 2000 calls");
    assert!(attempts > 2_000, "some were repeated");
}

#[tokio::test(start_paused = true)]
async fn a_lone_caller_reaches_a_server_that_refuses_for_a_while() {
    let start = Instant::now();
    let script = move |_| {
        if start.elapsed() < Duration::from_secs(20) {
            ScriptedAnswer::Refuse(Status::unavailable("starting"))
        } else {
            ScriptedAnswer::Succeed
        }
    };
    let (server, builder) = ScriptedServer::start(script);
    assert!(put(&builder.connect().await.unwrap()).await.is_ok());
    assert!(server.received().len() <= 20);
}

#[tokio::test(start_paused = true)]
async fn calls_that_wait_for_the_budget_are_sent_when_the_server_answers_again() {
    let start = Instant::now();
    let script = move |_| {
        if start.elapsed() < Duration::from_secs(5) {
            ScriptedAnswer::Refuse(Status::unavailable("starting"))
        } else {
            ScriptedAnswer::Succeed
        }
    };
    let (_server, builder) = ScriptedServer::start(script);
    let client = builder.connect().await.unwrap();
    let calls: Vec<_> = (0..100)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { put(&client).await })
        })
        .collect();
    for call in calls {
        call.await.unwrap().expect("the budget fills up again");
    }
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_call_may_have_a_policy_and_deadlines_of_its_own() {
    let (server, builder) = ScriptedServer::start(|_| ScriptedAnswer::Hang);
    let client = builder.connect().await.unwrap();
    let once = CallOptions::new()
        .retry(RetryPolicy::never())
        .deadline(Duration::from_secs(3))
        .attempt_deadline(Duration::from_secs(1));
    let start = Instant::now();
    let error = put(&client.with_options(&once)).await.unwrap_err();
    assert_eq!((error.attempts(), start.elapsed()), (1, Duration::from_secs(1)));
    let twice = once.retry(RetryPolicy::new().backoff(Duration::ZERO, Duration::ZERO).attempts_max(2));
    assert_eq!(put(&client.with_options(&twice)).await.unwrap_err().attempts(), 2);
    assert_eq!(server.received().len(), 3);
    assert_eq!(server.received()[0].timeout.as_deref(), Some("1000000u"));
}

#[tokio::test(start_paused = true)]
async fn attempts_belong_to_the_trace_of_the_call() {
    let script = |call| {
        if call < 2 { ScriptedAnswer::Refuse(Status::unavailable("away")) } else { ScriptedAnswer::Succeed }
    };
    let (server, builder) = ScriptedServer::start(script);
    let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".parse().unwrap();
    let client = builder.connect().await.unwrap().with_options(&CallOptions::new().trace(trace));
    put(&client).await.unwrap();
    let sent: Vec<_> = server.received().into_iter().map(|call| call.traceparent.unwrap()).collect();
    assert!(sent.iter().all(|header| header.starts_with("00-0af7651916cd43dd8448eb211c80319c-")), "{sent:?}");
    assert!(sent[0] != sent[1] && sent[1] != sent[2], "each attempt is a span");
}

#[tokio::test(start_paused = true)]
async fn a_server_that_never_answers_holds_nobody_past_the_deadline() {
    let (_server, builder) = ScriptedServer::start(|_| ScriptedAnswer::Hang);
    let client = builder.deadline(Duration::from_millis(200)).connect().await.unwrap();
    let start = Instant::now();
    let error = put(&client).await.unwrap_err();
    assert_eq!(start.elapsed(), Duration::from_millis(200));
    assert_eq!((error.kind(), error.code()), (ErrorKind::AnswerLost, Code::DeadlineExceeded));
    assert!(error.is_unknown_outcome() && error.request_id().is_some());
}

#[tokio::test(start_paused = true)]
async fn a_lost_attempt_is_repeated_while_time_remains() {
    let (server, builder) =
        ScriptedServer::start(|call| if call == 0 { ScriptedAnswer::Hang } else { ScriptedAnswer::Succeed });
    let client = builder
        .attempt_deadline(Duration::from_millis(150))
        .deadline(Duration::from_secs(10))
        .connect()
        .await
        .unwrap();
    assert!(put(&client).await.is_ok());
    let received = server.received();
    assert_eq!(received.len(), 2);
    assert_eq!(received[0].request_id, received[1].request_id);
}
