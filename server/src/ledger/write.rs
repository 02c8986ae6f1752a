//! Writes tickets: folds the events, checks the invariants, and writes the rows.

use super::entry::{Entry, TicketChange};
use super::locked_ticket::{head_of, instant_of};
use super::numbers::Numbers;
use super::rows;
use super::timers::cycle_limit;
use super::write_rows::add_rows;
use crate::audit_log::hash_chain::Head;
use crate::deadline::RuleBook;
use crate::deadline::ladder::{self, RungAt};
use crate::identity::vault::Vault;
use crate::platform::writes::Writes;
use crate::platform::{Fault, Work};
use crate::ticket::{EventRecord, Ticket, apply, invariants};

/// The ledger of one server.
#[derive(Debug, Clone)]
pub struct Ledger {
    rules: RuleBook,
    vault: Vault,
    numbers: Numbers,
}

impl Ledger {
    /// A ledger with these rules, which encrypts identities in this vault.
    #[must_use]
    pub fn new(rules: RuleBook, vault: Vault) -> Self {
        Self { rules, vault, numbers: Numbers::default() }
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
    pub const fn numbers(&self) -> &Numbers {
        &self.numbers
    }

    /// Writes the changes of some tickets; returns the changed tickets.
    ///
    /// # Errors
    /// A conflict if a ticket was changed since it was read, or a unique row is there already. An internal fault if the
    /// events do not fit the ticket or would break an invariant. Nothing is written then.
    pub async fn write(&self, work: &Work, entries: Vec<Entry>) -> Result<Vec<Ticket>, Fault> {
        let mut changes = Vec::with_capacity(entries.len());
        for entry in entries {
            changes.push(self.fold(work, entry).await?);
        }
        let mut writes = Writes::new(work);
        let tickets = self.add(work, changes, &mut writes).await?;
        writes.execute(work).await?;
        Ok(tickets)
    }

    /// Adds folded entries to what a unit of work writes, each of another ticket; answers the tickets as they stand
    /// then.
    ///
    /// # Errors
    /// What the database refuses with; an internal error if a ticket can't be written down.
    pub(crate) async fn add(
        &self,
        work: &Work,
        mut changes: Vec<TicketChange>,
        writes: &mut Writes,
    ) -> Result<Vec<Ticket>, Fault> {
        add_rows(work, &self.vault, &mut changes, writes).await?;
        for change in &changes {
            work.wrote(change.after.number.as_i64(), change.after.version.into());
        }
        Ok(changes.into_iter().map(|change| change.after).collect())
    }

    /// Folds an entry's events into its ticket.
    ///
    /// # Errors
    /// An internal fault if the events do not fit the ticket or would break an invariant.
    pub(crate) async fn fold(&self, work: &Work, entry: Entry) -> Result<TicketChange, Fault> {
        let timer_before = match &entry.before {
            Some(ticket) => self.next_timer(work, ticket).await?,
            None => None,
        };
        if entry.events.is_empty() {
            return Err(Fault::internal(format!("{} would change without an event", entry.number)));
        }
        let mut head = match &entry.before {
            Some(locked) => head_of(work, locked).await?,
            None => Head::NONE,
        };
        let before = entry.before.map(|locked| locked.ticket);
        let mut after = before.clone();
        let (mut recorded, mut events) = (Vec::new(), Vec::new());
        for event in entry.events {
            let sequence = after.as_ref().map_or(1, |ticket| ticket.version + 1);
            let at = after.as_ref().map_or(work.now(), |ticket| instant_of(work, ticket));
            let one = EventRecord { ticket: entry.number, sequence, at, actor: entry.actor.clone(), event };
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
        Ok(TicketChange {
            before,
            after,
            recorded,
            events,
            head,
            identity,
            replaces_identity: false,
            attachment: None,
            timer_before,
            timer,
        })
    }

    /// The rung that a ticket waits for, under the policy of its intake.
    pub(super) async fn next_timer(&self, work: &Work, ticket: &Ticket) -> Result<Option<RungAt>, Fault> {
        if !ticket.state.is_open() {
            return Ok(None);
        }
        let policy = self.rules.policy(&work.tx, &ticket.cycle.deadline.policy_version).await?;
        Ok(ladder::next(&policy.ladder, &cycle_limit(ticket), ticket.cycle.ladder_rung))
    }
}
