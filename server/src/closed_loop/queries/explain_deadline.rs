//! `ExplainDeadline`: how a ticket's deadline was counted, day by day, and what set or moved it.

use super::{TicketQueries, find};
use crate::access::Permit;
use crate::deadline::{self, Explanation};
use crate::ledger;
use crate::platform::Fault;
use crate::ticket::{
    ClassifiedLimit, Deadline, Event, EventRecord, Instant, Ticket, TicketNumber, Tier, apply,
};

/// A deadline, explained.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExplainedDeadline {
    /// How the present cycle's limit was counted.
    pub explanation: Explanation,
    /// The changes of the deadline, oldest first.
    pub changes: Vec<DeadlineChange>,
    /// When the ticket is due.
    pub due_at: Instant,
    /// When this was read.
    pub now: Instant,
}

/// A change of a deadline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadlineChange {
    /// When.
    pub at: Instant,
    /// The cause.
    pub cause: DeadlineCause,
    /// The tier from then on.
    pub tier: Tier,
    /// The deadline from then on.
    pub due_at: Instant,
    /// The policy that it was counted by; `None` if it was not counted again.
    pub policy_version: Option<String>,
    /// The calendar that it was counted by; `None` if it was not counted again.
    pub calendar_version: Option<String>,
}

/// The causes of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeadlineCause {
    /// The intake.
    Intake,
    /// A classification.
    Classification,
    /// A carry-over that was granted.
    CarryOver,
    /// A new handling cycle.
    Rework,
    /// A classification after the limit, which stays.
    ClassificationAfterLimit,
    /// The correction of a wrong classification.
    Correction,
    /// A merged repeat with an earlier limit.
    Merge,
    /// The merge of such a repeat was undone.
    Unmerge,
    /// A notice came into force.
    Recount,
}

impl TicketQueries {
    /// Explains the deadline of a ticket.
    ///
    /// # Errors
    /// `TICKET_NOT_FOUND`, `LEAD_ONLY`, `NOT_INVOLVED`; if the database refuses.
    pub async fn explain_deadline(
        &self,
        permit: &Permit,
        number: TicketNumber,
    ) -> Result<ExplainedDeadline, Fault> {
        let reading = self.reading(permit).await?;
        let ticket = find(&reading, permit, number).await?;
        let cycle = &ticket.cycle;
        let policy = self.rules.policy(&reading, &cycle.deadline.policy_version).await?;
        let calendar = self.rules.calendar(&reading, &cycle.deadline.calendar_version).await?;
        let mut explanation = deadline::explain(&policy, &calendar, cycle.deadline.tier, cycle.began_at)
            .map_err(|error| Fault::internal(format!("explaining {number}: {error}")))?;
        // A notice may have left the limit as it was.
        explanation.provisional = cycle.deadline.is_provisional;
        let events = ledger::read::events(&reading, ticket.number, 0, u64::from(ticket.version)).await?;
        let changes = deadline_changes(&events, permit.unit().is_some())?;
        Ok(ExplainedDeadline { explanation, changes, due_at: cycle.due_at(), now: self.clock.now() })
    }
}

/// The effect of an event on the deadline: the cause, and the count if there was one. `was_due` is the limit in force
/// before the event.
fn change_of<'e>(
    event: &'e Event,
    ticket: &Ticket,
    was_due: Option<Instant>,
) -> Option<(DeadlineCause, Option<&'e Deadline>, Instant)> {
    let due_at = ticket.cycle.due_at();
    match event {
        Event::TicketCreated(created) => {
            Some((DeadlineCause::Intake, Some(&created.deadline), created.deadline.due_at))
        }
        Event::TicketClassified(classified) => {
            let deadline = &classified.deadline;
            let cause = match classified.limit {
                ClassifiedLimit::Counted => DeadlineCause::Classification,
                ClassifiedLimit::Kept => DeadlineCause::ClassificationAfterLimit,
                ClassifiedLimit::Corrected => DeadlineCause::Correction,
            };
            Some((cause, Some(deadline), deadline.due_at))
        }
        Event::CarryOverDecided { is_granted: true, due_at, .. } => {
            Some((DeadlineCause::CarryOver, None, *due_at))
        }
        Event::TicketReworked { deadline, .. } => {
            Some((DeadlineCause::Rework, Some(deadline), deadline.due_at))
        }
        Event::RepeatLinked(_) if was_due != Some(due_at) => Some((DeadlineCause::Merge, None, due_at)),
        Event::RepeatUnlinked { .. } if was_due != Some(due_at) => {
            Some((DeadlineCause::Unmerge, None, due_at))
        }
        Event::DeadlineRecounted { deadline, .. } => {
            Some((DeadlineCause::Recount, Some(deadline), deadline.due_at))
        }
        _ => None,
    }
}

/// The changes of a ticket's deadline, oldest first. For a unit, a classification that moved nothing is left out: it
/// may have been made only to recall the ticket from another unit.
fn deadline_changes(events: &[EventRecord], is_for_unit: bool) -> Result<Vec<DeadlineChange>, Fault> {
    let (mut tier, mut last_counted, mut ticket) = (Tier::General, None, None);
    let mut changes = Vec::new();
    for recorded in events {
        let was_due = ticket.as_ref().map(|ticket: &Ticket| ticket.cycle.due_at());
        let after = apply::apply(ticket, recorded).map_err(|broken| Fault::internal(broken.what))?;
        let change = change_of(&recorded.event, &after, was_due);
        ticket = Some(after);
        let Some((cause, counted, due_at)) = change else { continue };
        let counted_before = last_counted;
        last_counted = counted.or(last_counted);
        let moved_nothing = matches!(recorded.event, Event::TicketClassified(_)) && counted_before == counted;
        if is_for_unit && moved_nothing {
            continue;
        }
        tier = counted.map_or(tier, |counted| counted.tier);
        changes.push(DeadlineChange {
            at: recorded.at,
            cause,
            tier,
            due_at,
            policy_version: counted.map(|counted| counted.policy_version.clone()),
            calendar_version: counted.map(|counted| match &recorded.event {
                Event::DeadlineRecounted { calendar_version, .. } => calendar_version.clone(),
                _ => counted.calendar_version.clone(),
            }),
        });
    }
    Ok(changes)
}
