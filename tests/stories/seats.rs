//! A day at the seats: agents sign in, an operator transfers calls with one key, the exchange offers them, a unit joins
//! a call at its policy number, and the companies that nobody could answer are called back.

use chrono::TimeDelta;
use hotline_client::{
    AnalyseTickets, AnswerCall, BreakReason, CallBackCause, CallBackState, CallDetails, CallKey, Channel,
    DeclineOffer, EndCall, ErrorReason, EventDetail, HotlineClient, ListSeats, ListUnits, OfferCall, PutSeat,
    PutShift, PutSkill, PutUnit, RecordCallBack, ReportCall, SeatCallState, SeatItem, SeatSetup, SeatStatus,
    SetSeatStatus, Shift, SignIn, SignOut, Skill, ThreeWayOutcome, TransferCall, Uuid,
};

use super::test_env::{LEAD, TestEnv, appeal, refused};
use crate::support::{canary, wait};

on_every_store!(env:
    a_day_at_the_seats,
    an_agent_has_one_seat_and_a_seat_one_agent,
    a_call_outside_the_hours_is_called_back,
    a_training_seat_marks_its_calls,
    a_wrap_up_that_lasts_too_long_ends_in_ready,
    a_stream_shows_seats_and_calls,
);

/// Two agents of the development credentials.
async fn agents(env: &TestEnv) -> [HotlineClient; 2] {
    use hotline_client::{ClientKind, CreateClient, IssueCredential, Proof, Role};

    let admin = env.client("administrator").admin();
    let create = CreateClient::new("zhao.lin", ClientKind::Staff, &[Role::Agent], "seat 12");
    admin.create_client(create).await.expect("an administrator makes clients");
    let issued = admin.issue_credential(IssueCredential::new("zhao.lin", Proof::Token)).await;
    let token = issued.expect("an administrator issues credentials").token.expect("a token");
    [env.client("agent"), env.client("agent").with_token(token).expect("a token fits into a header")]
}

async fn put_seats(env: &TestEnv, codes: &[&str]) {
    for code in codes {
        let setup = SeatSetup::new(*code, "企业专席", "enterprise");
        let put = env.client("administrator").directory().put_seat(PutSeat::new(setup)).await;
        assert_eq!(put.expect("an administrator puts seats").status, SeatStatus::SignedOut);
    }
}

/// A call that has just begun; returns its id.
async fn new_call(env: &TestEnv, reference: &str) -> String {
    let began = env.now().await;
    let details = CallDetails { calling_number: Some(canary::PHONE.to_owned()), ..CallDetails::default() };
    let part = ReportCall::new(CallKey::reference("switch-3", reference, began), began, details);
    env.client("telephony").calls().report_call(part).await.expect("telephony reports calls")
}

pub(super) async fn a_day_at_the_seats(env: &TestEnv) {
    put_seats(env, &["1001", "1002"]).await;
    let [wang, li] = agents(env).await;
    let exchange = env.client("telephony").seats();
    for (agent, seat) in [(&wang, "1001"), (&li, "1002")] {
        let signed_in = agent.seats().sign_in(SignIn::new(seat)).await.expect("the seat is free");
        assert_eq!((signed_in.seat.status, signed_in.heartbeat_interval_seconds), (SeatStatus::Break, 20));
        agent.seats().set_seat_status(SetSeatStatus::ready()).await.expect("the agent is ready");
        env.advance(TimeDelta::seconds(1)).await;
    }

    // An operator of the citizen line has no seat, and transfers with one key.
    let first = new_call(env, "1").await;
    let transfer = TransferCall::to_skill(&first, "enterprise").request_id(Uuid::new_v4());
    let operator = env.client("agent").seats();
    let placed = operator.transfer_call(transfer.clone()).await.expect("a seat is ready");
    assert_eq!(operator.transfer_call(transfer).await.expect("a repeat"), placed);
    let placed = placed.call.expect("where it stands");
    assert_eq!((placed.state, placed.seat.as_deref()), (SeatCallState::Offered, Some("1001")));
    refused(exchange.answer_call(AnswerCall::new(&first, "1002")).await, ErrorReason::OfferGone);

    // The agent declines: the other one has it, and the agent finishes other work first.
    let declined = wang.seats().decline_offer(DeclineOffer::new(&first)).await.expect("it rings there");
    assert_eq!((declined.status, declined.call_id), (SeatStatus::WrapUp, None));
    refused(wang.seats().decline_offer(DeclineOffer::new(&first)).await, ErrorReason::OfferGone);
    let answered = exchange.answer_call(AnswerCall::new(&first, "1002")).await.expect("it rings there");
    assert_eq!(answered.state, SeatCallState::Connected);
    refused(li.seats().set_seat_status(SetSeatStatus::ready()).await, ErrorReason::SeatBusy);

    ask_a_unit(env, &li, &first).await;
    let second = queue_behind(env, &wang, &li, &first).await;
    pass_on(env, &wang, &li, &second).await;
    let supervisor = env.client("supervisor").seats();
    supervisor.sign_out(SignOut::own().seat("1002".to_owned())).await.expect("a supervisor frees seats");
    refused(li.seats().heartbeat().await, ErrorReason::NotSignedIn);
}

