//! The verbs of the loop, one a file: what is asked, why it may be refused, and the pure decision that turns a command
//! and a ticket into events.
//!
//! Every command on a ticket takes the same way, [`ClosedLoop::change`]: lock the ticket, look for an earlier answer to
//! the same request id, compare the etag, look the state up in the table, decide, write through the ledger, record the
//! answer, all in one transaction with one instant.

pub mod accept_ticket;
pub mod answer_ticket;
pub mod carry_over_ticket;
pub mod classify_ticket;
pub mod create_ticket;
pub mod decline_ticket;
pub mod dispatch_ticket;
#[cfg(test)]
pub(crate) mod fixture;
pub mod merge_ticket;
pub mod plan_ticket;
pub mod queries;
mod recall;
pub mod record_contact_attempt;
pub mod redact_ticket;
mod repeat;
pub mod return_ticket;
pub mod rework_ticket;
pub mod rule_on_return;
pub mod screened_ticket;
pub mod submit_feedback;
pub mod submit_survey;
pub mod withdraw_ticket;
mod writing;

use std::sync::Arc;

use hotline_proto::v1::ErrorReason;

use crate::access::Permit;
use crate::deadline::{self, Calendar, Policy};
use crate::desk::directory::KnownUnits;
pub use crate::desk::writing::Writing;
use crate::desk::writing::look_through;
use crate::ledger::chain::Held;
use crate::ledger::{self, Entry, Ledger};

use crate::platform::idempotency::{self, Answered, RequestKey};
use crate::platform::metrics::TEXTS_REFUSED;
use crate::platform::{Clock, Fault, Store, Work};
use crate::ticket::{
    CallerIdentity, Command, Deadline, Event, Instant, Ticket, TicketNumber, Tier, UnitCode,
};

/// What became of a command in a unit of work that is committed: the ticket, or a refusal that left a record.
type Recorded = Result<Ticket, Fault>;

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

/// What a decision may look at besides the ticket. Everything in it is fixed before the decision.
#[derive(Debug, Clone, Copy)]
pub struct Moment<'a> {
    /// The instant of the unit of work; never before the ticket's last event.
    pub now: Instant,
    /// The proof that the caller may call, and whom it acts for.
    pub permit: &'a Permit,
    /// The policy that the ticket was taken in under.
    pub policy: &'a Policy,
    /// Its version.
    pub policy_version: &'a str,
    /// The calendar of working days that the cycle began with, or begins with.
    pub calendar: &'a Calendar,
    /// The units that the verb named, and those above them.
    pub units: &'a KnownUnits,
}

/// A verb of the loop.
pub trait Verb: Send + Sync + 'static {
    /// Its row in the table of transitions.
    const COMMAND: Command;

    /// Whether it begins a handling cycle, which is counted by the calendar in force then. What happens within a cycle
    /// is counted by the calendar that the cycle began with.
    const BEGINS_CYCLE: bool = false;

    /// Whether it sends the ticket to units that have not read it.
    const SENDS: bool = false;

    /// Whether its texts are looked through on every ticket, because they stay on it and are read by whatever unit has it
    /// when it has become confidential.
    const STAYS: bool = false;

    /// The texts that staff write with it, which must not say who a confidential caller is. What a unit writes is not
    /// among them: it does not know, and a refusal would tell it that it has guessed right.
    fn writes(&self) -> Vec<Writing<'_>> {
        Vec::new()
    }

    /// The units that the decision needs to know of.
    fn units_named(&self, _ticket: &Ticket) -> Vec<UnitCode> {
        Vec::new()
    }

    /// Whether it adds to the units that the ticket accuses.
    fn accuses(&self) -> bool {
        false
    }

    /// Decides what happens. Pure; the state has been checked against the table.
    ///
    /// # Errors
    /// The verb's own refusals.
    fn decide(&self, ticket: &Ticket, moment: &Moment<'_>) -> Result<Vec<Event>, Fault>;
}

