//! A database that takes no writes for a while, as a standby before its promotion. Callers are asked to come back,
//! health says it, and a server that starts waits.

use std::time::{Duration, Instant};

use hotline_client::Uuid;
use hotline_proto::v1 as pb;
use hotline_proto::v1::ticket_service_client::TicketServiceClient;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_types::StatusExt as _;

use super::test_env::{LEAD, TestEnv, appeal, of_canary, with_token};
use crate::support::postgres::{self, Cluster};
use crate::support::server::{Server, Store};
use crate::support::{canary, wait};

/// The longest time until health reports the outage: two of its intervals, and what a busy machine adds.
const NOTICED_WITHIN: Duration = Duration::from_secs(4 + 2);

/// A database that an administrator makes read-only.
struct OwnDatabase {
    cluster: &'static Cluster,
    url: String,
}

impl OwnDatabase {
    fn of(server: &Server) -> Option<Self> {
        let url = server.database().expect("it serves PostgreSQL").to_owned();
        Some(Self { cluster: postgres::shared()?, url })
    }

    /// Changes the setting for new sessions, and ends all others.
    fn set_read_only(&self, setting: &str) {
        let (cluster, name) = self.url.rsplit_once('/').expect("a URL ends with the database");
        let change = format!("ALTER DATABASE {name} {setting} default_transaction_read_only");
        let change = if setting == "SET" { change + " = on" } else { change };
        tokio::task::block_in_place(|| {
            self.cluster.psql(&format!("{cluster}/postgres"), &change);
            self.cluster.kill_backends(&self.url);
        });
    }
}

fn channel(endpoint: &str) -> Channel {
    Endpoint::from_shared(endpoint.to_owned()).expect("the address is an endpoint").connect_lazy()
}

/// What health says; `None` if nobody answers.
async fn health(endpoint: &str) -> Option<ServingStatus> {
    let checked = HealthClient::new(channel(endpoint)).check(HealthCheckRequest::default()).await;
    Some(checked.ok()?.into_inner().status())
}

async fn await_health(endpoint: &str, wanted: ServingStatus) {
    wait::until(&format!("health says {wanted:?}"), async || health(endpoint).await == Some(wanted)).await;
}

/// Checks that a refusal asks the caller to come back.
fn assert_asks_to_come_back<T: std::fmt::Debug>(what: &str, outcome: Result<T, Status>) {
    let refused = outcome.expect_err(what);
    let details = refused.get_error_details();
    assert_eq!(refused.code(), Code::Unavailable, "{what}: {refused:?}");
    assert_eq!(details.error_info().map(|info| info.reason.as_str()), Some("UNAVAILABLE"), "{what}");
    assert!(details.retry_info().is_some_and(|info| info.retry_delay.is_some()), "{what}: {details:?}");
}

/// A request with an id of its own, always the same.
fn create() -> pb::CreateTicketRequest {
    pb::CreateTicketRequest {
        request_id: Uuid::from_u128(77).to_string(),
        category: pb::TicketCategory::Appeal.into(),
        complexity: pb::TicketComplexity::General.into(),
        channel: pb::Channel::Web.into(),
        subject: "询问变更登记的进度".to_owned(),
        content: "提交材料后至今没有答复。".to_owned(),
        ..Default::default()
    }
}

