//! The clients of one ticket. Each makes calls that fit what it has seen last, and some that do not. A client without
//! an answer usually repeats the request with the same id, as the contract says.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use hotline_client::Uuid;
use hotline_proto::v1::TicketState;
use tokio::task::JoinSet;

use crate::random::Random;
use crate::recorder::{Record, RunContext, TicketRecorder};
use crate::ticket_model::{Action, Answer, Call, Ticket, Unit};

/// Clients of a ticket: from the first number, below the second.
const CLIENTS: (i64, i64) = (3, 5);
/// Steps of one client, in the same form.
const STEPS: (i64, i64) = (6, 11);
/// The most attempts for one request.
const ATTEMPTS_MAX: u32 = 8;
/// The percentage of clients that repeat after no answer.
const PERSISTENT_PERCENT: usize = 85;
/// The pause before that, in milliseconds.
const PAUSE_MS: (i64, i64) = (0, 30);
/// The percentage of steps that repeat an earlier request.
const REPEAT_PERCENT: usize = 10;
/// The percentage of those that send other content under the same request id.
const REUSE_PERCENT: usize = 15;
/// The percentage of steps that read.
const READ_PERCENT: usize = 25;
/// The percentage of commands that ignore the state.
const INVALID_PERCENT: usize = 12;
/// The percentage of commands that name the version that was read.
const ETAG_PERCENT: usize = 40;

/// A request that can be sent again.
#[derive(Debug, Clone, Copy)]
struct Request {
    id: Uuid,
    call: Call,
}

/// A client.
struct Client {
    place: usize,
    clients: usize,
    recorder: Arc<TicketRecorder>,
    requests: Arc<AtomicU32>,
    random: Random,
    /// The ticket as this client saw it last.
    seen: Option<Ticket>,
    past: Vec<Request>,
}

/// Works on a separate ticket until all clients have done enough; returns what they saw.
pub(crate) async fn work(context: Arc<RunContext>, reference: String, seed: u64) -> Record {
    let mut random = Random::part(seed, 0);
    let recorder = Arc::new(TicketRecorder::new(context, reference));
    let requests = Arc::new(AtomicU32::new(1));
    let count = usize::try_from(random.between(CLIENTS.0, CLIENTS.1)).unwrap_or(1);
    // Two clients create the ticket at once: with the same request id, or only with the same source.
    let shared = random.percent(50).then(|| create(&requests));
    let mut clients = JoinSet::new();
    for place in 0..count {
        let client = Client {
            place,
            clients: count,
            recorder: Arc::clone(&recorder),
            requests: Arc::clone(&requests),
            random: Random::part(seed, 1 + place as u64),
            seen: None,
            past: Vec::new(),
        };
        clients.spawn(client.run((place < 2).then(|| shared.unwrap_or_else(|| create(&requests)))));
    }
    while let Some(ended) = clients.join_next().await {
        ended.expect("a client does not panic");
    }
    Arc::into_inner(recorder).map(TicketRecorder::into_record).unwrap_or_default()
}

fn create(requests: &AtomicU32) -> Request {
    let request = requests.fetch_add(1, Ordering::Relaxed);
    let call = Call { action: Action::Create, request: Some(request), tag: 0, etag: None };
    Request { id: Uuid::new_v4(), call }
}

impl Client {
    async fn run(mut self, create: Option<Request>) {
        match create {
            Some(create) => while self.ask(create, false).await.is_none() && self.has_space() {},
            None => self.recorder.wait_for_ticket().await,
        }
        for _ in 0..self.random.between(STEPS.0, STEPS.1) {
            if !self.has_space() {
                return;
            }
            let (request, is_repeat) = self.next();
            self.ask(request, is_repeat).await;
        }
    }

    fn has_space(&self) -> bool {
        self.recorder.has_space(self.clients)
    }

