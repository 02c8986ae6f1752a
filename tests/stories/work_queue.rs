//! The work queue of a unit: each ticket that is dispatched to it goes to the handler and is then accepted, whatever
//! happens to the server meanwhile.

use std::sync::Arc;
use std::time::{Duration, Instant};

use hotline_client::{DispatchTicket, ListTickets, Ticket, TicketState};
use tokio::sync::Notify;

use super::test_env::{ASSISTING, INFORMED, LEAD, TestEnv, appeal};
use crate::support::server::Store;
use crate::support::wait;

on_every_store!(store:
    a_work_queue_gives_each_dispatched_ticket_to_its_handler,
    a_ticket_whose_acceptance_fails_is_not_handled_again,
);

async fn a_work_queue_gives_each_dispatched_ticket_to_its_handler(store: Store) {
    const TICKETS: usize = 12;
    let mut env = TestEnv::open(store);
    let mut numbers = Vec::new();
    for place in 0..TICKETS {
        let number = env.take_in(appeal()).await.number;
        // Some are for others, and the unit assists or is only informed.
        if place % 4 == 3 {
            let sent = DispatchTicket::new(&number, ASSISTING).assist_units([LEAD]).inform_units([INFORMED]);
            env.dispatcher().dispatch_ticket(sent).await.expect("it is dispatched");
        } else {
            env.dispatch(&number, LEAD).await;
            numbers.push(number);
        }
    }
    let (sender, mut handled) = tokio::sync::mpsc::unbounded_channel();
    let unit = env.unit(LEAD);
    let worker = tokio::spawn(async move {
        let mut calls = 0;
        let handle = |ticket: Ticket| {
            calls += 1;
            let outcome = if calls == 2 {
                Err("the second one comes again")
            } else {
                sender.send(ticket.number).map_err(|_| "the test is over")
            };
            std::future::ready(outcome)
        };
        unit.work_queue().run(handle).await
    });
    let mut seen = Vec::new();
    while seen.len() < numbers.len() / 2 {
        seen.push(handled.recv().await.expect("the worker works"));
    }
    env.server.kill();
    env.server.restart();
    let late = env.take_in(appeal()).await.number;
    env.dispatch(&late, LEAD).await;
    numbers.push(late);
    while seen.len() < numbers.len() {
        seen.push(handled.recv().await.expect("the worker works"));
    }
    seen.sort();
    numbers.sort();
    assert_eq!(seen, numbers, "each once");
    let all_accepted = async || {
        let states = vec![TicketState::Handling];
        let list = env.unit(LEAD).list_tickets(ListTickets::default().states(states));
        list.take_up_to(100).await.is_ok_and(|found| found.len() == numbers.len())
    };
    wait::until("each is accepted", all_accepted).await;
    worker.abort();
}

async fn a_ticket_whose_acceptance_fails_is_not_handled_again(store: Store) {
    const DEADLINE: Duration = Duration::from_secs(1);
    let mut env = TestEnv::open(store);
    let number = env.take_in(appeal()).await.number;
    env.dispatch(&number, LEAD).await;
    let client = env.client_with_token(env.server.unit_token(LEAD)).with_deadline(DEADLINE);
    let (sender, mut handled) = tokio::sync::mpsc::unbounded_channel();
    let may_end = Arc::new(Notify::new());
    let end = Arc::clone(&may_end);
    let worker = tokio::spawn(async move {
        let handle = |ticket: Ticket| {
            let (sender, end) = (sender.clone(), Arc::clone(&end));
            async move {
                sender.send(ticket.number).map_err(|_| "the test is over")?;
                end.notified().await;
                Ok::<(), &str>(())
            }
        };
        client.tickets().work_queue().run(handle).await
    });
    assert_eq!(handled.recv().await.as_ref(), Some(&number));
    env.server.kill();
    may_end.notify_one();
    let begun = Instant::now();
    wait::until("the acceptance has failed", async || begun.elapsed() > 3 * DEADLINE).await;
    env.server.restart();
    let is_accepted = async || env.ticket(&number).await.state == TicketState::Handling;
    wait::until("it is accepted", is_accepted).await;
    assert!(handled.try_recv().is_err(), "the handler ran once");
    worker.abort();
}
