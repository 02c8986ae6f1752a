//! The lifecycle of a server: ready, stopping, stopped. Health reports it, running calls are finished, and no peer can
//! keep it from ending.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use hotline_client::{CallOptions, ErrorReason, RetryPolicy};
use hotline_proto::v1 as pb;
use tonic::Streaming;
use tonic::transport::{Channel, Endpoint};
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};
use tonic_types::StatusExt as _;

use super::open_call::OpenCall;
use super::test_env::{OPENING, TestEnv, appeal, with_token};
use crate::support::postgres;
use crate::support::server::{Options, Server, Store};

on_every_store!(store:
    health_says_when_it_serves,
    a_shutdown_finishes_calls_in_flight,
    a_silent_peer_does_not_delay_the_shutdown,
    a_peer_without_a_preface_is_disconnected,
    a_call_past_its_deadline_is_refused_with_its_reason,
);

/// Longer than any successful wait here.
const WAIT_MAX: Duration = Duration::from_secs(25);

fn server(store: Store, keys: &[(&str, &str)]) -> Server {
    let options = Options::default().simulated_clock(OPENING);
    Server::start(store, keys.iter().fold(options, |options, (key, value)| options.set(key, value)))
}

fn channel(server: &Server) -> Channel {
    Endpoint::from_shared(server.endpoint()).expect("the address is an endpoint").connect_lazy()
}

fn address(server: &Server) -> String {
    server.endpoint().trim_start_matches("http://").to_owned()
}

async fn watch(channel: Channel, service: &str) -> Streaming<HealthCheckResponse> {
    let request = HealthCheckRequest { service: service.to_owned() };
    HealthClient::new(channel).watch(request).await.expect("health can be watched").into_inner()
}

/// Waits for a status of health.
async fn await_health(health: &mut Streaming<HealthCheckResponse>, wanted: ServingStatus) {
    let waiting = async {
        while let Some(answer) = health.message().await.expect("the health stream goes on") {
            if answer.status() == wanted {
                return;
            }
        }
        panic!("health ended without {wanted:?}");
    };
    tokio::time::timeout(WAIT_MAX, waiting).await.expect("health changes in time");
}

async fn health_says_when_it_serves(store: Store) {
    let mut server = server(store, &[("shutdown.pre_drain_ms", "1500")]);
    let mut watched = Vec::new();
    for service in
        ["", "hotline.v1.TicketService", "hotline.v1.DirectoryService", "hotline.v1.SimulationService"]
    {
        let mut health = watch(channel(&server), service).await;
        await_health(&mut health, ServingStatus::Serving).await;
        watched.push(health);
    }
    let request = HealthCheckRequest { service: "hotline.v1.Nothing".to_owned() };
    let nothing =
        HealthClient::new(channel(&server)).check(request).await.expect_err("there is no such service");
    assert_eq!(nothing.code(), tonic::Code::NotFound);
    let reason = nothing.get_error_details().error_info().map(|info| info.reason.clone());
    assert_eq!(reason.as_deref(), Some("HEALTH_SERVICE_UNKNOWN"));

    let stopping = tokio::task::spawn_blocking(move || server.terminate());
    for health in &mut watched {
        await_health(health, ServingStatus::NotServing).await;
    }
    drop(watched);
    assert!(stopping.await.expect("it was stopped").success());
}

/// Health follows the database: without it, it is not serving; with it, it is, without any action.
#[tokio::test(flavor = "multi_thread")]
async fn health_follows_the_database() {
    let Some(cluster) = postgres::shared() else { return };
    let env = TestEnv::open(Store::Postgres);
    let mut health = watch(channel(&env.server), "").await;
    await_health(&mut health, ServingStatus::Serving).await;
    let database = env.server.database().expect("it serves PostgreSQL");
    let (cluster_url, name) = database.rsplit_once('/').expect("a URL ends with the database");
    let allow = |allowed: bool| {
        cluster.psql(
            &format!("{cluster_url}/postgres"),
            &format!("ALTER DATABASE {name} ALLOW_CONNECTIONS {allowed}"),
        );
    };
    let before = env.take_in(appeal()).await;
    assert!(cluster.kill_backends(database) > 0, "the server was connected");
    env.take_in(appeal()).await;

    // The last admitted connection is the one that ends all others.
    let ended_connections = cluster.psql(
        &format!("{cluster_url}/postgres"),
        &format!(
            "ALTER DATABASE {name} ALLOW_CONNECTIONS false; \
             SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '{name}'"
        ),
    );
    assert_ne!(ended_connections, "0");
    await_health(&mut health, ServingStatus::NotServing).await;
    let once = env.client("agent").with_options(&CallOptions::new().retry(RetryPolicy::never()));
    let refused = once.tickets().get_ticket(&before.number).await.expect_err("the database is unreachable");
    assert_eq!(refused.reason(), Some(ErrorReason::Unavailable), "{refused:?}");
    allow(true);
    await_health(&mut health, ServingStatus::Serving).await;
    assert_eq!(env.ticket(&before.number).await, before);
    assert_eq!(env.all_tickets().await.len(), 2);
}

/// Waits until an address no longer answers.
async fn await_closed_listener(address: &str) {
    let trying = async { while tokio::net::TcpStream::connect(address).await.is_ok() {} };
    tokio::time::timeout(WAIT_MAX, trying).await.expect("the listener is closed");
}

