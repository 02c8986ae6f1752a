//! Seats on the database: 200 calls that wait are answered in the order of their arrival by 50 seats, on three servers
//! of which one is dropped on the way; and a call is at one seat, and a seat has one call. Injected bugs show that the
//! check finds an unfair queue and a double offer.

use std::sync::Arc;

use hotline_proto::v1 as pb;
use hotline_proto::v1::{ErrorReason, Role};
use hotline_server::access::{Caller, Permit, permit};
use hotline_server::desk::call::Calls;
use hotline_server::desk::call::details::CallDetails;
use hotline_server::desk::call::report_call::ReportCall;
use hotline_server::desk::seat::list_seats::SeatFilter;
use hotline_server::desk::seat::model::SeatSetup;
use hotline_server::desk::seat::offer_call::OfferCall;
use hotline_server::desk::seat::set_seat_status::SetSeatStatus;
use hotline_server::desk::seat::{Seat, SeatCall, SeatStatus, Seats};
use hotline_server::identity::CallNumbers;
use hotline_server::platform::Fault;
use hotline_server::ticket::dated::Earliest;
use hotline_server::ticket::{CallId, CallKey, ExchangeId};
use sea_orm::ConnectionTrait as _;
use tokio::sync::Mutex;

use super::both;
use super::fixture::{Database, Hotline, new_key};
use super::seat_history::History;

both! {
    waiting_calls_are_answered_in_the_order_of_their_arrival
    an_unfair_queue_and_a_double_offer_are_found
}

/// Calls that wait.
const CALLS: usize = 200;
/// Seats that answer them.
const SEATS: usize = 50;
/// How often a request is sent before the database counts as away.
const TRIES_MAX: u32 = 40;

pub(super) fn seats(hotline: &Hotline) -> Seats {
    let (rules, vault) = (hotline.ledger.rules().clone(), hotline.ledger.vault().clone());
    Seats::new(hotline.store.clone(), hotline.clock.clone(), rules, vault, hotline.feed())
}

pub(super) fn grant(service: &str, method: &str, role: Role, principal: &str) -> Permit {
    let row = permit::method_of(&format!("/hotline.v1.{service}/{method}")).expect("a method");
    let caller = Caller { principal: principal.to_owned(), roles: vec![role], ..Caller::default() };
    Permit::grant(caller, row).expect("the role may call it")
}

pub(super) fn agent(method: &str, principal: &str) -> Permit {
    grant("SeatService", method, Role::Agent, principal)
}

fn exchange(method: &str) -> Permit {
    grant("SeatService", method, Role::Telephony, "switch")
}

/// Sends a request again with its id as long as the database is away, as every client does.
macro_rules! again {
    ($request:expr) => {{
        let mut outcome = $request;
        for _ in 0..TRIES_MAX {
            match outcome {
                Err(Fault { reason: ErrorReason::Unavailable, .. }) => outcome = $request,
                _ => break,
            }
        }
        outcome
    }};
}

pub(super) fn code_of(place: usize) -> String {
    format!("seat-{place:02}")
}

pub(super) fn agent_of(code: &str) -> String {
    format!("agent of {code}")
}

pub(super) async fn put_seat(seats: &Seats, code: &str, is_training: bool) {
    let setup = SeatSetup {
        code: code.to_owned(),
        name: "企业专席".to_owned(),
        skills: vec!["enterprise".to_owned()],
        is_training,
        is_active: true,
        version: 0,
    };
    let permit = grant("DirectoryService", "PutSeat", Role::Administrator, "administrator");
    let answer = |_: &Seat| pb::PutSeatResponse::default();
    seats.put_seat(&permit, new_key(), (setup, None), answer).await.expect("the seat is put");
}

pub(super) async fn sign_in(seats: &Seats, code: &str) -> Result<(), Fault> {
    let key = new_key();
    let permit = agent("SignIn", &agent_of(code));
    let signed_in =
        again!(seats.sign_in(&permit, key.clone(), code.to_owned(), |_| pb::SignInResponse::default()).await);
    signed_in.map(drop)
}

pub(super) async fn ready(seats: &Seats, code: &str) -> Result<(), Fault> {
    let key = new_key();
    let permit = agent("SetSeatStatus", &agent_of(code));
    let command = SetSeatStatus { status: SeatStatus::Ready, break_reason: None };
    let set = again!(
        seats.set_seat_status(&permit, key.clone(), command, |_| pb::SetSeatStatusResponse::default()).await
    );
    set.map(drop)
}

