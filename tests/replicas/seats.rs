//! Calls that wait on two servers, of which one is killed while seats answer them: each call is answered at one seat,
//! and the calls are offered in the order of their arrival. A reader of the stream of seats misses no call.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use hotline_client::{
    AnswerCall, CallDetails, CallKey, ClientKind, CreateClient, EndCall, Error, ErrorReason, HotlineClient,
    IssueCredential, OfferCall, Proof, PutSeat, ReportCall, Role, SeatCallState, SeatItem, SeatSetup,
    SeatWatch, SetSeatStatus, SignIn,
};
use hotline_server::platform::Store as Database;
use sea_orm::{ConnectionTrait as _, Statement};
use tokio::sync::Mutex;

use crate::scenario::{blocking, run_slot};
use crate::support::server::{Options, Server, Store};
use crate::support::suite::TestResult;

/// Calls that wait.
const CALLS: usize = 24;
/// Seats that answer them.
const SEATS: usize = 6;
/// Calls that are answered before the server is killed.
const BEFORE_THE_KILL: usize = 6;
/// The deadline of a call with all its attempts.
const DEADLINE: Duration = Duration::from_mins(2);

/// The seats that answered each call.
type Answers = Arc<Mutex<BTreeMap<String, Vec<String>>>>;

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// A principal of the database as a client of all servers, beginning with the one at a place.
async fn principal(
    server: &Server,
    endpoints: &[String],
    (name, role): (&str, Role),
    place: usize,
) -> Result<HotlineClient, Error> {
    let administrator = HotlineClient::builder().endpoint(server.endpoint());
    let administrator = administrator.token(server.token("administrator")).connect().await?;
    let kind = if role == Role::Telephony { ClientKind::Machine } else { ClientKind::Staff };
    administrator.admin().create_client(CreateClient::new(name, kind, &[role], "seats")).await?;
    let issued = administrator.admin().issue_credential(IssueCredential::new(name, Proof::Token)).await?;
    let mut own = endpoints.to_vec();
    own.rotate_left(place % endpoints.len());
    let client =
        HotlineClient::builder().endpoints(own).token(issued.token.expect("a credential with a token"));
    client.deadline(DEADLINE).connect().await
}

/// Sends a request again as long as no server knows the answer.
macro_rules! again {
    ($request:expr) => {
        loop {
            match $request.await {
                Err(error) if error.is_unknown_outcome() => {}
                Err(error) if error.reason() == Some(ErrorReason::Unavailable) => {}
                outcome => break outcome,
            }
        }
    };
}

/// Works at a seat until no call is offered.
async fn work(
    agent: HotlineClient,
    exchange: HotlineClient,
    seat: String,
    answers: Answers,
) -> Result<(), Error> {
    loop {
        let call = match agent.seats().set_seat_status(SetSeatStatus::ready()).await {
            Ok(ready) => ready.call_id,
            // An earlier attempt was carried out, and its answer was lost with the server.
            Err(error) if error.reason() == Some(ErrorReason::SeatBusy) => {
                again!(agent.seats().heartbeat())?.seat.call_id
            }
            Err(error) => return Err(error),
        };
        let Some(call) = call else { return Ok(()) };
        again!(exchange.seats().answer_call(AnswerCall::new(&call, &seat)))?;
        answers.lock().await.entry(call.clone()).or_default().push(seat.clone());
        again!(exchange.seats().end_call(EndCall::new(&call)))?;
    }
}

/// Fills the queue; returns the calls in the order of their arrival.
#[expect(clippy::disallowed_methods, reason = "the servers have the clock of this machine")]
async fn fill_queue(exchange: &HotlineClient) -> Result<Vec<String>, Error> {
    let mut arrived = Vec::new();
    for place in 0..CALLS {
        let began = Utc::now();
        let key = CallKey::reference("switch-3", format!("call-{place}"), began);
        let part = ReportCall::new(key, began, CallDetails::default());
        let call = exchange.calls().report_call(part).await?;
        exchange.seats().offer_call(OfferCall::new(&call, "enterprise")).await?;
        arrived.push(call);
    }
    Ok(arrived)
}

