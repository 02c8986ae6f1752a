//! The only door through which a ticket changes.
//!
//! A change comes as events. The ledger folds them into the ticket, checks the invariants, and writes event, ticket,
//! unit, timer and effect rows in the unit of work it is given: all or nothing. It takes several tickets at once, for
//! about as many statements as one needs, and it alone knows the tables of the ticket.

pub mod accused;
pub mod audit;
mod bulk;
pub mod chain;
pub mod digests;
pub mod identity;
pub mod list;
pub mod missing;
pub mod numbers;
pub mod read;
pub mod restores;
mod rows;
pub mod seals;
pub mod timers;
pub mod verify;
mod within;
mod write;

use crate::deadline::RuleBook;
use crate::deadline::ladder::{self, CycleLimit, RungAt};
use crate::platform::{Fault, Work};
use crate::ticket::{
    Actor, CallerIdentity, Event, Instant, Recorded, Ticket, TicketNumber, apply, invariants,
};
use crate::vault::Vault;
use chain::{Head, Held};

/// The ledger of one server.
#[derive(Debug, Clone)]
pub struct Ledger {
    rules: RuleBook,
    vault: Vault,
    numbers: numbers::Numbers,
}

/// What happens to one ticket in one unit of work.
#[derive(Debug)]
pub struct Entry {
    /// The ticket.
    pub number: TicketNumber,
    /// The ticket as it was read under its lock; `None` for a new one.
    pub before: Option<Held>,
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
    events: Vec<rows::event::ActiveModel>,
    head: Head,
    identity: CallerIdentity,
    timer_before: Option<RungAt>,
    timer: Option<RungAt>,
}

impl Ledger {
    /// A ledger under this book of rules, which seals identities in this vault.
    #[must_use]
    pub fn new(rules: RuleBook, vault: Vault) -> Self {
        Self { rules, vault, numbers: numbers::Numbers::default() }
    }

    /// The vault of identities.
    #[must_use]
    pub const fn vault(&self) -> &Vault {
        &self.vault
    }

    /// The policies and calendars, of the present and of every ticket.
    #[must_use]
    pub const fn rules(&self) -> &RuleBook {
        &self.rules
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
        write::write(work, &self.vault, &mut rows).await?;
        for row in &rows {
            work.wrote(row.after.number.as_i64(), row.after.version.into());
        }
        Ok(rows.into_iter().map(|row| row.after).collect())
    }

    /// Folds an entry's events into its ticket.
    async fn fold(&self, work: &Work, actor: &Actor, entry: Entry) -> Result<Rows, Fault> {
        let timer_before = match &entry.before {
            Some(ticket) => self.next_timer(work, ticket).await?,
            None => None,
        };
        if entry.events.is_empty() {
            return Err(Fault::internal(format!("{} would change without an event", entry.number)));
        }
        let mut head = match &entry.before {
            Some(held) => chain::head_of(work, held).await?,
            None => Head::NONE,
        };
        let before = entry.before.map(|held| held.ticket);
        let mut after = before.clone();
        let (mut recorded, mut events) = (Vec::new(), Vec::new());
        for event in entry.events {
            let sequence = after.as_ref().map_or(1, |ticket| ticket.version + 1);
            let at = after.as_ref().map_or(work.now(), |ticket| instant_of(work, ticket));
            let one = Recorded { ticket: entry.number, sequence, at, actor: actor.clone(), event };
            after = Some(apply::apply(after, &one).map_err(|broken| Fault::internal(broken.what))?);
            events.push(rows::event::of(&one, work.hash_suite(), &mut head)?);
            recorded.push(one);
        }
        let after = after.ok_or_else(|| Fault::internal("a new ticket without events"))?;
        let broken = invariants::broken(&after);
        if !broken.is_empty() {
            return Err(Fault::internal(format!("{} would break: {}", after.number, broken.join("; "))));
        }
        let timer = self.next_timer(work, &after).await?;
        let identity = entry.identity;
        Ok(Rows { before, after, recorded, events, head, identity, timer_before, timer })
    }

    /// The rung that a ticket waits for, under the policy it was taken in under.
    async fn next_timer(&self, work: &Work, ticket: &Ticket) -> Result<Option<RungAt>, Fault> {
        if !ticket.state.is_open() {
            return Ok(None);
        }
        let policy = self.rules.policy(&work.tx, &ticket.cycle.deadline.policy_version).await?;
        Ok(ladder::next(&policy.ladder, &cycle_limit(ticket), ticket.cycle.rung))
    }
}

/// The instant at which a unit of work changes a ticket: its own, but never before the ticket's last event. A clock may
/// have been put back, or be a little behind another server's; time does not go back on a timeline for that. What a
/// decision counts from and what its events are dated must be the same.
#[must_use]
pub fn instant_of(work: &Work, ticket: &Ticket) -> Instant {
    work.now().max(ticket.updated_at)
}

/// The limit of a ticket's present cycle.
#[must_use]
pub fn cycle_limit(ticket: &Ticket) -> CycleLimit {
    CycleLimit {
        since: ticket.cycle.began_at,
        due_at: ticket.cycle.due_at(),
        carried_over: ticket.cycle.is_carried_over(),
    }
}
