//! A ticket whose timer can't be fired is deferred. The others fire on time, and it fires once it is repaired.

use chrono::TimeDelta;
use hotline_server::closed_loop::withdraw_ticket::WithdrawTicket;
use hotline_server::ticket::{Event, Rung, TicketNumber};
use sea_orm::ConnectionTrait as _;

use super::both;
use super::fixture::{Database, Hotline, staff};

both! {
    a_ticket_that_fails_does_not_delay_the_others
    a_rung_that_was_already_written_does_not_delay_the_others
    a_timer_of_a_closed_ticket_fires_nothing
}

async fn execute(hotline: &Hotline, sql: &str) {
    hotline.store.migrating().execute_unprepared(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

async fn tries(hotline: &Hotline, number: TicketNumber) -> i64 {
    let number = number.as_i64();
    let sql = format!("SELECT CAST(tries AS BIGINT) FROM ticket_timer WHERE ticket_number = {number}");
    hotline.count(&sql).await
}

async fn rungs(hotline: &Hotline, number: TicketNumber) -> Vec<Rung> {
    let events = hotline.events(number).await;
    let fired = events.iter().filter_map(|recorded| match recorded.event {
        Event::RungFired { rung, .. } => Some(rung),
        _ => None,
    });
    fired.collect()
}

async fn a_ticket_that_fails_does_not_delay_the_others(database: Database) {
    let hotline = Hotline::open(&database).await;
    // More than one batch, with the broken one in the middle.
    let tickets = hotline.create_appeals(120).await;
    let unreadable = tickets[50].number;
    let row = format!("WHERE number = {}", unreadable.as_i64());
    execute(&hotline, &format!("UPDATE ticket SET document = REPLACE(document, 'state', 'estat') {row}"))
        .await;

    let limit = tickets[0].cycle.due_at();
    let fired = hotline.simulation.advance_to(limit + TimeDelta::seconds(1)).await;
    assert_eq!(fired.map_err(|fault| fault.detail), Ok(119), "the others fire at their limit");
    assert_eq!((tries(&hotline, unreadable).await, rungs(&hotline, unreadable).await), (1, vec![]));
    hotline.advance(TimeDelta::seconds(10)).await;
    assert_eq!(tries(&hotline, unreadable).await, 3, "tried again after 2 and 6 seconds, and aside until 14");

    execute(&hotline, &format!("UPDATE ticket SET document = REPLACE(document, 'estat', 'state') {row}"))
        .await;
    assert_eq!(hotline.advance(TimeDelta::seconds(10)).await, 1);
    assert_eq!(
        (tries(&hotline, unreadable).await, rungs(&hotline, unreadable).await),
        (0, vec![Rung::Urged])
    );
}

async fn a_rung_that_was_already_written_does_not_delay_the_others(database: Database) {
    let hotline = Hotline::open(&database).await;
    let tickets = hotline.create_appeals(3).await;
    let with_effect = tickets[1].number;
    let effect = format!("INSERT INTO rung_effect VALUES ({}, 1, 2, 0, 0)", with_effect.as_i64());
    execute(&hotline, &effect).await;

    let limit = tickets[0].cycle.due_at();
    let fired = hotline.simulation.advance_to(limit + TimeDelta::seconds(1)).await;
    assert_eq!(fired.map_err(|fault| fault.detail), Ok(2));
    assert_eq!(tries(&hotline, with_effect).await, 1);
}

async fn a_timer_of_a_closed_ticket_fires_nothing(database: Database) {
    let hotline = Hotline::open(&database).await;
    let tickets = hotline.create_appeals(3).await;
    let (withdrawn, limit) = (tickets[1].number, tickets[1].cycle.due_at());
    let withdraw = WithdrawTicket { note: "settled".to_owned() };
    hotline.change(staff("WithdrawTicket"), withdrawn, withdraw).await.expect("it is open");
    let due = limit.timestamp_micros();
    let timer = format!("INSERT INTO ticket_timer VALUES ({}, 1, 2, {due}, 0, {due})", withdrawn.as_i64());
    execute(&hotline, &timer).await;

    let fired = hotline.simulation.advance_to(limit + TimeDelta::seconds(1)).await;
    assert_eq!(fired.map_err(|fault| fault.detail), Ok(2), "the others fire");
    assert_eq!((tries(&hotline, withdrawn).await, rungs(&hotline, withdrawn).await), (1, vec![]));
}
