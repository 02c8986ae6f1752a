//! The load: clients that work through the SDK while servers are killed. Some create new tickets, some run tasks on the
//! backlog.
//!
//! A client uses one server after another. If an answer was lost, it repeats the request at the next server with the
//! same request id, as the contract says. Answers are kept, and must be in the events afterwards.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use hotline_client::{
    AcceptTicket, Category, Channel, Complexity, CreateTicket, DispatchTicket, Error, ErrorReason,
    EscalateTicket, Escalation, HotlineClient, SubmitFeedback, Ticket, Tickets, Uuid,
};
use hotline_server::ticket::Rung;
use tokio::task::JoinSet;

use crate::load_tasks::{LoadTask, TaskKind, reply, report};
use crate::support::server::Server;
use crate::ticket_history::{LEAD, Progress};

/// Clients that create new tickets.
const INTAKE_CLIENTS: usize = 2;
/// The interval at which each of them creates a ticket.
const INTAKE_EVERY: Duration = Duration::from_millis(150);
/// The longest time that a client waits for an answer.
const WAIT_MAX: Duration = Duration::from_secs(30);
/// The pause between two attempts.
const PAUSE: Duration = Duration::from_millis(20);

/// An acknowledged change of a ticket, which must be in its events once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Acknowledged {
    /// An event by its name.
    Event(&'static str),
    /// A rung that was fired by hand.
    Fired(Rung),
}

/// The results of the clients.
#[derive(Debug, Default)]
pub(crate) struct LoadResult {
    /// The acknowledged changes, by ticket number.
    pub(crate) acknowledged: Vec<(String, Acknowledged)>,
    /// Refusals that no rule explains, and missing answers.
    pub(crate) unexpected_errors: Vec<String>,
}

/// The clients of all participants, on one server.
#[derive(Debug)]
struct ServerClients {
    agent: Tickets,
    dispatcher: Tickets,
    supervisor: Tickets,
    lead: Tickets,
}

/// The shared state of the clients.
#[derive(Debug, Clone)]
pub(crate) struct Load {
    servers: Arc<Vec<ServerClients>>,
    is_closing: Arc<AtomicBool>,
}

impl Load {
    /// The load on some servers, with the tokens of the one that made the credentials.
    pub(crate) fn open(endpoints: &[String], setup_server: &Server) -> Self {
        let token = |role| setup_server.token(role);
        let tokens =
            [token("agent"), token("dispatcher"), token("supervisor"), setup_server.unit_token(LEAD)];
        let server = |endpoint: &String| {
            let anybody = HotlineClient::builder().endpoint(endpoint).deadline(WAIT_MAX).connect_lazy();
            let anybody = anybody.expect("a server's address is an endpoint");
            let tickets = |token: &String| {
                anybody.with_token(token.as_str()).expect("a token fits into a header").tickets()
            };
            let [agent, dispatcher, supervisor, lead] = tokens.each_ref().map(tickets);
            ServerClients { agent, dispatcher, supervisor, lead }
        };
        Self { servers: Arc::new(endpoints.iter().map(server).collect()), is_closing: Arc::default() }
    }

    /// No more tickets are created; started work is finished.
    pub(crate) fn close(&self) {
        self.is_closing.store(true, Ordering::Relaxed);
    }

    /// Works until every task is done and the load is closed.
    pub(crate) async fn work(self, tasks: Vec<LoadTask>) -> LoadResult {
        let client = |turn| LoadClient { load: self.clone(), turn, seen: LoadResult::default() };
        let mut clients: JoinSet<LoadResult> =
            (0..INTAKE_CLIENTS).map(|client_index| client(client_index).take_in()).collect();
        for (turn, task) in tasks.into_iter().enumerate() {
            clients.spawn(client(turn).run(task));
        }
        let mut all = LoadResult::default();
        while let Some(one) = clients.join_next().await {
            let one = one.expect("a client does not panic");
            all.acknowledged.extend(one.acknowledged);
            all.unexpected_errors.extend(one.unexpected_errors);
        }
        all
    }
}

/// A client.
struct LoadClient {
    load: Load,
    /// The next server to use.
    turn: usize,
    seen: LoadResult,
}

impl LoadClient {
    /// Sends the same request to one server after another, until one answers.
    async fn answered<F>(&mut self, call: impl Fn(&ServerClients) -> F) -> Result<Ticket, Error>
    where
        F: Future<Output = Result<Ticket, Error>>,
    {
        let begun = tokio::time::Instant::now();
        loop {
            self.turn += 1;
            match call(&self.load.servers[self.turn % self.load.servers.len()]).await {
                Err(error) if error.is_retryable() && begun.elapsed() < WAIT_MAX => {
                    tokio::time::sleep(PAUSE).await;
                }
                outcome => return outcome,
            }
        }
    }

