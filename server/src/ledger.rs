//! The only door through which a ticket changes.
//!
//! A change comes as events. The ledger folds them into the ticket, checks the invariants, and writes event, ticket,
//! unit, timer and effect rows in the unit of work it is given: all or nothing. It takes several tickets at once, for
//! about as many statements as one needs, and it alone knows the tables of the ticket.

pub mod identity;
pub mod list;
pub mod missing;
pub mod numbers;
pub mod read;
mod rows;
pub mod timers;
mod write;

use std::sync::Arc;

use crate::deadline::ladder::{self, Owed, RungAt};
use crate::deadline::{Calendar, PolicyBook};
use crate::platform::{Fault, Work};
use crate::ticket::{Actor, CallerIdentity, Event, Recorded, Ticket, TicketNumber, apply, invariants};

/// The ledger of one server.
#[derive(Debug, Clone)]
pub struct Ledger {
    policies: PolicyBook,
    calendar: Arc<Calendar>,
    numbers: numbers::Numbers,
}

/// What happens to one ticket in one unit of work.
#[derive(Debug)]
pub struct Entry {
    /// The ticket.
    pub number: TicketNumber,
    /// The ticket as it was read under its lock; `None` for a new one.
    pub before: Option<Ticket>,
    /// What happens, in order; at least one.
    pub events: Vec<Event>,
    /// Who called, for a new ticket.
    pub identity: CallerIdentity,
}

/// The rows that an entry becomes.
struct Rows {
    before: Option<Ticket>,
    after: Ticket,
    recorded: Vec<Recorded>,
    identity: CallerIdentity,
    timer_before: Option<RungAt>,
    timer: Option<RungAt>,
}

impl Ledger {
    /// A ledger under these policies and this calendar.
    #[must_use]
    pub fn new(policies: PolicyBook, calendar: Arc<Calendar>) -> Self {
        Self { policies, calendar, numbers: numbers::Numbers::default() }
    }

    /// The policies, of the present and of every ticket.
    #[must_use]
    pub const fn policies(&self) -> &PolicyBook {
        &self.policies
    }

    /// The calendar of working days.
    #[must_use]
    pub fn calendar(&self) -> &Calendar {
        &self.calendar
    }

    /// The ticket numbers of this server.
    #[must_use]
    pub const fn numbers(&self) -> &numbers::Numbers {
        &self.numbers
    }

    /// Writes what happens to some tickets; answers them as they stand then.
    ///
    /// # Errors
    /// A conflict where a ticket was changed since it was read, or a unique row is there already; a fault of ours where
    /// the events do not fit the ticket or would break an invariant. Nothing is written then.
    pub async fn write(&self, work: &Work, actor: &Actor, entries: Vec<Entry>) -> Result<Vec<Ticket>, Fault> {
        let mut rows = Vec::with_capacity(entries.len());
        for entry in entries {
            rows.push(self.fold(work, actor, entry).await?);
        }
        write::write(work, &rows).await?;
        Ok(rows.into_iter().map(|row| row.after).collect())
    }

    /// Folds an entry's events into its ticket.
    async fn fold(&self, work: &Work, actor: &Actor, entry: Entry) -> Result<Rows, Fault> {
        let timer_before = match &entry.before {
            Some(ticket) => self.next_timer(work, ticket).await?,
            None => None,
        };
        let mut after = entry.before.clone();
        let mut recorded = Vec::with_capacity(entry.events.len());
        for event in entry.events {
            let sequence = after.as_ref().map_or(1, |ticket| ticket.version + 1);
            let one =
                Recorded { ticket: entry.number, sequence, at: work.now(), actor: actor.clone(), event };
            after = Some(apply::apply(after, &one).map_err(|broken| Fault::internal(broken.what))?);
            recorded.push(one);
        }
        let after = after.ok_or_else(|| Fault::internal("a new ticket without events"))?;
        let broken = invariants::broken(&after);
        if !broken.is_empty() {
            return Err(Fault::internal(format!("{} would break: {}", after.number, broken.join("; "))));
        }
        let timer = self.next_timer(work, &after).await?;
        Ok(Rows { before: entry.before, after, recorded, identity: entry.identity, timer_before, timer })
    }

    /// The rung that a ticket waits for, under the policy it was taken in under.
    async fn next_timer(&self, work: &Work, ticket: &Ticket) -> Result<Option<RungAt>, Fault> {
        if !ticket.state.is_open() {
            return Ok(None);
        }
        let policy = self.policies.of(&work.tx, &ticket.cycle.deadline.policy_version).await?;
        Ok(ladder::next(&policy.ladder, &owed(ticket), ticket.cycle.rung))
    }
}

/// What is owed in a ticket's present cycle.
#[must_use]
pub fn owed(ticket: &Ticket) -> Owed {
    Owed {
        since: ticket.cycle.began_at,
        due_at: ticket.cycle.due_at(),
        carried_over: ticket.cycle.is_carried_over(),
    }
}
