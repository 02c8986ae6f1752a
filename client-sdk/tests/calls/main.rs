//! The client's promises about every call, against a server in this process: retries with one request id, deadlines
//! that hold, typed refusals, and lists that fetch no more pages than needed.

mod scripted_server;

use std::time::{Duration, Instant};

use hotline_client::{Code, Error, ErrorReason, HotlineClient, Language, PutUnit, Unit, Uuid};
use scripted_server::{ScriptedAnswer, ScriptedServer, unit};
use tokio::net::TcpListener;
use tonic::Status;
use tonic_types::{ErrorDetails, StatusExt as _};

/// Long enough for a busy machine, short enough to notice a call that hangs.
const SOON: Duration = Duration::from_secs(10);

async fn put(client: &HotlineClient) -> Result<Unit, Error> {
    client.directory().put_unit(PutUnit { unit: unit(), request_id: None }).await
}

fn refusal(code: Code, reason: &str) -> Status {
    let details = ErrorDetails::with_error_info(reason, "hotline", std::collections::HashMap::new());
    Status::with_error_details(code, "no", details)
}

#[tokio::test]
async fn a_command_is_repeated_with_its_id_until_it_is_answered() {
    let script = |call| {
        if call < 2 { ScriptedAnswer::Refuse(Status::unavailable("away")) } else { ScriptedAnswer::Succeed }
    };
    let (server, builder) = ScriptedServer::start(script).await;
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

#[tokio::test]
async fn the_caller_s_own_request_id_is_used_and_named_in_the_error() {
    let (server, builder) =
        ScriptedServer::start(|_| ScriptedAnswer::Refuse(Status::unavailable("away"))).await;
    let client = builder.connect().await.unwrap();
    let request_id = Some(Uuid::new_v4());
    let error = client.directory().put_unit(PutUnit { unit: unit(), request_id }).await.unwrap_err();
    assert_eq!((error.code(), error.attempts()), (Code::Unavailable, 4));
    assert_eq!(error.request_id(), request_id);
    assert!(error.is_retryable() && error.is_unknown_outcome());
    assert_eq!(server.received().len(), 4);
}

#[tokio::test]
async fn a_refusal_is_typed_and_not_repeated() {
    let (server, builder) =
        ScriptedServer::start(|_| ScriptedAnswer::Refuse(refusal(Code::Aborted, "ETAG_STALE"))).await;
    let error = put(&builder.connect().await.unwrap()).await.unwrap_err();
    assert_eq!(error.reason(), Some(ErrorReason::EtagStale));
    assert!(!error.is_retryable() && !error.is_unknown_outcome());
    assert_eq!(server.received().len(), 1);
}

#[tokio::test]
async fn retries_run_out_for_all_clones_together() {
    let (server, builder) =
        ScriptedServer::start(|_| ScriptedAnswer::Refuse(Status::unavailable("away"))).await;
    let client = builder.connect().await.unwrap();
    for _ in 0..20 {
        let _ = put(&client.clone()).await;
    }
    // Twenty calls, the ten retries of the budget, and the two that the calls have added meanwhile.
    assert!(server.received().len() <= 20 + 12, "{}", server.received().len());
}

#[tokio::test]
async fn a_server_that_never_answers_holds_nobody_past_the_deadline() {
    let (_server, builder) = ScriptedServer::start(|_| ScriptedAnswer::Hang).await;
    let client = builder.deadline(Duration::from_millis(200)).connect().await.unwrap();
    let start = Instant::now();
    let error = put(&client).await.unwrap_err();
    assert!(start.elapsed() < SOON);
    assert_eq!(error.code(), Code::DeadlineExceeded);
    assert!(error.is_unknown_outcome() && error.request_id().is_some());
}

#[tokio::test]
async fn a_lost_attempt_is_repeated_while_time_remains() {
    let (server, builder) =
        ScriptedServer::start(|call| if call == 0 { ScriptedAnswer::Hang } else { ScriptedAnswer::Succeed })
            .await;
    let client = builder.attempt_deadline(Duration::from_millis(150)).deadline(SOON).connect().await.unwrap();
    assert!(put(&client).await.is_ok());
    let received = server.received();
    assert_eq!(received.len(), 2);
    assert_eq!(received[0].request_id, received[1].request_id);
}

#[tokio::test]
async fn connections_that_break_are_tried_again_and_then_reported() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { while listener.accept().await.is_ok() {} });
    let client = HotlineClient::builder().endpoint(endpoint).deadline(SOON).connect_lazy().unwrap();
    let start = Instant::now();
    let error = put(&client).await.unwrap_err();
    assert!(start.elapsed() < SOON);
    assert!(error.is_retryable(), "{error:?}");
    assert_eq!(error.attempts(), 4, "{error:?}");
}

#[tokio::test]
async fn no_listener_is_unavailable_at_once() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = HotlineClient::builder().endpoint(endpoint).connect().await.unwrap_err();
    assert_eq!(error.code(), Code::Unavailable);
    assert!(std::error::Error::source(&error).is_some());
}

#[tokio::test]
async fn an_answer_without_its_content_is_an_error_and_not_a_panic() {
    let (_server, builder) = ScriptedServer::start(|_| ScriptedAnswer::Succeed).await;
    let error = builder.connect().await.unwrap().directory().get_unit("dept-example").await.unwrap_err();
    assert_eq!(error.code(), Code::Internal);
    assert!(error.message().contains("GetUnitResponse.unit"), "{error}");
}

#[tokio::test]
async fn a_list_follows_its_pages_to_the_end_through_an_empty_one() {
    let pages = |call| {
        [ScriptedAnswer::Page(2, "b"), ScriptedAnswer::Page(0, "c"), ScriptedAnswer::Page(1, "")]
            .into_iter()
            .nth(call)
            .unwrap_or(ScriptedAnswer::Hang)
    };
    let (server, builder) = ScriptedServer::start(pages).await;
    let client = builder.connect().await.unwrap();
    assert_eq!(client.directory().list_topics().take_up_to(100).await.unwrap().len(), 3);
    let tokens: Vec<_> = server.received().into_iter().map(|call| call.page_token).collect();
    assert_eq!(tokens, ["", "b", "c"]);
}

#[tokio::test]
async fn a_page_that_nobody_reads_is_not_fetched() {
    let (server, builder) = ScriptedServer::start(|_| ScriptedAnswer::Page(2, "more")).await;
    let client = builder.connect().await.unwrap();
    let listing = client.directory().list_topics();
    assert_eq!(server.received().len(), 0);
    assert_eq!(listing.take_up_to(2).await.unwrap().len(), 2);
    assert_eq!(server.received().len(), 1);
}

#[tokio::test]
async fn a_list_that_goes_in_circles_ends_with_an_error() {
    let (server, builder) = ScriptedServer::start(|_| ScriptedAnswer::Page(1, "same")).await;
    let error = builder.connect().await.unwrap().directory().list_topics().take_up_to(100).await.unwrap_err();
    assert_eq!(error.code(), Code::Internal);
    assert_eq!(server.received().len(), 2);
}
