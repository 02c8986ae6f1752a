//! 200 calls that wait are answered by 50 seats in the order of their arrival, on three real servers of which one is
//! killed on the way. On SQLite it is one server, which is killed and starts again.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use hotline_client::chrono::Utc;
use hotline_client::{
    AnswerCall, CallDetails, CallKey, ClientKind, CreateClient, EndCall, ErrorReason, HotlineClient,
    IssueCredential, OfferCall, Proof, PutSeat, ReportCall, Role, SeatCallState, SeatSetup, SetSeatStatus,
    SignIn,
};
use tokio::sync::{Mutex, Notify};

use super::test_env::TestEnv;
use crate::support::server::{Options, Server, Store};

on_every_store!(store: calls_are_answered_in_order_while_a_server_is_killed);

/// Calls that wait.
const CALLS: usize = 200;
/// Seats that answer them.
const SEATS: usize = 50;
/// Calls that are answered before the server is killed.
const BEFORE_THE_KILL: usize = 60;
/// The deadline of a call with all its attempts, on a machine that does other work too.
const DEADLINE: Duration = Duration::from_mins(2);

/// What the agents have done.
#[derive(Debug, Default)]
struct Answers {
    /// The seats that answered each call.
    by_call: Mutex<HashMap<String, Vec<String>>>,
    /// Woken with each answer.
    progress: Notify,
}

/// A principal of the database, whose token every server knows, as a client of all servers. The client of each place
/// begins with another server.
async fn principal(
    env: &TestEnv,
    endpoints: &[String],
    name: &str,
    role: Role,
    place: usize,
) -> HotlineClient {
    let kind = if role == Role::Telephony { ClientKind::Machine } else { ClientKind::Staff };
    let admin = env.client("administrator").admin();
    admin.create_client(CreateClient::new(name, kind, &[role], "seats")).await.expect("a new name");
    let issued = admin.issue_credential(IssueCredential::new(name, Proof::Token)).await;
    let token = issued.expect("an administrator issues credentials").token.expect("a token");
    let mut own = endpoints.to_vec();
    own.rotate_left(place % endpoints.len());
    let client = HotlineClient::builder().endpoints(own).token(token).deadline(DEADLINE).connect();
    client.await.expect("a server answers")
}

/// Asks again as long as no server knows the answer.
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
async fn work(agent: HotlineClient, exchange: HotlineClient, seat: String, answers: Arc<Answers>) {
    loop {
        let ready = agent.seats().set_seat_status(SetSeatStatus::ready()).await;
        let call = match ready {
            Ok(ready) => ready.call_id,
            // An earlier attempt was carried out, and its answer was lost with the server.
            Err(error) if error.reason() == Some(ErrorReason::SeatBusy) => {
                agent.seats().heartbeat().await.expect("the agent is signed in").seat.call_id
            }
            Err(error) => panic!("{seat}: {error}"),
        };
        let Some(call) = call else { break };
        let answered = again!(exchange.seats().answer_call(AnswerCall::new(&call, &seat)));
        answered.expect("it rings at this seat");
        answers.by_call.lock().await.entry(call.clone()).or_default().push(seat.clone());
        answers.progress.notify_one();
        again!(exchange.seats().end_call(EndCall::new(&call))).expect("it ends");
    }
}

#[expect(clippy::disallowed_methods, reason = "the servers have the clock of this machine")]
async fn fill_queue(exchange: &HotlineClient) -> Vec<String> {
    let mut arrived = Vec::new();
    for place in 0..CALLS {
        let began = Utc::now();
        let key = CallKey::reference("switch-3", format!("call-{place}"), began);
        let part = ReportCall::new(key, began, CallDetails::default());
        let call = exchange.calls().report_call(part).await.expect("the part is taken");
        let placed = exchange.seats().offer_call(OfferCall::new(&call, "enterprise")).await;
        assert_eq!(placed.expect("it joins the queue").state, SeatCallState::Waiting);
        arrived.push(call);
    }
    arrived
}

/// Kills a server when some calls were answered.
async fn kill_on_the_way(server: &mut Server, answers: &Answers) {
    while answers.by_call.lock().await.len() < BEFORE_THE_KILL {
        answers.progress.notified().await;
    }
    server.kill();
    if server.database().is_none() {
        server.restart();
    }
}

async fn calls_are_answered_in_order_while_a_server_is_killed(store: Store) {
    let options = Options::default()
        .set("policy.intake.hours_open", "\"00:00\"")
        .set("policy.seats.offer_timeout_seconds", "300")
        .set("policy.seats.heartbeat_timeout_seconds", "3600")
        .set("policy.seats.queue_wait_max_seconds", "86400");
    let mut env = TestEnv::with(store, options);
    let others: Vec<_> = env.server.database().map_or(0..0, |_| 0..2).map(|_| env.server.beside()).collect();
    let mut endpoints = vec![env.server.endpoint()];
    endpoints.extend(others.iter().map(Server::endpoint));
    let exchange = principal(&env, &endpoints, "switch-3", Role::Telephony, 1).await;
    let mut agents = Vec::new();
    for place in 0..SEATS {
        let seat = format!("{}", 1_001 + place);
        let setup = SeatSetup::new(&seat, "企业专席", "enterprise");
        env.client("administrator").directory().put_seat(PutSeat::new(setup)).await.expect("it is put");
        let agent = principal(&env, &endpoints, &format!("agent-of-{seat}"), Role::Agent, place).await;
        agent.seats().sign_in(SignIn::new(&seat)).await.expect("the seat is free");
        agents.push((agent, seat));
    }
    let arrived = fill_queue(&exchange).await;
    let answers = Arc::<Answers>::default();
    let working = agents
        .into_iter()
        .map(|(agent, seat)| tokio::spawn(work(agent, exchange.clone(), seat, Arc::clone(&answers))));
    let working: Vec<_> = working.collect();
    kill_on_the_way(&mut env.server, &answers).await;
    for seat in working {
        seat.await.expect("no seat panics");
    }

    let by_call = answers.by_call.lock().await;
    let several: Vec<_> = by_call.iter().filter(|(_, seats)| seats.len() != 1).collect();
    assert!(several.is_empty(), "calls with several answers: {several:?}");
    assert_eq!(by_call.len(), CALLS, "each call was answered");
    let order = first_offers(&env.server).await;
    let places: HashMap<_, _> =
        arrived.iter().enumerate().map(|(place, call)| (call.as_str(), place)).collect();
    let places: Vec<_> = order.iter().map(|(call, decision)| (*decision, places[call.as_str()])).collect();
    assert!(places.is_sorted_by_key(|(_, place)| *place), "{places:?}");
}

/// The calls with the numbers of the decisions that offered them first, in the order of these.
async fn first_offers(server: &Server) -> Vec<(String, i64)> {
    use sea_orm::{ConnectionTrait as _, Statement};

    let store = if let Some(url) = server.database() {
        hotline_server::platform::Store::open_postgres(url, 1).await
    } else {
        hotline_server::platform::Store::read_sqlite(&server.data_dir().join("hotline.sqlite")).await
    };
    let store = store.expect("the database can be opened");
    let sql = "SELECT call_id, first_offer FROM seat_call ORDER BY first_offer, arrival";
    let statement = Statement::from_string(store.reader().get_database_backend(), sql);
    let rows = store.reader().query_all_raw(statement).await.expect("the table can be read");
    let rows = rows.iter().map(|row| {
        let call: String = row.try_get_by_index(0).expect("an id");
        (call, row.try_get_by_index(1).expect("it was offered"))
    });
    let rows = rows.collect();
    store.close().await;
    rows
}