/// The unit is asked at its policy number, with the company on the line.
async fn ask_a_unit(env: &TestEnv, li: &HotlineClient, first: &str) {
    let directory = env.client("administrator").directory();
    let mut units = directory.list_units(ListUnits::default());
    while let Some(unit) = units.try_next().await.expect("units") {
        if unit.code == LEAD {
            let with_number = hotline_client::Unit { policy_number: Some("010-12366".into()), ..unit };
            directory.put_unit(PutUnit::new(with_number)).await.expect("an administrator puts units");
            break;
        }
    }
    let dial = li.seats().transfer_call(TransferCall::three_way(first, LEAD)).await.expect("it has a number");
    assert_eq!(dial.policy_number.as_deref(), Some("010-12366"));
    let ended = TransferCall::three_way_ended(first, LEAD, ThreeWayOutcome::Answered);
    li.seats().transfer_call(ended).await.expect("it has begun");
    refused(
        li.seats().transfer_call(TransferCall::three_way(first, "nowhere")).await,
        ErrorReason::UnitUnknown,
    );
}

/// Two more calls wait, in the order of their arrival. The company of the second one does not want to. Returns the call
/// that the first agent speaks on.
async fn queue_behind(env: &TestEnv, wang: &HotlineClient, li: &HotlineClient, first: &str) -> String {
    let exchange = env.client("telephony").seats();
    let [second, third] = [new_call(env, "2").await, new_call(env, "3").await];
    for (place, call) in [(1, &second), (2, &third)] {
        let waits =
            exchange.offer_call(OfferCall::new(call, "enterprise")).await.expect("it joins the queue");
        assert_eq!((waits.state, waits.position), (SeatCallState::Waiting, place));
    }
    refused(exchange.offer_call(OfferCall::new(&second, "no-such-skill")).await, ErrorReason::SkillUnknown);
    exchange.end_call(EndCall::new(first)).await.expect("it ends");
    let ready = li.seats().set_seat_status(SetSeatStatus::ready()).await.expect("the call has ended");
    assert_eq!((ready.status, ready.call_id.as_deref()), (SeatStatus::Offered, Some(second.as_str())));

    // Nobody answers: it goes on to the seat that becomes ready, before the call that came later.
    env.advance(TimeDelta::seconds(21)).await;
    let got = wang.seats().set_seat_status(SetSeatStatus::ready()).await.expect("no call is there");
    assert_eq!(got.call_id.as_deref(), Some(second.as_str()));
    let missed = li.seats().heartbeat().await.expect("the agent is there");
    assert_eq!(missed.seat.break_reason, Some(BreakReason::OfferTimedOut));
    exchange.answer_call(AnswerCall::new(&second, "1001")).await.expect("it rings there");

    // The company of the third call does not want to wait.
    let wish = OfferCall::new(&third, "enterprise").call_back(true);
    let wish = wish.call_back_number("13900139000").call_back_wish("下午三点以后");
    let over = exchange.offer_call(wish).await.expect("it may wish so");
    assert_eq!(over.state, SeatCallState::CallBack);
    refused(
        env.client("agent").seats().transfer_call(TransferCall::to_skill(&third, "enterprise")).await,
        ErrorReason::CallEnded,
    );
    call_back(env, &third).await;
    second
}

