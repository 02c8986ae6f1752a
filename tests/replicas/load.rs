//! The clerks: people who work through the SDK while servers are killed under them. Some take in new requests, some run
//! errands on the backlog.
//!
//! A clerk goes from server to server. One whose answer was lost asks the next server with the same request id, as the
//! contract says. What was answered is kept, and must be on the timelines afterwards.

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

use crate::load_tasks::{Errand, What, reply, report};
use crate::support::server::Server;
use crate::ticket_history::{LEAD, Stand};

/// Clerks who take in new requests.
const SEATS: usize = 2;
/// A seat takes a request in so often.
const INTAKE_EVERY: Duration = Duration::from_millis(150);
/// The longest that a clerk asks for an answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// The pause between two times of asking.
const PAUSE: Duration = Duration::from_millis(20);

/// What was acknowledged of a ticket: it is on its timeline once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Deed {
    /// An event by its name.
    Event(&'static str),
    /// A rung that was fired by hand.
    Fired(Rung),
}

/// What the clerks have seen.
#[derive(Debug, Default)]
pub(crate) struct Experience {
    /// What was acknowledged, by ticket number.
    pub(crate) deeds: Vec<(String, Deed)>,
    /// Refusals that no rule explains, and answers that never came.
    pub(crate) complaints: Vec<String>,
}

/// The clients of everybody who takes part, on one server.
#[derive(Debug)]
struct Desk {
    agent: Tickets,
    dispatcher: Tickets,
    supervisor: Tickets,
    lead: Tickets,
}

/// Everything that clerks share.
#[derive(Debug, Clone)]
pub(crate) struct Office {
    desks: Arc<Vec<Desk>>,
    is_closing: Arc<AtomicBool>,
}

impl Office {
    /// An office on some servers, with the tokens of the one that made the credentials.
    pub(crate) fn open(endpoints: &[String], house: &Server) -> Self {
        let token = |role| house.token(role);
        let tokens = [token("agent"), token("dispatcher"), token("supervisor"), house.unit_token(LEAD)];
        let desk = |endpoint: &String| {
            let anybody = HotlineClient::builder().endpoint(endpoint).deadline(PATIENCE).connect_lazy();
            let anybody = anybody.expect("a server's address is an endpoint");
            let tickets = |token: &String| {
                anybody.with_token(token.as_str()).expect("a token fits into a header").tickets()
            };
            let [agent, dispatcher, supervisor, lead] = tokens.each_ref().map(tickets);
            Desk { agent, dispatcher, supervisor, lead }
        };
        Self { desks: Arc::new(endpoints.iter().map(desk).collect()), is_closing: Arc::default() }
    }

    /// The seats take no more requests in; what was begun is finished.
    pub(crate) fn close(&self) {
        self.is_closing.store(true, Ordering::Relaxed);
    }

    /// Works until every errand is done and the office has closed.
    pub(crate) async fn work(self, errands: Vec<Errand>) -> Experience {
        let clerk = |turn| Clerk { office: self.clone(), turn, seen: Experience::default() };
        let mut clerks: JoinSet<Experience> = (0..SEATS).map(|seat| clerk(seat).take_in()).collect();
        for (turn, errand) in errands.into_iter().enumerate() {
            clerks.spawn(clerk(turn).run(errand));
        }
        let mut all = Experience::default();
        while let Some(one) = clerks.join_next().await {
            let one = one.expect("a clerk does not panic");
            all.deeds.extend(one.deeds);
            all.complaints.extend(one.complaints);
        }
        all
    }
}

/// Somebody at work.
struct Clerk {
    office: Office,
    /// Whose turn it is among the servers.
    turn: usize,
    seen: Experience,
}

impl Clerk {
    /// Asks one server after another, with the same request, until one answers.
    async fn answered<F>(&mut self, call: impl Fn(&Desk) -> F) -> Result<Ticket, Error>
    where
        F: Future<Output = Result<Ticket, Error>>,
    {
        let begun = tokio::time::Instant::now();
        loop {
            self.turn += 1;
            match call(&self.office.desks[self.turn % self.office.desks.len()]).await {
                Err(error) if error.is_retryable() && begun.elapsed() < PATIENCE => {
                    tokio::time::sleep(PAUSE).await;
                }
                outcome => return outcome,
            }
        }
    }