    /// Records an acknowledged change.
    fn note_acknowledged<const N: usize>(&mut self, number: &str, events: [&'static str; N]) {
        self.seen.acknowledged.extend(events.map(|name| (number.to_owned(), Acknowledged::Event(name))));
    }

    /// Takes requests in and brings them through the loop until the load closes.
    async fn take_in(mut self) -> LoadResult {
        let mut pace = tokio::time::interval(INTAKE_EVERY);
        while !self.load.is_closing.load(Ordering::Relaxed) {
            pace.tick().await;
            if let Err(error) = self.complete_a_new_ticket().await {
                self.seen.unexpected_errors.push(format!("a new request: {error:?}"));
            }
        }
        self.seen
    }

    async fn complete_a_new_ticket(&mut self) -> Result<(), Error> {
        let (subject, content) = ("询问变更登记的进度", "提交材料后至今没有答复。");
        let create = CreateTicket::new(Category::Appeal, Complexity::General, Channel::Web, subject, content)
            .request_id(Uuid::new_v4());
        let created = self.answered(|server| {
            let (agent, create) = (server.agent.clone(), create.clone());
            async move { agent.create_ticket(create).await }
        });
        let number = created.await?.number;
        self.note_acknowledged(&number, ["TicketCreated"]);
        self.dispatch(&number).await?;
        let signed = self.accept(&number).await?;
        self.complete(&number, signed.update_time).await
    }

    /// Runs a task at its time.
    async fn run(mut self, task: LoadTask) -> LoadResult {
        tokio::time::sleep_until(task.begin).await;
        if let Err(error) = self.run_steps(&task).await {
            self.seen.unexpected_errors.push(format!("{}: {:?}: {error:?}", task.number, task.kind));
        }
        self.seen
    }

    async fn run_steps(&mut self, task: &LoadTask) -> Result<(), Error> {
        let number = task.number.as_str();
        if let TaskKind::Escalate(rung) = task.kind {
            return self.escalate(number, rung).await;
        }
        if task.progress == Progress::Received {
            self.dispatch(number).await?;
        }
        if task.progress != Progress::Handling {
            self.accept(number).await?;
        }
        match task.kind {
            TaskKind::Complete => self.complete(number, task.replied_at).await,
            TaskKind::CompleteByHalves => self.complete_by_halves(number, task.replied_at).await,
            TaskKind::Accept | TaskKind::Escalate(_) => Ok(()),
        }
    }

    async fn dispatch(&mut self, number: &str) -> Result<(), Error> {
        let request_id = Some(Uuid::new_v4());
        let command = DispatchTicket::new(number, LEAD).request_id(request_id);
        let sent = self.answered(|server| {
            let (dispatcher, command) = (server.dispatcher.clone(), command.clone());
            async move { dispatcher.dispatch_ticket(command).await }
        });
        sent.await?;
        self.note_acknowledged(number, ["TicketDispatched"]);
        Ok(())
    }

    async fn accept(&mut self, number: &str) -> Result<Ticket, Error> {
        let command = AcceptTicket::new(number).request_id(Uuid::new_v4());
        let signed = self.answered(|server| {
            let (lead, command) = (server.lead.clone(), command.clone());
            async move { lead.accept_ticket(command).await }
        });
        let signed = signed.await?;
        self.note_acknowledged(number, ["TicketAccepted"]);
        Ok(signed)
    }

    async fn submit_feedback_command(&mut self, feedback: SubmitFeedback) -> Result<Ticket, Error> {
        let command = feedback.request_id(Uuid::new_v4());
        let fed = self.answered(|server| {
            let (lead, command) = (server.lead.clone(), command.clone());
            async move { lead.submit_feedback(command).await }
        });
        fed.await
    }

    async fn complete(&mut self, number: &str, replied_at: DateTime<Utc>) -> Result<(), Error> {
        let (caller_reply, hotline_report) = (Some(reply(replied_at)), Some(report()));
        self.submit_feedback_command(
            SubmitFeedback::new(number).caller_reply(caller_reply).hotline_report(hotline_report),
        )
        .await?;
        self.note_acknowledged(number, ["CallerReplied", "HotlineReported", "TicketCompleted"]);
        Ok(())
    }

    async fn complete_by_halves(&mut self, number: &str, replied_at: DateTime<Utc>) -> Result<(), Error> {
        let caller_reply = Some(reply(replied_at));
        self.submit_feedback_command(SubmitFeedback::new(number).caller_reply(caller_reply)).await?;
        self.note_acknowledged(number, ["CallerReplied"]);
        let hotline_report = Some(report());
        self.submit_feedback_command(SubmitFeedback::new(number).hotline_report(hotline_report)).await?;
        self.note_acknowledged(number, ["HotlineReported", "TicketCompleted"]);
        Ok(())
    }

    /// Fires a rung by hand if the ladder has fired one: before the limit, the ladder would fire the same rung again.
    async fn escalate(&mut self, number: &str, rung: Rung) -> Result<(), Error> {
        let read = self.answered(|server| {
            let (supervisor, number) = (server.supervisor.clone(), number.to_owned());
            async move { supervisor.get_ticket(number).await }
        });
        if !read.await?.cycle.has_reached(hotline_client::Rung::Urged) {
            return Ok(());
        }
        let escalation = match rung {
            Rung::Urged => Escalation::Urge,
            Rung::Supervised => Escalation::Supervise,
            _ => Escalation::Manual,
        };
        let request_id = Some(Uuid::new_v4());
        let command = EscalateTicket::new(number, escalation, "企业再次来电").request_id(request_id);
        let fired = self.answered(|server| {
            let (supervisor, command) = (server.supervisor.clone(), command.clone());
            async move { supervisor.escalate_ticket(command).await }
        });
        match fired.await {
            Ok(_) => self.seen.acknowledged.push((number.to_owned(), Acknowledged::Fired(rung))),
            // The ladder was faster.
            Err(error) if error.reason() == Some(ErrorReason::RungAlreadyReached) => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }
}