/// The agent who speaks on a call passes it on; it comes before those that came later.
async fn pass_on(env: &TestEnv, wang: &HotlineClient, li: &HotlineClient, second: &str) {
    let directory = env.client("administrator").directory();
    let tax = Skill { code: "tax".into(), name: "税务".into(), name_en: None, active: true, etag: None };
    directory.put_skill(PutSkill::new(tax)).await.expect("an administrator puts skills");
    directory.put_shift(PutShift::new(night(false))).await.expect("an administrator puts shifts");
    refused(li.seats().transfer_call(TransferCall::to_skill(second, "tax")).await, ErrorReason::NotSignedIn);
    let passed = wang.seats().transfer_call(TransferCall::to_skill(second, "enterprise")).await;
    let passed = passed.expect("the agent speaks on it").call.expect("where it stands");
    assert_eq!((passed.state, passed.position), (SeatCallState::Waiting, 1));
    let got = li.seats().set_seat_status(SetSeatStatus::ready()).await.expect("no call is there");
    assert_eq!(got.call_id.as_deref(), Some(second));
}

/// An agent calls a company back, and makes the ticket.
async fn call_back(env: &TestEnv, call: &str) {
    let calls = env.client("agent").calls();
    let list = calls.list_call_backs(None).take_up_to(10).await.expect("an agent lists call-backs");
    let [entry] = list.as_slice() else { panic!("{list:?}") };
    assert_eq!((entry.call_id.as_str(), entry.cause), (call, CallBackCause::Wish));
    let shown = calls.get_call(call).await.expect("the reading is recorded");
    assert_eq!(shown.call_back_number.as_deref(), Some("13900139000"));
    assert_eq!(shown.call_back_wish.as_deref(), Some("下午三点以后"));
    let tried = calls.record_call_back(RecordCallBack::not_reached(call)).await.expect("it is open");
    assert_eq!((tried.state, tried.attempt_count), (CallBackState::Open, 1));
    let other = env.take_in(appeal()).await;
    refused(
        calls.record_call_back(RecordCallBack::reached(call, &other.number)).await,
        ErrorReason::InvalidFields,
    );
    // The company speaks on the call that the agent makes.
    let began = env.now().await;
    let ticket = env
        .take_in(appeal().channel(Channel::Telephone).call_id(call.to_owned()).call_start_time(began))
        .await;
    let reached = calls.record_call_back(RecordCallBack::reached(call, &ticket.number)).await;
    assert_eq!(reached.expect("the ticket names the call").ticket_number, Some(ticket.number));
    refused(calls.record_call_back(RecordCallBack::dropped(call)).await, ErrorReason::CallBackClosed);
    refused(
        calls.record_call_back(RecordCallBack::dropped(Uuid::new_v4().to_string())).await,
        ErrorReason::CallBackNotFound,
    );
    assert_eq!(calls.list_call_backs(None).take_up_to(10).await.expect("a list"), []);
}

fn night(active: bool) -> Shift {
    Shift {
        code: "night".into(),
        name: "夜班".into(),
        weekdays: vec![1, 2, 3, 4, 5, 6, 7],
        open_time_of_day: "00:00".into(),
        close_time_of_day: "06:00".into(),
        active,
        etag: None,
    }
}