pub(super) async fn new_call(hotline: &Hotline, reference: &str) -> CallId {
    let calls = Calls {
        store: hotline.store.clone(),
        clock: hotline.clock.clone(),
        rules: hotline.ledger.rules().clone(),
        vault: hotline.ledger.vault().clone(),
    };
    let began_at = hotline.clock.now();
    let id = ExchangeId::Reference { reference: reference.to_owned(), began_at };
    let details = CallDetails { began_at: Some(Earliest(began_at)), ..CallDetails::default() };
    let key = CallKey { system: "switch".to_owned(), id };
    let part = ReportCall { key, details, numbers: CallNumbers::default() };
    let permit = grant("CallService", "ReportCall", Role::Telephony, "switch");
    let answer = |id: &CallId| pb::ReportCallResponse { call_id: id.to_string() };
    let reported = calls.report_call(&permit, new_key(), part, answer).await.expect("the part is taken");
    CallId::parse(&reported.call_id).expect("an id")
}

fn standing(call: &SeatCall) -> pb::OfferCallResponse {
    let call = pb::SeatCall {
        state: call.state.stored().into(),
        seat: call.seat.clone().unwrap_or_default(),
        position: i32::try_from(call.position).unwrap_or_default(),
        ..Default::default()
    };
    pb::OfferCallResponse { call: Some(call) }
}

pub(super) async fn offer(seats: &Seats, call: &CallId) -> Result<pb::SeatCall, Fault> {
    let key = new_key();
    let offer = OfferCall { call: call.clone(), skill: "enterprise".to_owned(), wish: None };
    let offered =
        again!(seats.offer_call(&exchange("OfferCall"), key.clone(), offer.clone(), standing).await);
    offered.map(|offered| offered.call.unwrap_or_default())
}

pub(super) async fn answer(seats: &Seats, call: &CallId, code: &str) -> Result<(), Fault> {
    let key = new_key();
    let answered = again!(
        seats
            .answer_call(&exchange("AnswerCall"), key.clone(), (call.clone(), code.to_owned()), |_| {
                pb::AnswerCallResponse::default()
            })
            .await
    );
    answered.map(drop)
}

pub(super) async fn end(seats: &Seats, call: &CallId) -> Result<(), Fault> {
    let key = new_key();
    let ended = again!(
        seats
            .end_call(&exchange("EndCall"), key.clone(), call.clone(), |_| pb::EndCallResponse::default())
            .await
    );
    ended.map(drop)
}

pub(super) async fn seat(seats: &Seats, code: &str) -> Seat {
    let all = again!(seats.list_seats(&SeatFilter::default(), None, 200).await).expect("they can be read");
    all.into_iter().find(|seat| seat.setup.code == code).expect("it is there")
}

/// The calls in the order of the decisions that offered them first.
async fn first_offers(hotline: &Hotline) -> Vec<CallId> {
    let sql = "SELECT call_id FROM seat_call WHERE first_offer IS NOT NULL ORDER BY first_offer, arrival";
    let rows = hotline.rows(sql).await;
    rows.iter().map(|row| CallId(row.try_get_by_index(0).expect("an id"))).collect()
}

/// The servers of one database: three of PostgreSQL, and one of SQLite, which allows no more.
async fn servers(database: &Database) -> Vec<Hotline> {
    let mut servers = vec![Hotline::open(database).await];
    if matches!(database, Database::Postgres(_)) {
        servers.push(Hotline::open(database).await);
        servers.push(Hotline::open(database).await);
    }
    servers
}

/// Works as one seat until nothing waits: it becomes ready, takes what is offered, and ends it.
async fn work(
    servers: Arc<Vec<Seats>>,
    code: String,
    history: Arc<Mutex<History>>,
    dropped: Arc<Mutex<bool>>,
) {
    for round in 0_usize.. {
        let place = round + code.len();
        // A server that was dropped answers nobody.
        let is_dropped = *dropped.lock().await;
        let alive = if is_dropped && servers.len() > 1 { &servers[1..] } else { &servers[..] };
        let seats = &alive[(place + usize::from(code.ends_with('7'))) % alive.len()];
        ready(seats, &code).await.expect("the agent is signed in");
        let Some(call) = seat(seats, &code).await.call else { break };
        answer(seats, &call, &code).await.expect("it is offered to this seat");
        history.lock().await.answers.entry(call.clone()).or_default().push(code.clone());
        tokio::task::yield_now().await;
        end(seats, &call).await.expect("it ends");
    }
}

/// Fills the queue; returns the calls in the order of their arrival.
async fn fill_queue(hotline: &Hotline, seats: &Seats, count: usize) -> Vec<CallId> {
    let mut arrived = Vec::new();
    for place in 0..count {
        let call = new_call(hotline, &format!("call-{place}")).await;
        let placed = offer(seats, &call).await.expect("it joins the queue");
        assert_eq!(placed.state, pb::SeatCallState::Waiting as i32);
        assert_eq!(placed.position, i32::try_from(place + 1).expect("small"));
        arrived.push(call);
    }
    arrived
}

