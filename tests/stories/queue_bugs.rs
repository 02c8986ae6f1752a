//! Bugs of the product that its tests must find: a queue that is unfair, and a call that is offered to two seats. They
//! are injected into the program of the server.

use std::collections::BTreeMap;

use hotline_client::{
    AnswerCall, CallDetails, CallKey, ClientKind, CreateClient, EndCall, HotlineClient, IssueCredential,
    OfferCall, Proof, PutSeat, ReportCall, Role, SeatSetup, SetSeatStatus, SignIn,
};

use super::test_env::{OPENING, TestEnv};
use crate::support::server::{Options, Store};

on_every_store!(store: an_unfair_queue_and_a_double_offer_are_found);

/// Calls that wait.
const CALLS: usize = 6;
/// Seats that answer them in turn.
const SEATS: [&str; 2] = ["1001", "1002"];

async fn an_unfair_queue_and_a_double_offer_are_found(store: Store) {
    for (bug, expected) in
        [(None, ""), (Some("bug.queue_unfairly"), "overtaken"), (Some("bug.offer_twice"), "two seats")]
    {
        let failpoints = bug.map(|bug| format!("{bug}=return")).unwrap_or_default();
        let options = Options::default().simulated_clock(OPENING).variable("FAILPOINTS", &failpoints);
        let env = TestEnv::with(store, options);
        let faults = drain(&env).await;
        let is_found = if expected.is_empty() { faults.is_empty() } else { faults.contains(&expected) };
        assert!(is_found, "{bug:?}: {faults:?}");
    }
}

/// The agents of the seats, signed in.
async fn agents(env: &TestEnv) -> Vec<HotlineClient> {
    let administrator = env.client("administrator");
    let mut agents = Vec::new();
    for seat in SEATS {
        let setup = SeatSetup::new(seat, "企业专席", "enterprise");
        administrator.directory().put_seat(PutSeat::new(setup)).await.expect("an administrator puts seats");
        let (admin, name) = (administrator.admin(), format!("agent-of-{seat}"));
        let create = CreateClient::new(&name, ClientKind::Staff, &[Role::Agent], "seats");
        admin.create_client(create).await.expect("a new name");
        let issued = admin.issue_credential(IssueCredential::new(&name, Proof::Token)).await;
        let token = issued.expect("an administrator issues credentials").token.expect("a token");
        let agent = env.client("agent").with_token(token).expect("a token fits into a header");
        agent.seats().sign_in(SignIn::new(seat)).await.expect("the seat is free");
        agents.push(agent);
    }
    agents
}

/// Fills the queue, and lets the seats answer it. Returns which rules were broken.
async fn drain(env: &TestEnv) -> Vec<&'static str> {
    let agents = agents(env).await;
    let (calls, exchange) = (env.client("telephony").calls(), env.client("telephony").seats());
    let mut arrived = Vec::new();
    for place in 0..CALLS {
        let began = env.now().await;
        let key = CallKey::reference("switch-3", format!("call-{place}"), began);
        let call = calls.report_call(ReportCall::new(key, began, CallDetails::default())).await;
        let call = call.expect("telephony reports calls");
        exchange.offer_call(OfferCall::new(&call, "enterprise")).await.expect("it joins the queue");
        arrived.push(call);
    }
    let mut answers: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    let mut order = Vec::new();
    for _ in 0..CALLS {
        let mut at_seats = Vec::new();
        for (agent, seat) in agents.iter().zip(SEATS) {
            let ready = agent.seats().set_seat_status(SetSeatStatus::ready()).await;
            let Some(call) = ready.expect("no call is at the seat").call_id else { continue };
            if exchange.answer_call(AnswerCall::new(&call, seat)).await.is_ok() {
                answers.entry(call.clone()).or_default().push(seat);
            }
            order.extend(arrived.iter().position(|one| *one == call));
            at_seats.push(call);
        }
        for call in at_seats {
            exchange.end_call(EndCall::new(&call)).await.expect("it ends");
        }
    }
    let mut faults = Vec::new();
    if answers.values().any(|seats| seats.len() > 1) {
        faults.push("two seats");
    }
    if !order.is_sorted() {
        faults.push("overtaken");
    }
    faults
}
