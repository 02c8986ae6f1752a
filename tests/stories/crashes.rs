//! SIGKILL under load: acknowledged changes are there, nothing is half done, and nothing happened twice.
//!
//! Several clients take tickets through the loop while the server is killed again and again, each time after a random
//! number of answers. A client without an answer repeats the request with the same id, as the contract says. The seed
//! is printed; `HOTLINE_TEST_SEED` repeats a run.

use std::collections::{HashMap, HashSet};
use std::env;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use hotline_client::{
    AcceptTicket, CreateTicket, DispatchTicket, Error, EventDetail, Source, SubmitFeedback, Ticket,
    TicketState, Tickets, Uuid,
};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use super::test_env::{LEAD, NEXT, TestEnv, appeal, both_halves, reply, report};
use crate::support::server::Store;

on_every_store!(store: five_kills_under_load_lose_nothing);

const CLIENTS: u64 = 8;
const KILLS: u32 = 5;
/// A kill comes after this many answers, and up to as many more.
const ANSWERS: u64 = 12;

/// All events of a ticket here.
const WHOLE: [&str; 6] = [
    "TicketCreated",
    "TicketDispatched",
    "TicketAccepted",
    "CallerReplied",
    "HotlineReported",
    "TicketCompleted",
];

/// Whether a client submits the halves of the feedback one by one; otherwise both are in one command.
fn splits_feedback(turn: u32) -> bool {
    turn.is_multiple_of(3)
}

/// `SplitMix64`: small, and the same on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}

fn seed() -> u64 {
    match env::var("HOTLINE_TEST_SEED") {
        Ok(seed) => seed.parse().expect("HOTLINE_TEST_SEED is a number"),
        Err(_) => Uuid::new_v4().as_u64_pair().0,
    }
}

