//! One ticket and its clients: sends calls, injects bugs between client and network, and records calls and answers in
//! one order.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hotline_client::Uuid;
use tokio::sync::watch;

use crate::checker::{OPERATIONS_MAX, Operation};
use crate::cluster::Cluster;
use crate::injected_bugs::InjectedBug;
use crate::random::Random;
use crate::rpc_attempt::{self, Address, Outcome, Tokens, VisibleTicket};
use crate::ticket_model::{Action, Answer, Call, Ticket};

/// The time limit for an answer.
const TIMEOUT: Duration = Duration::from_secs(5);
/// The percentage of calls with a time limit that is usually too short.
const SHORT_TIMEOUT_PERCENT: usize = 8;
/// That time limit, in milliseconds.
const SHORT_TIMEOUT_MS: (i64, i64) = (1, 40);
/// The percentage of reads that are answered from the past, if that bug is injected.
const STALE_PERCENT: usize = 30;

/// The data shared by all tickets of a run.
#[derive(Debug)]
pub(crate) struct RunContext {
    pub(crate) cluster: Arc<Cluster>,
    pub(crate) tokens: Tokens,
    pub(crate) has_faults: bool,
    pub(crate) inject: Option<InjectedBug>,
}

/// The history of one ticket as its clients have seen it.
#[derive(Debug, Default)]
pub(crate) struct Record {
    pub(crate) operations: Vec<Operation<Call, Answer>>,
    /// Every number that the ticket was shown with. There must be only one.
    pub(crate) numbers: BTreeSet<String>,
    /// Answers that no model explains.
    pub(crate) oddities: Vec<String>,
}

/// The recorder of one ticket.
#[derive(Debug)]
pub(crate) struct TicketRecorder {
    context: Arc<RunContext>,
    /// The reference of its source.
    pub(crate) reference: String,
    shown: watch::Sender<Option<VisibleTicket>>,
    record: Mutex<Record>,
    /// The next place in the order of calls and answers.
    next: AtomicU64,
    /// The answer of a stale read: the answer to the first read.
    past: Mutex<Option<Ticket>>,
}

impl TicketRecorder {
    pub(crate) fn new(context: Arc<RunContext>, reference: String) -> Self {
        Self {
            context,
            reference,
            shown: watch::Sender::new(None),
            record: Mutex::default(),
            next: AtomicU64::new(1),
            past: Mutex::default(),
        }
    }

    /// Whether another operation fits into the history.
    pub(crate) fn has_space(&self, clients: usize) -> bool {
        // Each of the other clients may have one running.
        lock(&self.record).operations.len() + clients < OPERATIONS_MAX
    }

    /// Waits until the ticket exists.
    pub(crate) async fn wait_for_ticket(&self) {
        // The recorder owns the sender.
        let _ = self.shown.subscribe().wait_for(Option::is_some).await;
    }

    /// The record.
    pub(crate) fn into_record(self) -> Record {
        self.record.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes one attempt of a call and records it; returns the answer, or `None` if it is unknown.
    pub(crate) async fn attempt(
        &self,
        client: usize,
        call: Call,
        request_id: Uuid,
        is_repeat: bool,
        random: &mut Random,
    ) -> Option<Answer> {
        let channel = self.context.cluster.channel(random).await;
        let is_short = self.context.has_faults && random.percent(SHORT_TIMEOUT_PERCENT);
        let short =
            Duration::from_millis(random.between(SHORT_TIMEOUT_MS.0, SHORT_TIMEOUT_MS.1).unsigned_abs());
        let timeout = if is_short { short } else { TIMEOUT };
        let (sent, request_id) = self.altered(call, request_id, is_repeat);
        let ticket = self.shown.borrow().clone();
        let address = Address { reference: &self.reference, ticket: ticket.as_ref(), request_id, timeout };
        let called_at = self.next.fetch_add(1, Ordering::SeqCst);
        let outcome = rpc_attempt::attempt(channel, &self.context.tokens, &sent, &address).await;
        let answer = match outcome {
            Outcome::Answered(answer, shown) => {
                self.note(shown);
                self.context.cluster.note_answer();
                Some(self.make_stale(call.action, answer, random))
            }
            Outcome::Unknown => None,
            Outcome::Odd(what) => {
                lock(&self.record).oddities.push(what);
                None
            }
        };
        let ended_at = self.next.fetch_add(1, Ordering::SeqCst);
        // A read without an answer carries no information.
        if call.request.is_some() || answer.is_some() {
            let answer = answer.clone();
            lock(&self.record).operations.push(Operation { client, call, answer, called_at, ended_at });
        }
        answer
    }

    fn note(&self, shown: Option<VisibleTicket>) {
        let Some(shown) = shown else { return };
        lock(&self.record).numbers.insert(shown.number.clone());
        self.shown.send_if_modified(|known| {
            let is_new = known.is_none();
            known.get_or_insert(shown);
            is_new
        });
    }

    /// The call as it is sent: unchanged, unless a bug is injected.
    fn altered(&self, call: Call, request_id: Uuid, is_repeat: bool) -> (Call, Uuid) {
        match self.context.inject {
            Some(InjectedBug::LostUpdate) => (Call { etag: None, ..call }, request_id),
            Some(InjectedBug::RepeatedEffect) if is_repeat => (call, Uuid::new_v4()),
            _ => (call, request_id),
        }
    }

    /// The answer as it is returned: unchanged, unless stale reads are injected.
    fn make_stale(&self, action: Action, answer: Answer, random: &mut Random) -> Answer {
        if self.context.inject != Some(InjectedBug::StaleRead) || action != Action::Read {
            return answer;
        }
        let mut past = lock(&self.past);
        match (past.clone(), &answer) {
            (Some(past), _) if random.percent(STALE_PERCENT) => Answer::Ticket(past),
            (None, Answer::Ticket(ticket)) => {
                *past = Some(ticket.clone());
                answer
            }
            _ => answer,
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