impl Moment<'_> {
    /// The limit of a tier, counted from an instant.
    ///
    /// # Errors
    /// A fault of ours where the instant lies outside the years that calendars reach.
    pub fn deadline(&self, tier: Tier, from: Instant) -> Result<Deadline, Fault> {
        let due = deadline::due(from, self.policy.deadline.limit(tier), self.calendar)
            .map_err(|error| Fault::internal(format!("a deadline from {from}: {error}")))?;
        Ok(Deadline {
            due_at: due.due_at,
            tier,
            policy_version: self.policy_version.to_owned(),
            calendar_version: self.calendar.version().to_owned(),
            is_provisional: due.provisional,
        })
    }

    /// The unit that the caller acts for, which must lead the ticket.
    ///
    /// # Errors
    /// `LEAD_ONLY`.
    pub fn lead(&self, ticket: &Ticket) -> Result<UnitCode, Fault> {
        match (self.permit.unit(), ticket.lead_unit()) {
            (Some(unit), Some(lead)) if unit == lead => Ok(unit.clone()),
            _ => Err(Fault::new(ErrorReason::LeadOnly)),
        }
    }
}

/// `WRONG_STATE`, unless the table allows the command in the ticket's state.
///
/// # Errors
/// `WRONG_STATE` with the state and the states in which the command makes sense.
pub fn check_state(command: Command, ticket: &Ticket) -> Result<(), Fault> {
    if command.is_allowed_in(ticket.state) {
        return Ok(());
    }
    let allowed = command.allowed_in().iter().map(|state| state.name()).collect::<Vec<_>>().join(",");
    Err(Fault::new(ErrorReason::WrongState)
        .with("ticket_number", ticket.number.to_string())
        .with("state", ticket.state.name())
        .with("allowed_states", allowed))
}

/// `ETAG_STALE`, unless the caller has read the ticket as it is, or did not say what it read.
pub(crate) fn check_etag(permit: &Permit, etag: Option<&str>, ticket: &Ticket) -> Result<(), Fault> {
    let present = if permit.unit().is_some() { ticket.etag_for_unit() } else { ticket.etag() };
    if etag.is_none_or(|etag| etag == present) {
        return Ok(());
    }
    Err(Fault::new(ErrorReason::EtagStale).with("ticket_number", ticket.number.to_string()))
}

pub(crate) fn not_found(number: TicketNumber) -> Fault {
    Fault::new(ErrorReason::TicketNotFound).with("ticket_number", number.to_string())
}

impl ClosedLoop {
    /// Runs a command on a ticket; answers the ticket as the command left it.
    ///
    /// # Errors
    /// `TICKET_NOT_FOUND`, `ETAG_STALE`, `WRONG_STATE`, `REQUEST_ID_REUSED`, the verb's refusals, `UNAVAILABLE`.
    pub async fn change<V: Verb>(&self, permit: Permit, change: Change<V>) -> Result<Ticket, Fault> {
        let key = change.key.clone();
        let asked = Arc::new((self.clone(), permit, change));
        let outcome = self
            .store
            .work(&self.clock, move |work| {
                let asked = Arc::clone(&asked);
                Box::pin(async move { asked.0.change_in(work, &asked.1, &asked.2).await })
            })
            .await;
        let outcome = outcome.and_then(|recorded| {
            // Counted after the commit of its record.
            recorded.inspect_err(|_| metrics::counter!(TEXTS_REFUSED).increment(1))
        });
        self.settle(outcome, &key).await
    }