async fn a_shutdown_finishes_calls_in_flight(store: Store) {
    let mut server = server(store, &[("shutdown.pre_drain_ms", "100")]);
    let (token, address, channel) = (server.token("agent"), address(&server), channel(&server));
    let open_call = OpenCall::begin(channel.clone(), &token).await;
    // A later call on the same connection was answered, so the server has seen the open call.
    let mut raw = pb::ticket_service_client::TicketServiceClient::new(channel);
    raw.list_tickets(with_token(&token, pb::ListTicketsRequest::default())).await.expect("a list");

    let stopping = tokio::task::spawn_blocking(move || (server.terminate(), server));
    await_closed_listener(&address).await;
    let number = open_call.finish().await;
    let (status, mut server) = stopping.await.expect("it was stopped");
    assert_eq!(status.code(), Some(0));

    server.restart();
    let mut raw = pb::ticket_service_client::TicketServiceClient::new(self::channel(&server));
    let ticket = raw
        .get_ticket(with_token(&token, pb::GetTicketRequest { ticket_number: number, ..Default::default() }))
        .await;
    assert!(ticket.is_ok(), "an acknowledged ticket is stored: {ticket:?}");
}

async fn a_silent_peer_does_not_delay_the_shutdown(store: Store) {
    let keys = [
        ("shutdown.pre_drain_ms", "50"),
        ("shutdown.drain_ms", "1000"),
        ("limits.preface_timeout_ms", "600000"),
    ];
    let mut server = server(store, &keys);
    let silent_peers: Vec<_> =
        (0..3).map(|_| TcpStream::connect(address(&server)).expect("the connection is accepted")).collect();
    // Connections are accepted in order, so the silent ones were accepted before this answer.
    let mut health = watch(channel(&server), "").await;
    await_health(&mut health, ServingStatus::Serving).await;
    let start = Instant::now();
    let status = tokio::task::spawn_blocking(move || server.terminate()).await.expect("it was stopped");
    assert_eq!(status.code(), Some(0));
    assert!(start.elapsed() < Duration::from_secs(15), "it took {:?}", start.elapsed());
    drop((silent_peers, health));
}

/// Whether the server closes a connection in time after it received these bytes.
fn is_disconnected(address: &str, said: &[u8]) -> bool {
    let mut peer = TcpStream::connect(address).expect("the connection is accepted");
    peer.set_read_timeout(Some(WAIT_MAX)).expect("a socket takes a time-out");
    peer.write_all(said).expect("the peer can send");
    match peer.read(&mut [0; 1]) {
        Ok(read) => read == 0,
        Err(error) => error.kind() == ErrorKind::ConnectionReset,
    }
}

async fn a_peer_without_a_preface_is_disconnected(store: Store) {
    let server = server(store, &[("limits.preface_timeout_ms", "200")]);
    let mut health = watch(channel(&server), "").await;
    await_health(&mut health, ServingStatus::Serving).await;
    let address = address(&server);
    let disconnected = tokio::task::spawn_blocking(move || {
        ["", "P", "PRI * HTTP/2.0\r\n", "GET"].map(|said| is_disconnected(&address, said.as_bytes()))
    });
    assert_eq!(disconnected.await.expect("they were tried"), [true; 4]);
    // A connection with a preface may be silent for longer: the health stream still works.
    let mut server = server;
    let stopping = tokio::task::spawn_blocking(move || server.terminate());
    await_health(&mut health, ServingStatus::NotServing).await;
    drop(health);
    assert!(stopping.await.expect("it was stopped").success());
}

/// Sends a call over HTTP/1 and returns the whole answer, because gRPC clients would enforce the deadline themselves.
fn call_over_http1(address: &str, token: &str, timeout: &str) -> String {
    let mut peer = TcpStream::connect(address).expect("the connection is accepted");
    peer.set_read_timeout(Some(WAIT_MAX)).expect("a socket takes a time-out");
    let head = format!(
        "POST /hotline.v1.TicketService/ListTickets HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\
         authorization: Bearer {token}\r\ngrpc-timeout: {timeout}\r\n\
         content-type: application/grpc-web+proto\r\ncontent-length: 5\r\n\r\n"
    );
    peer.write_all(&[head.as_bytes(), &[0; 5]].concat()).expect("the peer can send");
    let mut answer = Vec::new();
    peer.read_to_end(&mut answer).expect("the answer ends");
    String::from_utf8_lossy(&answer).into_owned()
}

async fn a_call_past_its_deadline_is_refused_with_its_reason(store: Store) {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD_NO_PAD;

    let server = server(store, &[]);
    let (address, token) = (address(&server), server.token("agent"));
    let answers = tokio::task::spawn_blocking(move || {
        ["1m", "20S"].map(|timeout| call_over_http1(&address, &token, timeout))
    });
    let [refused, answered] = answers.await.expect("the calls were made");
    assert!(refused.contains("grpc-status: 4\r\n"), "{refused}");
    let details = refused.lines().find_map(|line| line.strip_prefix("grpc-status-details-bin: "));
    let details = STANDARD_NO_PAD.decode(details.expect("the refusal has details").trim_end_matches('='));
    let details = String::from_utf8_lossy(&details.expect("details are Base64")).into_owned();
    assert!(details.contains("google.rpc.ErrorInfo") && details.contains("DEADLINE_EXCEEDED"), "{details}");
    assert!(answered.contains("grpc-status:0"), "a call with enough time is answered: {answered}");
}