async fn an_agent_has_one_seat_and_a_seat_one_agent(env: &TestEnv) {
    put_seats(env, &["1001", "1002"]).await;
    let [wang, li] = agents(env).await;
    wang.seats().sign_in(SignIn::new("1001")).await.expect("the seat is free");
    wang.seats().sign_in(SignIn::new("1001")).await.expect("the agent sits there");
    let error = refused(wang.seats().sign_in(SignIn::new("1002")).await, ErrorReason::AlreadySignedIn);
    assert_eq!(error.metadata()["seat"], "1001");
    refused(li.seats().sign_in(SignIn::new("1001")).await, ErrorReason::SeatTaken);
    refused(li.seats().sign_in(SignIn::new("9999")).await, ErrorReason::SeatNotFound);
    refused(li.seats().heartbeat().await, ErrorReason::NotSignedIn);
    // The program of the first agent is silent for longer than the policy allows, so the seat is free.
    env.advance(TimeDelta::seconds(61)).await;
    li.seats().sign_in(SignIn::new("1001")).await.expect("nobody is there any more");
    let signed_in = env.client("telephony").seats().list_seats(ListSeats::default().signed_in_only(true));
    let signed_in = signed_in.take_up_to(10).await.expect("telephony lists seats");
    let principals: Vec<_> = signed_in.iter().map(|seat| seat.principal.as_deref()).collect();
    assert_eq!(principals, [Some("zhao.lin")]);
    let wrong = SetSeatStatus::ready().break_reason(BreakReason::Meal);
    refused(li.seats().set_seat_status(wrong).await, ErrorReason::InvalidFields);
    let pause = li.seats().set_seat_status(SetSeatStatus::a_break(BreakReason::Meal)).await;
    assert_eq!(pause.expect("a meal").break_reason, Some(BreakReason::Meal));
    // A seat that is not active takes nobody.
    let setup = SeatSetup::of(&signed_in[0]).active(false);
    let directory = env.client("administrator").directory();
    let put = directory.put_seat(PutSeat::new(setup.clone())).await.expect("no call is there");
    assert_eq!((put.status, put.principal), (SeatStatus::SignedOut, None));
    refused(directory.put_seat(PutSeat::new(setup)).await, ErrorReason::EtagStale);
    refused(li.seats().sign_in(SignIn::new("1001")).await, ErrorReason::SeatNotFound);
}

async fn a_call_outside_the_hours_is_called_back(env: &TestEnv) {
    put_seats(env, &["1001"]).await;
    let exchange = env.client("telephony").seats();
    let within = new_call(env, "day").await;
    let waits = exchange.offer_call(OfferCall::new(&within, "enterprise")).await.expect("it is day");
    assert_eq!(waits.state, SeatCallState::Waiting);
    exchange.end_call(EndCall::new(&within)).await.expect("the caller hangs up");
    // The story begins at 10:00; the hours of the policy end at midnight.
    env.advance(TimeDelta::hours(15)).await;
    let late = new_call(env, "late").await;
    let over = exchange.offer_call(OfferCall::new(&late, "enterprise")).await.expect("it is night");
    assert_eq!(over.state, SeatCallState::CallBack);
    let calls = env.client("supervisor").calls();
    let list = calls.list_call_backs(None).take_up_to(10).await.expect("a supervisor lists call-backs");
    assert_eq!(list[0].cause, CallBackCause::OutsideHours);
    assert!(list[0].due_time > env.now().await);
    let shown = calls.get_call(&late).await.expect("the reading is recorded");
    assert_eq!(shown.details.calling_number.as_deref(), Some(canary::PHONE), "the number to call");
    // A shift at night takes the place of the policy's hours.
    let directory = env.client("administrator").directory();
    let put = directory.put_shift(PutShift::new(night(true))).await.expect("an administrator puts shifts");
    let listed = directory.list_shifts().take_up_to(10).await.expect("a list");
    assert_eq!(listed, [put]);
    let later = new_call(env, "later").await;
    let waits = exchange.offer_call(OfferCall::new(&later, "enterprise")).await.expect("a shift is on");
    assert_eq!(waits.state, SeatCallState::Waiting);
    let skills = directory.list_skills().take_up_to(10).await.expect("a list");
    assert_eq!(skills[0].code, "enterprise");
}

async fn a_training_seat_marks_its_calls(env: &TestEnv) {
    let setup = SeatSetup::new("1099", "培训席", "enterprise").training(true);
    env.client("administrator").directory().put_seat(PutSeat::new(setup)).await.expect("it is put");
    let agent = env.client("agent").seats();
    agent.sign_in(SignIn::new("1099")).await.expect("the seat is free");
    agent.set_seat_status(SetSeatStatus::ready()).await.expect("the agent is ready");
    let call = new_call(env, "1").await;
    let exchange = env.client("telephony").seats();
    exchange.offer_call(OfferCall::new(&call, "enterprise")).await.expect("a seat is ready");
    let answered = exchange.answer_call(AnswerCall::new(&call, "1099")).await.expect("it rings there");
    assert!(answered.training);
    let shown = env.client("agent").calls().get_call(&call).await.expect("the reading is recorded");
    assert!(shown.training);
    exchange.end_call(EndCall::new(&call)).await.expect("it ends");

    // Its ticket is marked and counted nowhere, like the call and the time at the seat.
    let practice =
        appeal().channel(Channel::Telephone).call_id(call.clone()).call_start_time(env.now().await);
    let ticket = env.take_in(practice).await.number;
    let other = env.take_in(appeal()).await.number;
    let mut marks = Vec::new();
    for number in [&ticket, &other] {
        let created = &env.events(number).await[0].detail;
        marks.push(matches!(created, EventDetail::TicketCreated(created) if created.training));
    }
    assert_eq!(marks, [true, false]);
    let (from, until) = (env.now().await - TimeDelta::hours(1), env.now().await + TimeDelta::hours(1));
    let level = env.client("supervisor").calls().get_service_level(from, until).await;
    let level = level.expect("a supervisor reads it");
    assert_eq!((level.total.queued, level.seats.len()), (0, 0));
    let counted = async || {
        let october =
            AnalyseTickets::new("2019-10-01".parse().expect("a day"), "2019-10-31".parse().expect("a day"));
        let found = env.client("supervisor").analysis().analyse_tickets(october).await;
        found.expect("a supervisor analyses").total.tickets
    };
    wait::until("the analysis counts one ticket of two", async || counted().await == 1).await;
}

