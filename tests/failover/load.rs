//! Callers that work through the SDK while the primary is lost. Each repeats a request under the same request id until
//! it is answered, and keeps what was acknowledged.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use hotline_client::{
    Category, Channel, Complexity, Contact, CreateTicket, DispatchTicket, Error, ErrorReason, HotlineClient,
    ListTickets, Uuid,
};

use crate::support::canary;

/// The words about a request that nobody answered.
pub(crate) const UNANSWERED: &str = "was not answered";
/// The words about a ticket that a caller was given, and that is not there any more.
pub(crate) const LOST: &str = "is lost";
/// The unit that leads the tickets.
const LEAD: &str = "dept-market-regulation";
/// The pause between two requests of a caller, and before a repeat.
const PAUSE: Duration = Duration::from_millis(20);

/// The clients of a server.
#[derive(Debug, Clone)]
pub(crate) struct Clients {
    pub(crate) agent: HotlineClient,
    pub(crate) dispatcher: HotlineClient,
}

/// The state that all callers share.
#[derive(Debug, Clone)]
pub(crate) struct Load {
    pub(crate) clients: Clients,
    /// The longest time that a request is repeated.
    pub(crate) wait_max: Duration,
    is_closing: Arc<AtomicBool>,
    answers: Arc<AtomicU32>,
}

/// What one caller has seen.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// The numbers of its tickets, each with its last acknowledged version.
    pub(crate) tickets: Vec<(String, u32)>,
    /// Errors that the SDK did not bridge, and a repeat did.
    pub(crate) repeats: u32,
    /// The longest time from a request to its answer.
    pub(crate) longest: Duration,
}

impl Load {
    pub(crate) fn new(clients: Clients, wait_max: Duration) -> Self {
        Self { clients, wait_max, is_closing: Arc::default(), answers: Arc::default() }
    }

    /// No more requests begin.
    pub(crate) fn close(&self) {
        self.is_closing.store(true, Ordering::Relaxed);
    }

    /// How many requests were answered so far.
    pub(crate) fn answers(&self) -> u32 {
        self.answers.load(Ordering::Relaxed)
    }

    /// Works until the load is closed.
    ///
    /// # Errors
    /// A refusal that no repeat bridges, or a request without an answer.
    pub(crate) async fn work(self) -> Result<Seen, String> {
        let mut seen = Seen::default();
        while !self.is_closing.load(Ordering::Relaxed) {
            let number = self.take_in(&mut seen).await?;
            let version = self.dispatch(&number, &mut seen).await?;
            seen.tickets.push((number, version));
            tokio::time::sleep(PAUSE).await;
        }
        Ok(seen)
    }

    /// Takes a request in, and reads it with its caller, which writes to the access log.
    async fn take_in(&self, seen: &mut Seen) -> Result<String, String> {
        let agent = self.clients.agent.tickets();
        let create = CreateTicket::new(
            Category::Appeal,
            Complexity::General,
            Channel::Web,
            "询问变更登记的进度",
            "提交材料后至今没有答复。",
        )
        .request_id(Uuid::new_v4())
        .contact(Contact { name: canary::CONTACT.into(), phone: canary::PHONE.into() });
        let created = self.answered("CreateTicket", seen, || agent.create_ticket(create.clone())).await?;
        let read = self.answered("GetTicket", seen, || agent.get_ticket(&created.number)).await?;
        if read.number == created.number {
            Ok(created.number)
        } else {
            Err("another ticket was read".to_owned())
        }
    }

    async fn dispatch(&self, number: &str, seen: &mut Seen) -> Result<u32, String> {
        let dispatcher = self.clients.dispatcher.tickets();
        let command = DispatchTicket::new(number, LEAD).request_id(Uuid::new_v4());
        let sent =
            self.answered("DispatchTicket", seen, || dispatcher.dispatch_ticket(command.clone())).await?;
        // A standby answers lists, and may be a little behind.
        let newest = || dispatcher.list_tickets(ListTickets::default()).take_up_to(1);
        self.answered("ListTickets", seen, newest).await?;
        version_of(&sent.etag)
    }

    /// Sends a request until it is answered.
    async fn answered<T, F>(&self, what: &str, seen: &mut Seen, call: impl Fn() -> F) -> Result<T, String>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let begun = Instant::now();
        loop {
            match call().await {
                Ok(answer) => {
                    self.answers.fetch_add(1, Ordering::Relaxed);
                    seen.longest = seen.longest.max(begun.elapsed());
                    return Ok(answer);
                }
                // A caller reads and changes only what it was given.
                Err(error) if error.reason() == Some(ErrorReason::TicketNotFound) => {
                    return Err(format!("{what}: an acknowledged ticket {LOST}: {error:?}"));
                }
                Err(error) if !error.is_retryable() => return Err(format!("{what} was refused: {error:?}")),
                Err(error) if begun.elapsed() > self.wait_max => {
                    return Err(format!("{what} {UNANSWERED} within {:?}: {error:?}", self.wait_max));
                }
                Err(_) => seen.repeats += 1,
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// The version that an etag is made of.
pub(crate) fn version_of(etag: &str) -> Result<u32, String> {
    let version = etag.strip_prefix('v').and_then(|version| version.parse().ok());
    version.ok_or_else(|| format!("an etag is a version: {etag}"))
}