/// Makes calls that write, in groups and alone: commands, and reads that are recorded.
async fn assert_every_write_is_refused_for_now(endpoint: &str, [agent, dispatcher]: [&str; 2], number: &str) {
    let number = number.to_owned();
    let dispatch = pb::DispatchTicketRequest {
        request_id: Uuid::from_u128(78).to_string(),
        ticket_number: number.clone(),
        lead_unit: LEAD.to_owned(),
        ..Default::default()
    };
    let get = pb::GetTicketRequest { ticket_number: number.clone(), ..Default::default() };
    let reveal = pb::RevealIdentityRequest {
        request_id: Uuid::from_u128(79).to_string(),
        ticket_number: number,
        purpose: pb::RevealPurpose::Contact.into(),
        note: "回访，核对联系方式".to_owned(),
    };
    let look_up = pb::ListTicketsRequest {
        filter: Some(pb::TicketFilter { contact_phone: canary::PHONE.to_owned(), ..Default::default() }),
        ..Default::default()
    };
    let client = || TicketServiceClient::new(channel(endpoint));
    let (mut creating, mut dispatching, mut getting) = (client(), client(), client());
    let (mut revealing, mut looking_up) = (client(), client());
    // At once, because each call waits for a connection first.
    let (create_answer, dispatch_answer, got, revealed, found) = tokio::join!(
        creating.create_ticket(with_token(agent, create())),
        dispatching.dispatch_ticket(with_token(dispatcher, dispatch)),
        getting.get_ticket(with_token(agent, get)),
        revealing.reveal_identity(with_token(agent, reveal)),
        looking_up.list_tickets(with_token(agent, look_up)),
    );
    assert_asks_to_come_back("CreateTicket", create_answer);
    assert_asks_to_come_back("DispatchTicket", dispatch_answer);
    assert_asks_to_come_back("GetTicket with the caller", got);
    assert_asks_to_come_back("RevealIdentity", revealed);
    assert_asks_to_come_back("ListTickets by telephone", found);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_only_database_is_a_delay_and_not_an_error() {
    if postgres::shared().is_none() {
        return;
    }
    let env = TestEnv::open(Store::Postgres);
    let database = OwnDatabase::of(&env.server).expect("it is running");
    let number = env.take_in(of_canary(appeal())).await.number;
    let endpoint = env.server.endpoint();
    await_health(&endpoint, ServingStatus::Serving).await;

    database.set_read_only("SET");
    let begun = Instant::now();
    await_health(&endpoint, ServingStatus::NotServing).await;
    assert!(begun.elapsed() < NOTICED_WITHIN, "health took {:?}", begun.elapsed());

    let (agent, dispatcher) = (env.server.token("agent"), env.server.token("dispatcher"));
    Box::pin(assert_every_write_is_refused_for_now(&endpoint, [&agent, &dispatcher], &number)).await;

    database.set_read_only("RESET");
    await_health(&endpoint, ServingStatus::Serving).await;
    // The same requests again: each is done once.
    let mut client = TicketServiceClient::new(channel(&endpoint));
    let first = client.create_ticket(with_token(&agent, create())).await.expect("it is taken in");
    let again = client.create_ticket(with_token(&agent, create())).await.expect("it is answered again");
    let number_of = |answer: tonic::Response<pb::CreateTicketResponse>| {
        answer.into_inner().ticket.map(|ticket| ticket.number)
    };
    assert_eq!(number_of(first), number_of(again));
    assert_eq!(env.all_tickets().await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_waits_for_a_database_that_takes_no_writes() {
    if postgres::shared().is_none() {
        return;
    }
    let env = TestEnv::open(Store::Postgres);
    let TestEnv { mut server, .. } = env;
    let database = OwnDatabase::of(&server).expect("it is running");
    let (endpoint, agent) = (server.endpoint(), server.token("agent"));
    server.kill();
    database.set_read_only("SET");
    let starting = tokio::task::spawn_blocking(move || {
        server.restart();
        server
    });
    await_health(&endpoint, ServingStatus::NotServing).await;
    let list = with_token(&agent, pb::ListTicketsRequest::default());
    assert_asks_to_come_back(
        "ListTickets",
        TicketServiceClient::new(channel(&endpoint)).list_tickets(list).await,
    );
    assert!(!starting.is_finished(), "it serves a database that takes no writes");

    database.set_read_only("RESET");
    let server = starting.await.expect("it serves");
    await_health(&endpoint, ServingStatus::Serving).await;
    let log = server.output();
    assert_eq!(log.matches("the database is away; the start waits for it").count(), 1, "{log}");
    assert!(log.contains("the database answers; the server starts"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_waits_for_its_database_within_a_limit() {
    if postgres::shared().is_none() {
        return;
    }
    let TestEnv { mut server, .. } = TestEnv::open(Store::Postgres);
    let database = OwnDatabase::of(&server).expect("it is running");
    server.kill();
    database.set_read_only("SET");
    server.set_options(server.options().clone().set("database_wait_seconds", "1"));
    let said = tokio::task::block_in_place(|| server.refused_start());
    assert!(said.contains("read-only"), "{said}");
    database.set_read_only("RESET");
}