/// An acknowledged command; a repeat must get the same answer.
enum AcknowledgedStep {
    Created(CreateTicket),
    Accepted(&'static str, AcceptTicket),
    Fed(&'static str, SubmitFeedback),
}

/// The shared state of the clients.
#[derive(Clone)]
struct Clients {
    agent: Tickets,
    dispatcher: Tickets,
    units: HashMap<&'static str, Tickets>,
    is_up: watch::Receiver<bool>,
    /// One permit for each answer.
    answers: Arc<Semaphore>,
    is_closing: Arc<AtomicBool>,
}

impl Clients {
    /// Repeats a call until it is answered. Only a call with an unknown outcome may be repeated; anything else is a
    /// fault.
    async fn answered<F: Future<Output = Result<Ticket, Error>>>(&self, call: impl Fn() -> F) -> Ticket {
        loop {
            let mut is_up = self.is_up.clone();
            is_up.wait_for(|is_up| *is_up).await.expect("the story goes on");
            match call().await {
                Ok(ticket) => {
                    self.answers.add_permits(1);
                    return ticket;
                }
                Err(error) => assert!(error.is_retryable(), "{error:?}"),
            }
        }
    }

    /// Takes tickets through the loop until the test stops; returns the acknowledged commands with their answers.
    async fn run_client(self, client: u64) -> Vec<(AcknowledgedStep, Ticket)> {
        let mut acknowledged = Vec::new();
        for turn in 0.. {
            if self.is_closing.load(Ordering::Relaxed) {
                break;
            }
            let unit = if turn % 2 == 0 { LEAD } else { NEXT };
            let source = Source { system: format!("clerk-{client}"), reference: format!("request-{turn}") };
            let create = appeal().source(source).request_id(Uuid::new_v4());
            let ticket = self.answered(|| self.agent.create_ticket(create.clone())).await;
            let number = ticket.number.clone();
            acknowledged.push((AcknowledgedStep::Created(create), ticket));

            let id = Some(Uuid::new_v4());
            let dispatch = DispatchTicket::new(&number, unit).request_id(id);
            self.answered(|| self.dispatcher.dispatch_ticket(dispatch.clone())).await;
            let accept = AcceptTicket::new(&number).request_id(Uuid::new_v4());
            let ticket = self.answered(|| self.units[unit].accept_ticket(accept.clone())).await;
            let now = ticket.update_time;
            acknowledged.push((AcknowledgedStep::Accepted(unit, accept), ticket));

            let feedbacks = if splits_feedback(turn) {
                let half = |caller_reply, hotline_report| {
                    SubmitFeedback::new(&number).caller_reply(caller_reply).hotline_report(hotline_report)
                };
                vec![half(Some(reply(now)), None), half(None, Some(report()))]
            } else {
                vec![both_halves(&number, now)]
            };
            for feedback in feedbacks {
                let feedback = feedback.request_id(Uuid::new_v4());
                let ticket = self.answered(|| self.units[unit].submit_feedback(feedback.clone())).await;
                acknowledged.push((AcknowledgedStep::Fed(unit, feedback), ticket));
            }
        }
        acknowledged
    }
}

async fn five_kills_under_load_lose_nothing(store: Store) {
    let seed = seed();
    println!("HOTLINE_TEST_SEED={seed}");
    let mut random = Random(seed);
    let mut env = TestEnv::open(store);
    let (server_state, is_up) = watch::channel(true);
    let clients = Clients {
        agent: env.agent(),
        dispatcher: env.dispatcher(),
        units: [LEAD, NEXT].map(|unit| (unit, env.unit(unit))).into(),
        is_up,
        answers: Arc::new(Semaphore::new(0)),
        is_closing: Arc::default(),
    };
    let mut running: JoinSet<_> = (0..CLIENTS).map(|client| clients.clone().run_client(client)).collect();
    for _ in 0..KILLS {
        let answers = u32::try_from(ANSWERS + random.below(ANSWERS)).expect("a small number");
        let enough_answers = clients.answers.acquire_many(answers);
        tokio::select! {
            permits = enough_answers => permits.expect("the semaphore stays open").forget(),
            ended = running.join_next() => panic!("a client ended early: {:?}", ended.map(|acknowledged| acknowledged.map(|_| ()))),
        }
        env.server.kill();
        server_state.send_replace(false);
        env.server.restart();
        assert_nothing_is_half_done(&env).await;
        server_state.send_replace(true);
    }
    clients.is_closing.store(true, Ordering::Relaxed);
    let acknowledged: Vec<_> = running.join_all().await.into_iter().flatten().collect();
    assert!(acknowledged.len() > usize::try_from(ANSWERS).expect("a small number"), "there was a load");
    assert_nothing_is_lost(&env, &clients, acknowledged).await;
}

/// Right after a crash each ticket is between two commands.
async fn assert_nothing_is_half_done(env: &TestEnv) {
    for ticket in env.all_tickets().await {
        let names = env.event_names(&ticket.number).await;
        assert!(WHOLE.starts_with(&names), "{names:?}");
        let reference = ticket.source.expect("a seat sees the source").reference;
        let turn = reference.rsplit('-').next().and_then(|turn| turn.parse().ok());
        let is_between = match names.len() {
            1..=3 | 6 => true,
            4 => splits_feedback(turn.expect("a reference ends with its turn")),
            _ => false,
        };
        assert!(is_between, "{reference} has half a command: {names:?}");
    }
}

/// Every acknowledged ticket is there, complete and once, and every repeated command gets its first answer.
async fn assert_nothing_is_lost(
    env: &TestEnv,
    clients: &Clients,
    acknowledged: Vec<(AcknowledgedStep, Ticket)>,
) {
    let mut created = HashSet::new();
    for (command, answer) in acknowledged {
        let repeat = match command {
            AcknowledgedStep::Created(create) => {
                assert!(created.insert(answer.number.clone()), "{} was issued twice", answer.number);
                clients.agent.create_ticket(create).await
            }
            AcknowledgedStep::Accepted(unit, accept) => clients.units[unit].accept_ticket(accept).await,
            AcknowledgedStep::Fed(unit, feedback) => clients.units[unit].submit_feedback(feedback).await,
        };
        assert_eq!(repeat.expect("a repeat is answered"), answer, "the same request id has the same answer");
    }
    let all = env.all_tickets().await;
    let listed: HashSet<_> = all.iter().map(|ticket| ticket.number.clone()).collect();
    assert_eq!(listed, created, "one ticket for each request");
    assert_eq!(all.len(), listed.len());
    for ticket in &all {
        assert_whole(env, ticket).await;
    }
}

/// The row and the events of a ticket are consistent, and no command is partly done.
async fn assert_whole(env: &TestEnv, listed: &Ticket) {
    let ticket = env.ticket(&listed.number).await;
    assert_eq!((&ticket.etag, ticket.state), (&listed.etag, listed.state));
    // It checks that the sequence has no gap.
    let events = env.events(&ticket.number).await;
    let names: Vec<_> = events.iter().map(|event| event.detail.name()).collect();
    assert_eq!(names, WHOLE, "each step of each client happened once");
    assert_eq!(ticket.state, TicketState::Completed);
    let [.., replied, reported, completed] = events.as_slice() else { panic!("{events:?}") };
    let EventDetail::CallerReplied(replied) = &replied.detail else { panic!("{replied:?}") };
    let EventDetail::HotlineReported(reported) = &reported.detail else { panic!("{reported:?}") };
    assert_eq!(ticket.cycle.caller_reply.as_ref(), Some(&replied.reply));
    assert_eq!(ticket.cycle.hotline_report.as_ref(), Some(&reported.report));
    assert_eq!(ticket.cycle.complete_time, Some(completed.event_time));
    let lead = ticket.dispatch.as_ref().map(|sent| &sent.lead_unit);
    assert_eq!((Some(&replied.unit), Some(&reported.unit)), (lead, lead));
}
