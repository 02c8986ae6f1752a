//! What happens at seats without anybody asking: an offer goes on, a silent agent is signed out, and a company that
//! waits too long is called back. And what the database refuses whatever the server does.

use chrono::TimeDelta;
use hotline_proto::v1 as pb;
use hotline_proto::v1::ErrorReason;
use hotline_server::desk::seat::{CallBackState, SeatCallState, SeatStatus};
use sea_orm::ConnectionTrait as _;

use super::both;
use super::fixture::{Database, Hotline, opening};
use super::seats::{
    agent, agent_of, answer, code_of, end, new_call, offer, put_seat, ready, seat, seats, sign_in,
};

both! {
    a_seat_that_does_not_answer_passes_the_call_on
    an_agent_who_vanishes_is_signed_out
    a_call_that_waits_too_long_is_called_back
    the_database_refuses_a_second_call_at_a_seat
}

async fn a_seat_that_does_not_answer_passes_the_call_on(database: Database) {
    let hotline = Hotline::open(&database).await;
    let seats = seats(&hotline);
    for place in 0..2 {
        put_seat(&seats, &code_of(place), place == 1).await;
        sign_in(&seats, &code_of(place)).await.expect("the seat is free");
        ready(&seats, &code_of(place)).await.expect("it is signed in");
        hotline.advance(TimeDelta::seconds(1)).await;
    }
    let call = new_call(&hotline, "call").await;
    let offered = offer(&seats, &call).await.expect("a seat is ready");
    assert_eq!(offered.seat, "seat-00", "it has been ready longest");
    hotline.advance(TimeDelta::seconds(21)).await;
    assert_eq!(seats.sweep().await.expect("it sweeps"), 1);
    let silent = seat(&seats, "seat-00").await;
    assert_eq!((silent.status, silent.call), (SeatStatus::Break, None));
    let refused = answer(&seats, &call, "seat-00").await.expect_err("it went on");
    assert_eq!(refused.reason, ErrorReason::OfferGone);
    answer(&seats, &call, "seat-01").await.expect("it is offered to the next seat");
    answer(&seats, &call, "seat-01").await.expect("an answer may come twice");
    assert_eq!(hotline.count("SELECT COUNT(*) FROM seat_call WHERE is_training AND state = 3").await, 1);
    let busy = ready(&seats, "seat-01").await.expect_err("it has a call");
    assert_eq!(busy.reason, ErrorReason::SeatBusy);
    end(&seats, &call).await.expect("it ends");
    assert_eq!(seat(&seats, "seat-01").await.status, SeatStatus::WrapUp);
    let ended = offer(&seats, &call).await.expect("the exchange asks again");
    assert_eq!(ended.state, pb::SeatCallState::Ended as i32);
}

async fn an_agent_who_vanishes_is_signed_out(database: Database) {
    let hotline = Hotline::open(&database).await;
    let seats = seats(&hotline);
    for place in 0..3 {
        put_seat(&seats, &code_of(place), false).await;
        sign_in(&seats, &code_of(place)).await.expect("the seat is free");
    }
    ready(&seats, "seat-00").await.expect("it is signed in");
    ready(&seats, "seat-01").await.expect("it is signed in");
    let [talking, waiting] = [new_call(&hotline, "1").await, new_call(&hotline, "2").await];
    offer(&seats, &talking).await.expect("a seat is ready");
    answer(&seats, &talking, "seat-00").await.expect("it is offered");
    hotline.advance(TimeDelta::seconds(50)).await;
    // One agent's program is there, and the others are silent.
    seats.heartbeat(&agent("Heartbeat", &agent_of("seat-01"))).await.expect("it is signed in");
    hotline.advance(TimeDelta::seconds(20)).await;
    let offered = offer(&seats, &waiting).await.expect("a seat is ready");
    assert_eq!(offered.seat, "seat-01");
    let vanished = seat(&seats, "seat-00").await;
    assert_eq!((vanished.status, vanished.call.as_ref()), (SeatStatus::SignedOut, Some(&talking)));
    assert_eq!(seat(&seats, "seat-02").await.principal, None);
    let gone =
        seats.heartbeat(&agent("Heartbeat", &agent_of("seat-02"))).await.expect_err("it is signed out");
    assert_eq!(gone.reason, ErrorReason::NotSignedIn);
    // The call is still at the seat, and its agent comes back to it.
    sign_in(&seats, "seat-00").await.expect("nobody took the seat");
    assert_eq!(seat(&seats, "seat-00").await.status, SeatStatus::Talking);
    end(&seats, &talking).await.expect("it ends");
    assert_eq!(seat(&seats, "seat-00").await.status, SeatStatus::WrapUp);
    // An agent who vanishes while a call rings loses the offer.
    hotline.advance(TimeDelta::seconds(61)).await;
    let waits = offer(&seats, &waiting).await.expect("it waits again");
    assert_eq!((waits.state, waits.position), (pb::SeatCallState::Waiting as i32, 1));
}

async fn a_call_that_waits_too_long_is_called_back(database: Database) {
    let hotline = Hotline::open(&database).await;
    let seats = seats(&hotline);
    let call = new_call(&hotline, "call").await;
    offer(&seats, &call).await.expect("it joins the queue");
    hotline.advance(TimeDelta::seconds(601)).await;
    assert_eq!(seats.sweep().await.expect("it sweeps"), 1);
    assert_eq!(seats.sweep().await.expect("it sweeps"), 0, "nothing is due any more");
    let over = offer(&seats, &call).await.expect("the exchange asks");
    assert_eq!(over.state, pb::SeatCallState::CallBack as i32);
    let list = seats.list_call_backs(CallBackState::Open, None, 10).await.expect("it can be read");
    let [entry] = list.as_slice() else { panic!("{list:?}") };
    assert_eq!(entry.call, call);
    // The hotline opened on a Saturday that was worked for the holiday.
    assert!(entry.due_at > opening() && entry.due_at < opening() + TimeDelta::days(4), "{entry:?}");
    assert_eq!(hotline.count("SELECT COUNT(*) FROM seat_call WHERE state = 5").await, 1);
}

async fn the_database_refuses_a_second_call_at_a_seat(database: Database) {
    let hotline = Hotline::open(&database).await;
    let seats = seats(&hotline);
    put_seat(&seats, "seat-00", false).await;
    sign_in(&seats, "seat-00").await.expect("the seat is free");
    ready(&seats, "seat-00").await.expect("it is signed in");
    let [first, second] = [new_call(&hotline, "1").await, new_call(&hotline, "2").await];
    offer(&seats, &first).await.expect("a seat is ready");
    offer(&seats, &second).await.expect("it waits");
    for wrong in [
        format!("UPDATE seat_call SET state = 2, seat = 'seat-00' WHERE call_id = '{second}'"),
        format!("UPDATE seat_call SET state = 1 WHERE call_id = '{first}'"),
        "UPDATE seat SET principal = 'x' WHERE code = 'seat-00'; INSERT INTO seat \
         SELECT 'seat-99', name, skills, is_training, is_active, version, principal, status, break_reason, \
         since, heartbeat_at, revision FROM seat WHERE code = 'seat-00'"
            .to_owned(),
    ] {
        let outcome = hotline.store.migrating().execute_unprepared(&wrong).await;
        assert!(outcome.is_err(), "{wrong}");
    }
    assert_eq!(SeatCallState::Offered.stored(), 2);
}