    /// Keeps what was acknowledged.
    fn did<const N: usize>(&mut self, number: &str, events: [&'static str; N]) {
        self.seen.deeds.extend(events.map(|name| (number.to_owned(), Deed::Event(name))));
    }

    /// Takes requests in and walks them through the loop until the office closes.
    async fn take_in(mut self) -> Experience {
        let mut pace = tokio::time::interval(INTAKE_EVERY);
        while !self.office.is_closing.load(Ordering::Relaxed) {
            pace.tick().await;
            if let Err(error) = self.walk_the_loop().await {
                self.seen.complaints.push(format!("a new request: {error:?}"));
            }
        }
        self.seen
    }

    async fn walk_the_loop(&mut self) -> Result<(), Error> {
        let (subject, content) = ("询问变更登记的进度", "提交材料后至今没有答复。");
        let create = CreateTicket {
            request_id: Some(Uuid::new_v4()),
            ..CreateTicket::new(Category::Appeal, Complexity::General, Channel::Web, subject, content)
        };
        let created = self.answered(|desk| {
            let (agent, create) = (desk.agent.clone(), create.clone());
            async move { agent.create_ticket(create).await }
        });
        let number = created.await?.number;
        self.did(&number, ["TicketCreated"]);
        self.dispatch(&number).await?;
        let signed = self.accept(&number).await?;
        self.complete(&number, signed.update_time).await
    }

    /// Runs an errand when it is time for it.
    async fn run(mut self, errand: Errand) -> Experience {
        tokio::time::sleep_until(errand.begin).await;
        if let Err(error) = self.do_it(&errand).await {
            self.seen.complaints.push(format!("{}: {:?}: {error:?}", errand.number, errand.what));
        }
        self.seen
    }

    async fn do_it(&mut self, errand: &Errand) -> Result<(), Error> {
        let number = errand.number.as_str();
        if let What::Escalate(rung) = errand.what {
            return self.escalate(number, rung).await;
        }
        if errand.stand == Stand::Received {
            self.dispatch(number).await?;
        }
        if errand.stand != Stand::Handling {
            self.accept(number).await?;
        }
        match errand.what {
            What::Complete => self.complete(number, errand.replied_at).await,
            What::CompleteByHalves => self.complete_by_halves(number, errand.replied_at).await,
            What::Accept | What::Escalate(_) => Ok(()),
        }
    }

    async fn dispatch(&mut self, number: &str) -> Result<(), Error> {
        let request_id = Some(Uuid::new_v4());
        let command = DispatchTicket { request_id, ..DispatchTicket::new(number, LEAD) };
        let sent = self.answered(|desk| {
            let (dispatcher, command) = (desk.dispatcher.clone(), command.clone());
            async move { dispatcher.dispatch_ticket(command).await }
        });
        sent.await?;
        self.did(number, ["TicketDispatched"]);
        Ok(())
    }

    async fn accept(&mut self, number: &str) -> Result<Ticket, Error> {
        let command = AcceptTicket { request_id: Some(Uuid::new_v4()), ..AcceptTicket::new(number) };
        let signed = self.answered(|desk| {
            let (lead, command) = (desk.lead.clone(), command.clone());
            async move { lead.accept_ticket(command).await }
        });
        let signed = signed.await?;
        self.did(number, ["TicketAccepted"]);
        Ok(signed)
    }

    async fn feed(&mut self, feedback: SubmitFeedback) -> Result<Ticket, Error> {
        let command = SubmitFeedback { request_id: Some(Uuid::new_v4()), ..feedback };
        let fed = self.answered(|desk| {
            let (lead, command) = (desk.lead.clone(), command.clone());
            async move { lead.submit_feedback(command).await }
        });
        fed.await
    }

    async fn complete(&mut self, number: &str, replied_at: DateTime<Utc>) -> Result<(), Error> {
        let (caller_reply, hotline_report) = (Some(reply(replied_at)), Some(report()));
        self.feed(SubmitFeedback { caller_reply, hotline_report, ..SubmitFeedback::new(number) }).await?;
        self.did(number, ["CallerReplied", "HotlineReported", "TicketCompleted"]);
        Ok(())
    }

    async fn complete_by_halves(&mut self, number: &str, replied_at: DateTime<Utc>) -> Result<(), Error> {
        let caller_reply = Some(reply(replied_at));
        self.feed(SubmitFeedback { caller_reply, ..SubmitFeedback::new(number) }).await?;
        self.did(number, ["CallerReplied"]);
        let hotline_report = Some(report());
        self.feed(SubmitFeedback { hotline_report, ..SubmitFeedback::new(number) }).await?;
        self.did(number, ["HotlineReported", "TicketCompleted"]);
        Ok(())
    }

    async fn escalate(&mut self, number: &str, rung: Rung) -> Result<(), Error> {
        let escalation = match rung {
            Rung::Urged => Escalation::Urge,
            Rung::Supervised => Escalation::Supervise,
            _ => Escalation::Manual,
        };
        let request_id = Some(Uuid::new_v4());
        let command =
            EscalateTicket { request_id, ..EscalateTicket::new(number, escalation, "企业再次来电") };
        let fired = self.answered(|desk| {
            let (supervisor, command) = (desk.supervisor.clone(), command.clone());
            async move { supervisor.escalate_ticket(command).await }
        });
        match fired.await {
            Ok(_) => self.seen.deeds.push((number.to_owned(), Deed::Fired(rung))),
            // The ladder was faster.
            Err(error) if error.reason() == Some(ErrorReason::RungAlreadyReached) => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }
}