    /// Repeats a request until it is answered or given up; records what the answer shows.
    async fn ask(&mut self, request: Request, is_repeat: bool) -> Option<Answer> {
        if request.call.request.is_some() && !is_repeat {
            self.past.push(request);
        }
        for attempt in 0..ATTEMPTS_MAX {
            let Request { id, call } = request;
            let is_repeat = is_repeat || attempt > 0;
            let answer = self.recorder.attempt(self.place, call, id, is_repeat, &mut self.random).await;
            if let Some(Answer::Ticket(ticket)) = &answer {
                self.seen = Some(ticket.clone());
            }
            let is_persistent = self.random.percent(PERSISTENT_PERCENT);
            if answer.is_some() || !is_persistent || !self.has_space() {
                return answer;
            }
            let pause = self.random.between(PAUSE_MS.0, PAUSE_MS.1).unsigned_abs();
            tokio::time::sleep(Duration::from_millis(pause)).await;
        }
        None
    }

    /// The next request, and whether it is a repeat.
    fn next(&mut self) -> (Request, bool) {
        if !self.past.is_empty() && self.random.percent(REPEAT_PERCENT) {
            let mut request = self.random.pick(&self.past);
            let is_reuse = request.call.action.writes_its_tag() && self.random.percent(REUSE_PERCENT);
            if is_reuse {
                request.call.tag = self.requests.fetch_add(1, Ordering::Relaxed);
            }
            return (request, true);
        }
        let action = if self.random.percent(READ_PERCENT) { self.reading() } else { self.command() };
        let is_read = matches!(action, Action::Read | Action::ReadAs(_));
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        let version = self.seen.as_ref().map(|ticket| ticket.version);
        let is_known = |version: &u32| *version > 0 && action.unit().is_none();
        let etag =
            version.filter(|version| is_known(version) && !is_read && self.random.percent(ETAG_PERCENT));
        let call = Call { action, request: (!is_read).then_some(number), tag: number, etag };
        (Request { id: Uuid::new_v4(), call }, false)
    }

    fn reading(&mut self) -> Action {
        if self.random.percent(80) { Action::Read } else { Action::ReadAs(self.unit()) }
    }

    /// The lead as it was seen last, or randomly the other unit.
    fn unit(&mut self) -> Unit {
        let lead = self.seen.as_ref().and_then(|ticket| ticket.dispatch).map(|dispatch| dispatch.lead);
        let any = self.random.pick(&Unit::ALL);
        if self.random.percent(85) { lead.unwrap_or(any) } else { any }
    }

    fn command(&mut self) -> Action {
        let unit = self.unit();
        let (is_yes, to) = (self.random.percent(50), self.random.pick(&Unit::ALL));
        let (classify, rule) =
            (Action::Classify { is_complex: is_yes }, Action::Rule { is_accepted: is_yes });
        let anything = [
            Action::Dispatch(to),
            Action::Accept(unit),
            Action::Return(unit),
            rule,
            Action::Reply(unit),
            Action::Report(unit),
            Action::ReplyAndReport(unit),
            classify,
            Action::Redact,
            Action::Urge,
            Action::Survey,
        ];
        if self.random.percent(1) {
            return Action::Withdraw;
        }
        let state = self.seen.as_ref().map(|ticket| ticket.state);
        if state.is_none() || self.random.percent(INVALID_PERCENT) {
            return self.random.pick(&anything);
        }
        let beside = [Action::Redact, Action::Redact, classify, Action::Urge];
        let onward: &[Action] = match state {
            Some(TicketState::Received) => &[Action::Dispatch(to)],
            Some(TicketState::Dispatched) => {
                &[Action::Accept(unit), Action::Accept(unit), Action::Return(unit), Action::Dispatch(to)]
            }
            Some(TicketState::Handling) => {
                &[Action::Reply(unit), Action::Report(unit), Action::ReplyAndReport(unit)]
            }
            Some(TicketState::Returned) => &[rule, Action::Dispatch(to)],
            Some(TicketState::Completed) => &[Action::Survey, Action::Read],
            _ => &anything,
        };
        if self.random.percent(45) { self.random.pick(onward) } else { self.random.pick(&beside) }
    }
}
