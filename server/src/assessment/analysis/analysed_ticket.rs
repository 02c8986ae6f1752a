//! A ticket as the analysis counts it: from its events and nothing else, without texts and without its caller. Pure.

use serde::{Deserialize, Serialize};

use crate::ticket::apply::{InvalidTimeline, apply};
use crate::ticket::{
    Category, Channel, Event, EventRecord, Instant, Resolved, Responded, Rung, Satisfied, State, Ticket,
    TicketNumber, UnitCode,
};

/// What is counted of one ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the contract documents the fields under the same names")]
pub struct AnalysedTicket {
    pub number: TicketNumber,
    pub received_at: Instant,
    pub category: Category,
    pub channel: Channel,
    pub topic: Option<String>,
    pub district: Option<String>,
    pub industry: Option<String>,
    pub unit: Option<UnitCode>,
    pub state: State,
    pub due_at: Instant,
    pub completed_at: Option<Instant>,
    pub is_answered_by_hotline: bool,
    pub is_carried_over: bool,
    pub returns: u32,
    pub dispatches: u32,
    pub cycles: u32,
    pub rung: Rung,
    pub responded: Option<Responded>,
    pub resolved: Option<Resolved>,
    pub satisfied: Option<Satisfied>,
}

impl AnalysedTicket {
    /// The ticket with these events, from the first one on; `None` without events, and for one that is for practice.
    ///
    /// # Errors
    /// [`InvalidTimeline`] if the events do not fold.
    pub fn of(events: &[EventRecord]) -> Result<Option<Self>, InvalidTimeline> {
        let (mut ticket, mut dispatches, mut rung, mut is_carried_over) = (None, 0, Rung::None, false);
        for recorded in events {
            let after = apply(ticket, recorded)?;
            dispatches += u32::from(matches!(recorded.event, Event::TicketDispatched { .. }));
            rung = rung.max(after.cycle.rung);
            is_carried_over |= after.cycle.is_carried_over();
            ticket = Some(after);
        }
        let Some(ticket) = ticket.filter(|ticket: &Ticket| !ticket.is_training) else { return Ok(None) };
        let unit = ticket.lead_unit().cloned();
        let survey = ticket.cycle.survey.as_ref();
        Ok(Some(Self {
            number: ticket.number,
            received_at: ticket.received_at,
            category: ticket.category,
            channel: ticket.channel,
            state: ticket.state,
            due_at: ticket.cycle.due_at(),
            completed_at: ticket.cycle.completed_at,
            is_answered_by_hotline: ticket.answer.is_some(),
            is_carried_over,
            returns: u32::try_from(ticket.returns.len()).unwrap_or(u32::MAX),
            dispatches,
            cycles: ticket.cycle.number,
            rung,
            responded: survey.and_then(|survey| survey.responded),
            resolved: survey.and_then(|survey| survey.resolved),
            satisfied: survey.and_then(|survey| survey.satisfied),
            topic: ticket.topic,
            district: ticket.district,
            industry: ticket.industry,
            unit,
        }))
    }

    /// How long it took from intake to its last completion, in seconds.
    #[must_use]
    pub fn handling_seconds(&self) -> Option<i64> {
        self.completed_at.map(|completed_at| (completed_at - self.received_at).num_seconds().max(0))
    }

    /// Whether it was completed within its limit.
    #[must_use]
    pub fn is_on_time(&self) -> bool {
        self.completed_at.is_some_and(|completed_at| completed_at <= self.due_at)
    }
}