async fn a_wrap_up_that_lasts_too_long_ends_in_ready(env: &TestEnv) {
    put_seats(env, &["1001"]).await;
    let agent = env.client("agent").seats();
    agent.sign_in(SignIn::new("1001")).await.expect("the seat is free");
    agent.set_seat_status(SetSeatStatus::ready()).await.expect("the agent is ready");
    let (first, exchange) = (new_call(env, "1").await, env.client("telephony").seats());
    exchange.offer_call(OfferCall::new(&first, "enterprise")).await.expect("a seat is ready");
    exchange.answer_call(AnswerCall::new(&first, "1001")).await.expect("it rings there");
    exchange.end_call(EndCall::new(&first)).await.expect("it ends");
    let second = new_call(env, "2").await;
    let waits = exchange.offer_call(OfferCall::new(&second, "enterprise")).await.expect("it waits");
    assert_eq!(waits.state, SeatCallState::Waiting, "the agent finishes the first call");
    for _ in 0..6 {
        env.advance(TimeDelta::seconds(50)).await;
        let there = agent.heartbeat().await.expect("the program is there");
        assert_eq!(there.seat.status, SeatStatus::WrapUp);
    }
    env.advance(TimeDelta::seconds(1)).await;
    // Any decision does what is due; so does the sweep.
    let offered = exchange.offer_call(OfferCall::new(&second, "enterprise")).await.expect("it waits");
    assert_eq!((offered.state, offered.seat.as_deref()), (SeatCallState::Offered, Some("1001")));
    let (from, until) = (env.now().await - TimeDelta::hours(1), env.now().await + TimeDelta::hours(1));
    let level = env.client("supervisor").calls().get_service_level(from, until).await;
    let seats = level.expect("a supervisor reads it").seats;
    let [seat] = seats.as_slice() else { panic!("{seats:?}") };
    assert_eq!((seat.seat.as_deref(), seat.calls, seat.wrap_up.as_secs()), (Some("1001"), 1, 301));
    assert_eq!(seat.occupancy_percent, Some(100), "it has not waited");
}

async fn a_stream_shows_seats_and_calls(env: &TestEnv) {
    put_seats(env, &["1001"]).await;
    let mut stream = env.client("supervisor").seats().watch_seats(0).await.expect("a supervisor watches");
    let SeatItem::Seat(seat) = stream.next().await.expect("an entry") else { panic!("a seat is there") };
    assert_eq!(seat.code, "1001");
    while stream.next().await.expect("an entry") != SeatItem::Checkpoint {}
    let revision = stream.revision();
    let call = new_call(env, "1").await;
    let exchange = env.client("telephony").seats();
    exchange.offer_call(OfferCall::new(&call, "enterprise")).await.expect("it joins the queue");
    let seen = loop {
        if let SeatItem::Call(seen) = stream.next().await.expect("an entry") {
            break seen;
        }
    };
    assert_eq!((seen.call_id.as_str(), seen.state), (call.as_str(), SeatCallState::Waiting));
    let mut again = env.client("telephony").seats().watch_seats(revision).await.expect("telephony watches");
    assert_eq!(again.next().await.expect("an entry"), SeatItem::Call(seen));
}
