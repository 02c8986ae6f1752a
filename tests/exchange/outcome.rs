//! What must be in the hotline at the end: each call once, each with one ticket, and counts that say the same.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use hotline_client::chrono::TimeDelta;
use hotline_client::{
    AcceptTicket, Call, CallerReply, ContactMethod, DispatchTicket, Error, HotlineClient, HotlineReport,
    ListCalls, ListTickets, Resolved, Responded, Satisfied, SubmitFeedback, SubmitSurvey, Ticket,
    TicketState,
};

use crate::gateway::SYSTEM;
use crate::support::server::Server;
use crate::support::wait::Pauses;

/// More than the calls of any run.
const MANY: usize = 100_000;
/// The unit that handles the ticket which is carried to its end.
const LEAD: &str = "dept-market-regulation";

/// Who looks after the calls.
pub(crate) struct Clients {
    agent: HotlineClient,
    supervisor: HotlineClient,
    dispatcher: HotlineClient,
    lead: HotlineClient,
}

impl Clients {
    pub(crate) fn of(anybody: &HotlineClient, server: &Server) -> Self {
        let with = |token: String| anybody.with_token(token).expect("a token fits into a header");
        Self {
            agent: with(server.token("agent")),
            supervisor: with(server.token("supervisor")),
            dispatcher: with(server.token("dispatcher")),
            lead: with(server.unit_token(LEAD)),
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "map_err gives it away")]
fn text(error: Error) -> String {
    error.to_string()
}

/// Waits until every call has ended and has its ticket; then nothing may be there twice.
pub(crate) async fn wait_for(clients: &Clients, calls: u32, at_most: Duration) -> Result<(), String> {
    let expected = i64::from(calls);
    let mut pauses = Pauses::within(at_most);
    let (mut answered, mut without_ticket) = (0, true);
    while answered < expected || without_ticket {
        if !pauses.next().await {
            let and = if without_ticket { ", and some have no ticket" } else { "" };
            return Err(format!("{answered} of {expected} calls have ended{and}"));
        }
        // Whole lists would keep the server busy, so they are read at the end.
        answered = count(clients).await?;
        let some = ListCalls::default().without_ticket(true);
        let some = clients.agent.calls().list_calls(some).take_up_to(1).await.map_err(text)?;
        without_ticket = !some.is_empty();
    }
    read(clients).await?.check(clients, usize::try_from(calls).map_err(|error| error.to_string())?).await
}

/// The calls that a seat has answered, in the hours around the newest one.
async fn count(clients: &Clients) -> Result<i64, String> {
    let newest = clients.agent.calls().list_calls(ListCalls::default()).take_up_to(1).await.map_err(text)?;
    let Some(newest) = newest.first().and_then(|call| call.key.start_time) else { return Ok(0) };
    let (from, to) = (newest - TimeDelta::hours(12), newest + TimeDelta::hours(1));
    let level = clients.supervisor.calls().get_service_level(from, to).await.map_err(text)?;
    Ok(level.total.answered)
}

struct Found {
    calls: Vec<Call>,
    tickets: Vec<Ticket>,
}

async fn read(clients: &Clients) -> Result<Found, String> {
    let calls = clients.agent.calls().list_calls(ListCalls::default().page_size(100_u32)).take_up_to(MANY);
    let tickets = clients.agent.tickets();
    let tickets = tickets.list_tickets(ListTickets::default().page_size(500_u32)).take_up_to(MANY);
    Ok(Found { calls: calls.await.map_err(text)?, tickets: tickets.await.map_err(text)? })
}

impl Found {
    async fn check(&self, clients: &Clients, expected: usize) -> Result<(), String> {
        let ids: BTreeSet<_> =
            self.calls.iter().filter_map(|call| call.key.end_to_end_id.as_deref()).collect();
        if ids.len() != expected || self.calls.len() != expected {
            return Err(format!("{} calls with {} ids instead of {expected}", self.calls.len(), ids.len()));
        }
        let mut tickets = BTreeMap::<&str, u32>::new();
        for ticket in &self.tickets {
            *tickets.entry(ticket.call_id.as_deref().unwrap_or("no call")).or_default() += 1;
        }
        let with_one = |call: &Call| tickets.get(call.id.as_str()) == Some(&1);
        if !self.calls.iter().all(with_one) || tickets.len() != expected {
            return Err(format!("not every call has one ticket: {tickets:?}"));
        }
        if let Some(foreign) = self.calls.iter().find(|call| call.key.system != SYSTEM) {
            return Err(format!("a call of {}", foreign.key.system));
        }
        let starts: Vec<_> = self.calls.iter().filter_map(|call| call.key.start_time).collect();
        let (first, last) = (starts.iter().min(), starts.iter().max());
        let Some((first, last)) = first.zip(last) else { return Err("no call has a start".to_owned()) };
        let calls = clients.supervisor.calls();
        let level = calls.get_service_level(*first, *last + TimeDelta::hours(1)).await.map_err(text)?.total;
        let counted = [level.queued, level.answered].map(usize::try_from);
        if counted != [Ok(expected), Ok(expected)] {
            return Err(format!("the service level counts {level:?}"));
        }
        Ok(())
    }
}

/// The rest of the way of one ticket: a unit handles it, the company is asked, and it is closed.
pub(crate) async fn carry_one_to_its_end(clients: &Clients) -> Result<(), String> {
    let tickets = clients.agent.tickets();
    let first = tickets.list_tickets(ListTickets::default()).take_up_to(1).await.map_err(text)?;
    let number = first.first().ok_or("there is no ticket")?.number.clone();
    let dispatch = DispatchTicket::new(&number, LEAD);
    clients.dispatcher.tickets().dispatch_ticket(dispatch).await.map_err(text)?;
    let unit = clients.lead.tickets();
    let accepted = unit.accept_ticket(AcceptTicket::new(&number)).await.map_err(text)?;
    let reply = CallerReply {
        reply_time: accepted.update_time,
        method: ContactMethod::Telephone,
        official: "登记科".into(),
        content: "材料已受理，三日内办结。".into(),
        record_time: None,
    };
    let report = HotlineReport {
        actions: "核对了受理记录".into(),
        result: "已受理".into(),
        evidence: Vec::new(),
        record_time: None,
    };
    let feedback = SubmitFeedback::new(&number).caller_reply(reply).hotline_report(report);
    unit.submit_feedback(feedback).await.map_err(text)?;
    let survey = SubmitSurvey::new(&number)
        .responded(Responded::Yes)
        .resolved(Resolved::Yes)
        .satisfied(Satisfied::Satisfied);
    let closed = tickets.submit_survey(survey).await.map_err(text)?;
    if closed.state == TicketState::Closed {
        Ok(())
    } else {
        Err(format!("the ticket is {:?}", closed.state))
    }
}
