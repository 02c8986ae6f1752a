//! Replays the messages on a server: the clock is advanced from step to step, and at each step every participant makes
//! their calls.

use std::collections::HashMap;
use std::future::Future;

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use hotline_client::{
    AcceptTicket, CallerReply, Category, Channel, Complexity, ContactMethod, CreateTicket, DispatchTicket,
    Error, HotlineReport, Knowledge, Resolved, Responded, Satisfied, Simulation, Source, SubmitFeedback,
    SubmitSurvey, SuggestDispatch, Ticket, Tickets, Uuid,
};

use super::messages::Message;
use super::schedule::{self, ScheduledStep};
use super::totals::Totals;
use crate::progress::Progress;
use crate::random::Random;

/// Concurrent calls. A step of real data has one or two messages; a flood must not become as many calls.
const CALLS_MAX: usize = 16;
/// The seed of the answers that are made up.
const SURVEYS: u64 = 2019;

/// Clients of the server, one for each participant.
pub(super) struct Clients {
    pub(super) clock: Simulation,
    pub(super) agent: Tickets,
    pub(super) dispatcher: Tickets,
    /// The units that handle the messages, with their codes, never none. Line after line goes to the next one.
    pub(super) units: Vec<(String, Tickets)>,
    /// The units that messages name, by that name.
    pub(super) named_units: HashMap<String, (String, Tickets)>,
    /// What the dispatcher asks before a message goes to the unit that it names.
    pub(super) suggestions: Knowledge,
}

/// How messages become tickets.
pub(super) struct Plan {
    pub(super) category: Category,
    pub(super) complexity: Complexity,
    /// The id of this run, so that its tickets are never taken for those of another.
    pub(super) run: Uuid,
    /// Whether answers to the hotline's three questions are made up.
    pub(super) surveys: bool,
}

/// Replays all messages and counts the results.
pub(super) async fn replay(
    clients: &Clients,
    plan: &Plan,
    messages: &[Message],
    mut progress: Progress,
) -> Result<Totals, String> {
    let mut totals = Totals::default();
    // From the line of a message to the number of its ticket, while it is open.
    let mut open = HashMap::new();
    for (time, ScheduledStep { sent, replied, surveyed }) in schedule::schedule(messages, plan.surveys) {
        clients.clock.advance_to(time).await.map_err(|error| format!("at {time}: {error}"))?;
        for (message, ticket) in each(sent, |message| clients.take_in(plan, message)).await? {
            open.insert(message.line, ticket.number);
            totals.created();
        }
        for (_, ticket) in each(replied, |message| clients.hand_in(message, open.get(&message.line))).await? {
            totals.handed_in(&ticket);
            progress.advance(&time.date_naive().to_string());
        }
        each(surveyed, |message| clients.survey(message, open.get(&message.line))).await?;
    }
    progress.finish();
    Ok(totals)
}

/// Does the same for all items, several at once, and stops at the first failure.
async fn each<'a, F>(
    messages: Vec<&'a Message>,
    work: impl Fn(&'a Message) -> F,
) -> Result<Vec<(&'a Message, Ticket)>, String>
where
    F: Future<Output = Result<Ticket, Error>>,
{
    let work = &work;
    let named = messages.into_iter().map(|message| async move {
        let done = work(message).await;
        done.map(|ticket| (message, ticket)).map_err(|error| format!("line {}: {error}", message.line))
    });
    stream::iter(named).buffer_unordered(CALLS_MAX).try_collect().await
}

impl Clients {
    /// The unit that handles a message.
    fn unit(&self, message: &Message) -> &(String, Tickets) {
        if let Some(unit) = message.unit.as_ref().and_then(|name| self.named_units.get(name)) {
            return unit;
        }
        let line = usize::try_from(message.line).unwrap_or(0);
        &self.units[line % self.units.len()]
    }

    async fn take_in(&self, plan: &Plan, message: &Message) -> Result<Ticket, Error> {
        let source =
            Source { system: format!("replay-{}", plan.run), reference: format!("line-{}", message.line) };
        let command =
            CreateTicket::new(plan.category, plan.complexity, Channel::Web, &message.subject, &message.body)
                .source(source);
        let ticket = self.agent.create_ticket(command).await?;
        if message.unit.is_some() {
            self.suggestions.suggest_dispatch(SuggestDispatch::of_ticket(&ticket.number)).await?;
        }
        let (code, unit) = self.unit(message);
        let ticket = self.dispatcher.dispatch_ticket(DispatchTicket::new(ticket.number, code)).await?;
        unit.accept_ticket(AcceptTicket::new(ticket.number)).await
    }

    async fn hand_in(&self, message: &Message, ticket_number: Option<&String>) -> Result<Ticket, Error> {
        let reply = CallerReply {
            reply_time: message.replied_at,
            method: ContactMethod::Online,
            official: "replay".into(),
            content: message.reply.clone(),
            record_time: None,
        };
        let report = HotlineReport {
            actions: format!("replied as in line {}", message.line),
            result: "replied".into(),
            evidence: Vec::new(),
            record_time: None,
        };
        // A reply never comes before its message, so there is a ticket. Otherwise the server would refuse the call.
        let number = ticket_number.cloned().unwrap_or_default();
        let command = SubmitFeedback::new(number).caller_reply(reply).hotline_report(report);
        self.unit(message).1.submit_feedback(command).await
    }

    /// Answers that depend on the line alone, so that every replay of a file has the same.
    async fn survey(&self, message: &Message, ticket_number: Option<&String>) -> Result<Ticket, Error> {
        let mut random = Random::new(SURVEYS, message.line);
        let responded = if random.percent(95) { Responded::Yes } else { Responded::No };
        let resolved = if random.percent(80) { Resolved::Yes } else { Resolved::No };
        let satisfied = *random.pick(&[
            Satisfied::Satisfied,
            Satisfied::Satisfied,
            Satisfied::Basically,
            Satisfied::Dissatisfied,
            Satisfied::WouldNotAnswer,
        ]);
        let number = ticket_number.cloned().unwrap_or_default();
        let command = SubmitSurvey::new(number).responded(responded).resolved(resolved).satisfied(satisfied);
        self.agent.submit_survey(command).await
    }
}