    async fn change_in<V: Verb>(
        &self,
        work: &Work,
        permit: &Permit,
        change: &Change<V>,
    ) -> Result<Recorded, Fault> {
        let scope = permit.scope();
        work.confine(scope.unit()).await?;
        // The lock comes before the look for an earlier answer, so that of two equal requests the second one waits for
        // the first and then finds its answer.
        let locked = ledger::read::lock(work, &scope, change.number).await?;
        if let Some(ticket) = self.answered_in(work, &change.key).await? {
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
        record(work, &change.key, &after).await?;
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
        let units = KnownUnits::weighed(&work.tx, verb.units_named(ticket), accuses).await?;
        let (rules, counted_by) = (self.ledger.rules(), &ticket.cycle.deadline);
        let policy = rules.policy(&work.tx, &counted_by.policy_version).await?;
        let now = ledger::instant_of(work, ticket);
        let calendar = if V::BEGINS_CYCLE {
            rules.in_force(&work.tx, now).await?.calendar
        } else {
            rules.calendar(&work.tx, &counted_by.calendar_version).await?
        };
        let moment = Moment {
            now,
            permit,
            policy: &policy,
            policy_version: &counted_by.policy_version,
            calendar: &calendar,
            units: &units,
        };
        verb.decide(ticket, &moment)
    }

    /// Looks through what staff write on a confidential ticket, and through what an earlier release took in unseen; answers
    /// a refusal that is recorded in this unit of work. What a unit writes is compared with nothing, even in a part that
    /// is not its own.
    async fn screen<V: Verb>(
        &self,
        work: &Work,
        permit: &Permit,
        verb: &V,
        ticket: &Held,
    ) -> Result<Option<Fault>, Fault> {
        if permit.unit().is_some() || (!ticket.is_confidential && !V::STAYS) {
            return Ok(None);
        }
        let (vault, writings) = (self.ledger.vault(), verb.writes());
        let (actor, method) = (permit.actor(), V::COMMAND.name());
        let refusal = look_through(work, vault, &actor, method, ticket, &writings).await?;
        if refusal.is_none() && V::SENDS && ticket.is_confidential && !ticket.is_screened {
            let caller = ledger::identity::to_compare(&work.tx, vault, ticket.number).await?;
            writing::check_unseen(ticket, &caller)?;
        }
        Ok(refusal)
    }

    async fn write_one(
        &self,
        work: &Work,
        permit: &Permit,
        before: Held,
        events: Vec<Event>,
    ) -> Result<Ticket, Fault> {
        let number = before.number;
        let entry = Entry { number, before: Some(before), events, identity: CallerIdentity::default() };
        let written = self.ledger.write(work, &permit.actor(), vec![entry]).await?;
        written.into_iter().next().ok_or_else(|| Fault::internal("a change wrote no ticket"))
    }

    /// The ticket as an equal request left it, if there was one; what a confined unit of work reaches is that ticket then.
    pub(crate) async fn answered_in(&self, work: &Work, key: &RequestKey) -> Result<Option<Ticket>, Fault> {
        let Some(answered) = recorded(&work.tx, key).await? else { return Ok(None) };
        work.reach(answered.0.as_i64()).await?;
        repeated(&work.tx, answered).await.map(Some)
    }

    /// The ticket as an equal request left it, if there was one; asked outside of a unit of work.
    pub(crate) async fn answered_before(&self, key: &RequestKey) -> Result<Option<Ticket>, Fault> {
        let db = self.store.reader();
        let Some(answered) = recorded(db, key).await? else { return Ok(None) };
        repeated(db, answered).await.map(Some)
    }

    /// After a commit whose answer was lost, asks the request record what happened.
    pub(crate) async fn settle(
        &self,
        outcome: Result<Ticket, Fault>,
        key: &RequestKey,
    ) -> Result<Ticket, Fault> {
        match outcome {
            Err(fault) if fault.is_outcome_unknown => {
                tracing::warn!(
                    ours = fault.ours,
                    "the answer to a commit was lost; asking the request record"
                );
                self.answered_before(key).await?.ok_or(fault)
            }
            outcome => outcome,
        }
    }
}

/// Which ticket an equal request left, and in which version, if there was one.
async fn recorded(
    db: &impl sea_orm::ConnectionTrait,
    key: &RequestKey,
) -> Result<Option<(TicketNumber, u32)>, Fault> {
    match idempotency::find(db, key).await? {
        Some(Answered::Ticket { number, version }) => {
            let number = TicketNumber::from_i64(number);
            let number = number.map_err(|error| Fault::internal(format!("a request record: {error}")))?;
            Ok(Some((number, version)))
        }
        Some(Answered::Bytes(_)) => Err(Fault::internal("a request record of another kind")),
        None => Ok(None),
    }
}

/// The first answer once more, byte for byte. A unit has it again wherever the ticket is now, as the contract says, and
/// whomever it complains about by now: it tells nothing that the unit was not told before, and to refuse it only where the
/// ticket has turned out to be a complaint about the unit would tell the unit just that.
async fn repeated(
    db: &impl sea_orm::ConnectionTrait,
    (number, version): (TicketNumber, u32),
) -> Result<Ticket, Fault> {
    ledger::read::at_version(db, number, version).await
}

/// Records that a request left a ticket in this version.
pub(crate) async fn record(work: &Work, key: &RequestKey, ticket: &Ticket) -> Result<(), Fault> {
    let answered = Answered::Ticket { number: ticket.number.as_i64(), version: ticket.version };
    idempotency::record(work, key, answered).await
}