async fn waiting_calls_are_answered_in_the_order_of_their_arrival(database: Database) {
    let hotlines = servers(&database).await;
    let servers: Arc<Vec<_>> = Arc::new(hotlines.iter().map(seats).collect());
    for place in 0..SEATS {
        put_seat(&servers[0], &code_of(place), false).await;
        sign_in(&servers[place % servers.len()], &code_of(place)).await.expect("the seat is free");
    }
    let arrived = fill_queue(&hotlines[0], &servers[0], CALLS).await;
    let history = Arc::new(Mutex::new(History { arrived: arrived.clone(), ..History::default() }));
    // The seats become ready one after the other: each gets the call that waits longest.
    for (place, call) in arrived.iter().take(SEATS).enumerate() {
        ready(&servers[place % servers.len()], &code_of(place)).await.expect("it is signed in");
        let offered = seat(&servers[0], &code_of(place)).await;
        assert_eq!((offered.status, offered.call.as_ref()), (SeatStatus::Offered, Some(call)), "{place}");
    }
    let dropped = Arc::new(Mutex::new(false));
    let mut tasks = Vec::new();
    for place in 0..SEATS {
        let (servers, history, dropped) = (Arc::clone(&servers), Arc::clone(&history), Arc::clone(&dropped));
        let code = code_of(place);
        tasks.push(tokio::spawn(async move {
            let call = seat(&servers[0], &code).await.call.expect("one is offered");
            answer(&servers[0], &call, &code).await.expect("it is offered to this seat");
            history.lock().await.answers.entry(call.clone()).or_default().push(code.clone());
            end(&servers[0], &call).await.expect("it ends");
            work(servers, code, history, dropped).await;
        }));
    }
    if hotlines.len() > 1 {
        // The first server dies in the middle: its connections end, whatever they were doing.
        *dropped.lock().await = true;
        database.kill_backends();
    }
    for task in tasks {
        task.await.expect("no seat panics");
    }
    let mut history = history.lock().await;
    history.first_offers = first_offers(&hotlines[0]).await;
    assert_eq!((history.first_offers.len(), history.answers.len()), (CALLS, CALLS), "each call was answered");
    assert_eq!(history.faults(), Vec::<String>::new());
    let left = hotlines[0].count("SELECT COUNT(*) FROM seat_call WHERE state <> 4").await;
    assert_eq!(left, 0, "the queue is empty");
}

/// Drains a few calls with one seat; records in which order they are offered, and by whom they are answered.
async fn drain(hotline: &Hotline, seats: &Seats, arrived: Vec<CallId>, is_double: bool) -> History {
    let count = arrived.len();
    let mut history = History { arrived, ..History::default() };
    for place in 0..count {
        ready(seats, "seat-00").await.expect("it is signed in");
        let Some(call) = seat(seats, "seat-00").await.call else { break };
        history.first_offers.push(call.clone());
        let mut seats_of_call = vec!["seat-00"];
        if is_double && place == 1 {
            seats_of_call.push("seat-01");
        }
        for code in seats_of_call {
            if code == "seat-01" {
                give_to_second_seat(hotline, &call).await;
            }
            if answer(seats, &call, code).await.is_ok() {
                history.answers.entry(call.clone()).or_default().push(code.to_owned());
            }
        }
        end(seats, &call).await.expect("it ends");
    }
    history
}

/// An injected bug: the call that a seat speaks on is offered to another one too.
async fn give_to_second_seat(hotline: &Hotline, call: &CallId) {
    let sql = format!("UPDATE seat_call SET state = 2, seat = 'seat-01' WHERE call_id = '{call}'");
    hotline.store.migrating().execute_unprepared(&sql).await.expect("the owner may");
}

async fn an_unfair_queue_and_a_double_offer_are_found(database: Database) {
    for (is_unfair, is_double) in [(false, false), (true, false), (false, true)] {
        let hotline = Hotline::open(&database).await;
        let seats = seats(&hotline);
        for place in 0..2 {
            put_seat(&seats, &code_of(place), false).await;
        }
        sign_in(&seats, "seat-00").await.expect("the seat is free");
        let mut arrived = Vec::new();
        for place in 0..6 {
            let call = new_call(&hotline, &format!("{is_unfair}-{is_double}-{place}")).await;
            offer(&seats, &call).await.expect("it joins the queue");
            arrived.push(call);
        }
        if is_unfair {
            // An injected bug: the order of arrivals is turned round.
            let sql = "UPDATE seat_call SET arrival = -arrival WHERE state = 1";
            hotline.store.migrating().execute_unprepared(sql).await.expect("the owner may");
        }
        let history = drain(&hotline, &seats, arrived, is_double).await;
        let faults = history.faults();
        assert_eq!(!faults.is_empty(), is_unfair || is_double, "{faults:?}");
        hotline.store.close().await;
    }
}
