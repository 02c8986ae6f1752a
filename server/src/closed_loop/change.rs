//! The way that every command on a ticket takes: lock, earlier answer, etag, state, decision, screening, write, record.

use super::request_record;
use super::verb::{DecisionContext, Verb, check_etag, check_state, not_found};
use crate::access::Permit;
use crate::desk::directory::UnitSet;
use crate::desk::free_text::screen_texts;
use crate::ledger::locked_ticket::LockedTicket;
use crate::ledger::{self, Entry, Ledger};
use crate::platform::idempotency::RequestKey;
use crate::platform::metrics::TEXTS_REFUSED;
use crate::platform::{Clock, Fault, Store, Work};
use crate::ticket::{CallerIdentity, Event, Ticket, TicketNumber};

/// What became of a command in a unit of work that is committed: the ticket, or a refusal that left a record.
pub(super) type CommandOutcome = Result<Ticket, Fault>;

/// What the verbs stand on.
#[derive(Debug, Clone)]
pub struct ClosedLoop {
    /// The database.
    pub store: Store,
    /// The clock.
    pub clock: Clock,
    /// The only door to a ticket.
    pub ledger: Ledger,
}

/// A command on a ticket.
#[derive(Debug, Clone)]
pub struct Change<V> {
    /// The request, for repeating it.
    pub key: RequestKey,
    /// The ticket.
    pub number: TicketNumber,
    /// What the caller has read, if it wants to be sure.
    pub etag: Option<String>,
    /// What is asked.
    pub verb: V,
}

/// What a unit of work that changes a ticket needs.
struct ChangeInput<V> {
    closed_loop: ClosedLoop,
    permit: Permit,
    change: Change<V>,
}

impl ClosedLoop {
    /// Runs a command on a ticket; answers the ticket as the command left it.
    ///
    /// # Errors
    /// `TICKET_NOT_FOUND`, `ETAG_STALE`, `WRONG_STATE`, `REQUEST_ID_REUSED`, the verb's refusals, `UNAVAILABLE`.
    pub async fn change<V: Verb>(&self, permit: Permit, change: Change<V>) -> Result<Ticket, Fault> {
        let key = change.key.clone();
        let input = ChangeInput { closed_loop: self.clone(), permit, change };
        let outcome = self
            .store
            .run(&self.clock, input, async |work, input| {
                input.closed_loop.change_in(work, &input.permit, &input.change).await
            })
            .await;
        let outcome = outcome.and_then(|committed| {
            // Counted after the commit of its record.
            committed.inspect_err(|_| metrics::counter!(TEXTS_REFUSED).increment(1))
        });
        self.settle(outcome, &key).await
    }

    async fn change_in<V: Verb>(
        &self,
        work: &Work,
        permit: &Permit,
        change: &Change<V>,
    ) -> Result<CommandOutcome, Fault> {
        let scope = permit.scope();
        work.set_unit_scope(scope.unit()).await?;
        // The lock comes before the look for an earlier answer, so that of two equal requests the second one waits for
        // the first and then finds its answer.
        let locked = ledger::read::lock(work, &scope, change.number).await?;
        if let Some(ticket) = request_record::find_in(work, &change.key).await? {
            return Ok(Ok(ticket));
        }
        let ticket = locked.ok_or_else(|| not_found(change.number))?;
        check_etag(permit, change.etag.as_deref(), &ticket)?;
        check_state(V::COMMAND, &ticket)?;
        permit.check_relation(permit.unit().and_then(|unit| ticket.relation_of(unit)))?;
        // The decision comes first. A text is compared with the caller only if it would be stored otherwise, so a wrong
        // guess stands on the timeline with its author.
        let events = self.decide(work, permit, &change.verb, &ticket).await?;
        if let Some(refusal) = self.screen(work, permit, &change.verb, &ticket).await? {
            return Ok(Err(refusal));
        }
        let after = self.write_one(work, permit, ticket, events).await?;
        request_record::write(work, &change.key, &after).await?;
        Ok(Ok(after))
    }

    /// Reads what the decision needs, and decides.
    async fn decide<V: Verb>(
        &self,
        work: &Work,
        permit: &Permit,
        verb: &V,
        ticket: &Ticket,
    ) -> Result<Vec<Event>, Fault> {
        let accuses = verb.accuses() || !ticket.accused_units.is_empty();
        let named = verb.units_named(ticket);
        let units = if accuses {
            UnitSet::lock(&work.tx, named).await?
        } else {
            UnitSet::read(&work.tx, named).await?
        };
        let (rules, counted_by) = (self.ledger.rules(), &ticket.cycle.deadline);
        let policy = rules.policy(&work.tx, &counted_by.policy_version).await?;
        let now = ledger::instant_of(work, ticket);
        let calendar = if V::BEGINS_CYCLE {
            rules.in_force(&work.tx, now).await?.calendar
        } else {
            rules.calendar(&work.tx, &counted_by.calendar_version).await?
        };
        let ctx = DecisionContext {
            now,
            permit,
            policy: &policy,
            policy_version: &counted_by.policy_version,
            calendar: &calendar,
            units: &units,
        };
        verb.decide(ticket, &ctx)
    }

    /// Screens what staff write on a confidential ticket; answers a refusal that is recorded in this unit of work. What a
    /// unit writes is compared with nothing, even in a part that is not its own.
    async fn screen<V: Verb>(
        &self,
        work: &Work,
        permit: &Permit,
        verb: &V,
        ticket: &LockedTicket,
    ) -> Result<Option<Fault>, Fault> {
        if permit.unit().is_some() || (!ticket.is_confidential && !V::ALWAYS_SCREENED) {
            return Ok(None);
        }
        let (vault, texts) = (self.ledger.vault(), verb.free_texts());
        let (actor, method) = (permit.actor(), V::COMMAND.name());
        screen_texts(work, vault, &actor, method, ticket, &texts).await
    }

    async fn write_one(
        &self,
        work: &Work,
        permit: &Permit,
        before: LockedTicket,
        events: Vec<Event>,
    ) -> Result<Ticket, Fault> {
        let number = before.number;
        let entry = Entry { number, before: Some(before), events, identity: CallerIdentity::default() };
        let written = self.ledger.write(work, &permit.actor(), vec![entry]).await?;
        written.into_iter().next().ok_or_else(|| Fault::internal("a change wrote no ticket"))
    }

    /// After a commit whose answer was lost, asks the request record what happened.
    pub(super) async fn settle(
        &self,
        outcome: Result<Ticket, Fault>,
        key: &RequestKey,
    ) -> Result<Ticket, Fault> {
        match outcome {
            Err(fault) if fault.is_outcome_unknown => {
                tracing::warn!(
                    error = fault.detail,
                    "answer to a commit was lost; looking up the request record"
                );
                request_record::find(&self.store, key).await?.ok_or(fault)
            }
            outcome => outcome,
        }
    }
}