/// Reads the stream of seats over the kill until all calls have ended; returns those that it has seen to end.
async fn watch(mut stream: SeatWatch) -> Result<BTreeSet<String>, Error> {
    let mut ended = BTreeSet::new();
    while ended.len() < CALLS {
        if let SeatItem::Call(call) = stream.next().await?
            && call.state == SeatCallState::Ended
        {
            ended.insert(call.call_id);
        }
    }
    Ok(ended)
}

/// The calls in the order of the decisions that offered them first.
async fn first_offers(url: &str) -> Result<Vec<String>, String> {
    let store = Database::open_postgres(url, 1).await.map_err(text)?;
    let sql = "SELECT call_id FROM seat_call ORDER BY first_offer, arrival";
    let statement = Statement::from_string(store.reader().get_database_backend(), sql);
    let rows = store.reader().query_all_raw(statement).await.map_err(text)?;
    let order = rows.iter().map(|row| row.try_get_by_index(0).map_err(text)).collect();
    store.close().await;
    order
}

/// The test.
pub(crate) async fn drain_in_order() -> TestResult {
    let _slot = run_slot().await;
    let options = Options::default()
        .set("policy.intake.hours_open", "\"00:00\"")
        .set("policy.seats.offer_timeout_seconds", "300")
        .set("policy.seats.heartbeat_timeout_seconds", "3600")
        .set("policy.seats.queue_wait_max_seconds", "86400");
    let (mut server, other) = blocking(|| {
        let server = Server::start(Store::Postgres, options);
        let other = server.beside();
        (server, other)
    })
    .await;
    let endpoints = vec![server.endpoint(), other.endpoint()];
    let exchange = principal(&server, &endpoints, ("switch-3", Role::Telephony), 1).await.map_err(text)?;
    let watching = principal(&server, &endpoints, ("watcher", Role::Supervisor), 0).await.map_err(text)?;
    let administrator = HotlineClient::builder().endpoint(server.endpoint());
    let administrator = administrator.token(server.token("administrator")).connect().await.map_err(text)?;
    let mut agents = Vec::new();
    for place in 0..SEATS {
        let seat = format!("{}", 1_001 + place);
        let setup = SeatSetup::new(&seat, "企业专席", "enterprise");
        administrator.directory().put_seat(PutSeat::new(setup)).await.map_err(text)?;
        let name = format!("agent-of-{seat}");
        let agent = principal(&server, &endpoints, (&name, Role::Agent), place).await.map_err(text)?;
        agent.seats().sign_in(SignIn::new(&seat)).await.map_err(text)?;
        agents.push((agent, seat));
    }
    let arrived = fill_queue(&exchange).await.map_err(text)?;
    // The stream is open on the server that is killed before the first call ends.
    let mut stream = watching.seats().watch_seats(0).await.map_err(text)?;
    while stream.next().await.map_err(text)? != SeatItem::Checkpoint {}
    let watched = tokio::spawn(watch(stream));
    let answers = Answers::default();
    let working: Vec<_> = agents
        .into_iter()
        .map(|(agent, seat)| tokio::spawn(work(agent, exchange.clone(), seat, Arc::clone(&answers))))
        .collect();
    while answers.lock().await.len() < BEFORE_THE_KILL {
        tokio::task::yield_now().await;
    }
    server.kill();
    for seat in working {
        seat.await.map_err(text)?.map_err(text)?;
    }
    let seen = watched.await.map_err(text)?.map_err(text)?;
    let url = other.database().ok_or("the servers are on PostgreSQL")?;
    check(&arrived, &*answers.lock().await, &first_offers(url).await?, &seen)
}

/// What must hold afterwards.
fn check(
    arrived: &[String],
    answers: &BTreeMap<String, Vec<String>>,
    order: &[String],
    seen: &BTreeSet<String>,
) -> TestResult {
    let several: Vec<_> = answers.iter().filter(|(_, seats)| seats.len() != 1).collect();
    if !several.is_empty() || answers.len() != arrived.len() {
        return Err(format!("{} calls were answered, and these several times: {several:?}", answers.len()));
    }
    if order != arrived {
        return Err(format!("arrived {arrived:?}, offered {order:?}"));
    }
    if !arrived.iter().all(|call| seen.contains(call)) {
        return Err(format!("the stream has shown {} of {} calls", seen.len(), arrived.len()));
    }
    Ok(format!("{} calls in order at {SEATS} seats, one server killed", arrived.len()))
}
