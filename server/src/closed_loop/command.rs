//! A command as a group runs it: what it needs to know, and its pure decision. A group knows nothing of the verbs.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::LazyLock;

use super::DecisionContext;
use super::create_ticket::ScreenedTicket;
use super::verb::{Change, Verb, check_etag, check_state, not_found};
use crate::access::Permit;
use crate::desk::free_text::FreeText;
use crate::desk::knowledge::KnowledgeNeeded;
use crate::identity::attachment_keys::StoredFile;
use crate::ledger::locked_ticket::LockedTicket;
use crate::platform::Fault;
use crate::platform::group_commit::GroupedCommand;
use crate::platform::idempotency::RequestKey;
use crate::ticket::{CallerUpdate, Event, Ticket, TicketNumber, UnitCode};

/// What became of a command, once its group is committed.
#[derive(Debug)]
pub enum CommandAnswer {
    /// The ticket as the command left it.
    Changed(Box<Ticket>),
    /// An equal request left this ticket in this version before.
    Repeated(TicketNumber, u32),
    /// It was refused, and the refusal is on record.
    RefusedOnRecord(Fault),
}

/// A command that waits for its group.
#[derive(Debug)]
pub struct TicketCommand {
    /// Who runs it, and that it may.
    pub permit: Permit,
    /// The request, for repeating it.
    pub key: RequestKey,
    /// What is asked.
    pub action: Action,
}

/// What is asked.
#[derive(Debug)]
pub enum Action {
    /// To take a request in.
    Create(Box<ScreenedTicket>),
    /// To change tickets.
    Change(Box<dyn TicketChange>),
}

/// The units that a decision needs to know of.
#[derive(Debug, Default)]
pub struct UnitsNeeded {
    /// Their codes.
    pub codes: Vec<UnitCode>,
    /// Whether the decision hangs on which unit stands under which, so that their rows are locked.
    pub is_locked: bool,
    /// Whether units get work, so that they are kept active.
    pub gives_work: bool,
}

/// A command on tickets that are there.
pub trait TicketChange: std::fmt::Debug + Send + Sync + 'static {
    /// The tickets that it changes, first the one that it answers.
    fn numbers(&self) -> Vec<TicketNumber>;

    /// Checks what comes before every decision, on the tickets as far as they were found; answers them.
    fn check(&self, permit: &Permit, found: Vec<Option<LockedTicket>>) -> Result<Vec<LockedTicket>, Fault>;

    /// The units that the decision needs to know of.
    fn units_needed(&self, tickets: &[LockedTicket]) -> UnitsNeeded;

    /// What the decision needs to know of the knowledge base.
    fn knowledge_needed(&self, _tickets: &[LockedTicket]) -> KnowledgeNeeded {
        KnowledgeNeeded::default()
    }

    /// The topic that it gives its ticket.
    fn topic_named(&self) -> Option<&str> {
        None
    }

    /// Whether it begins a handling cycle, which is counted by the calendar in force then.
    fn begins_cycle(&self) -> bool {
        false
    }

    /// Whether its decision depends on a draw about the cycle of the first ticket.
    fn draws(&self) -> bool {
        false
    }

    /// The clerk of the caller's unit that gets the ticket.
    fn clerk_named(&self) -> Option<&str> {
        None
    }

    /// What it says about who called.
    fn caller_update(&self) -> Option<&CallerUpdate> {
        None
    }

    /// The file of the attachment that it adds.
    fn attachment(&self) -> Option<&StoredFile> {
        None
    }

    /// Decides what happens to each ticket. Pure.
    fn decide(&self, tickets: &[LockedTicket], ctx: &DecisionContext<'_>) -> Result<Vec<Vec<Event>>, Fault>;

    /// The texts that staff write with it.
    fn free_texts(&self) -> Vec<FreeText<'_>> {
        Vec::new()
    }

    /// Whether they are looked through on every ticket, and not only on confidential ones.
    fn is_always_screened(&self) -> bool {
        false
    }

    /// Its name in the records of the audit.
    fn name(&self) -> &'static str;
}

impl<V: Verb> TicketChange for Change<V> {
    fn numbers(&self) -> Vec<TicketNumber> {
        vec![self.number]
    }

    fn check(&self, permit: &Permit, found: Vec<Option<LockedTicket>>) -> Result<Vec<LockedTicket>, Fault> {
        let ticket = found.into_iter().next().flatten();
        let ticket = ticket.filter(|ticket| self.verb.is_there_for(permit, ticket));
        let ticket = ticket.ok_or_else(|| not_found(self.number))?;
        check_etag(permit, self.etag.as_deref(), &ticket)?;
        check_state(V::COMMAND, &ticket)?;
        permit.check_relation(permit.unit().and_then(|unit| ticket.relation_of(unit)))?;
        Ok(vec![ticket])
    }

    fn units_needed(&self, tickets: &[LockedTicket]) -> UnitsNeeded {
        let mut needed = UnitsNeeded { gives_work: V::GIVES_WORK, ..UnitsNeeded::default() };
        for ticket in tickets {
            let named = self.verb.units_named(ticket);
            if !named.is_empty() {
                needed.is_locked |= self.verb.accuses() || !ticket.accused_units.is_empty();
                needed.codes.extend(named.into_iter().chain(ticket.accused_units.iter().cloned()));
            }
        }
        needed
    }

    fn knowledge_needed(&self, tickets: &[LockedTicket]) -> KnowledgeNeeded {
        let mut needed = KnowledgeNeeded::default();
        for ticket in tickets {
            needed.extend(self.verb.knowledge_needed(ticket));
        }
        needed
    }

    fn topic_named(&self) -> Option<&str> {
        self.verb.topic_named()
    }

    fn begins_cycle(&self) -> bool {
        V::BEGINS_CYCLE
    }

    fn draws(&self) -> bool {
        V::DRAWS
    }

    fn clerk_named(&self) -> Option<&str> {
        self.verb.clerk_named()
    }

    fn caller_update(&self) -> Option<&CallerUpdate> {
        self.verb.caller_update()
    }

    fn attachment(&self) -> Option<&StoredFile> {
        self.verb.attachment()
    }

    fn decide(&self, tickets: &[LockedTicket], ctx: &DecisionContext<'_>) -> Result<Vec<Vec<Event>>, Fault> {
        tickets.iter().map(|ticket| self.verb.decide(ticket, ctx)).collect()
    }

    fn free_texts(&self) -> Vec<FreeText<'_>> {
        self.verb.free_texts()
    }

    fn is_always_screened(&self) -> bool {
        V::ALWAYS_SCREENED
    }

    fn name(&self) -> &'static str {
        V::COMMAND.name()
    }
}

/// Lanes: the commands of staff, and those of units, whose transaction is given the scope of their units.
const STAFF: u8 = 0;
const UNITS: u8 = 1;

/// Keys are hashed with a secret of this process, so that nobody can choose requests that wait for each other.
static KEY_HASHER: LazyLock<RandomState> = LazyLock::new(RandomState::new);

impl GroupedCommand for TicketCommand {
    type Answer = CommandAnswer;

    fn lane(&self) -> u8 {
        if self.permit.scope().unit().is_some() { UNITS } else { STAFF }
    }

    fn principal(&self) -> &str {
        self.permit.principal()
    }

    fn keys(&self) -> Vec<u64> {
        let mut keys = vec![KEY_HASHER.hash_one((&self.key.principal, self.key.request_id.as_bytes()))];
        match &self.action {
            Action::Create(screened) => {
                let source = screened.create.source.as_ref();
                let parts = source.map(|source| {
                    (source.owner.as_ref().map(UnitCode::as_str), &source.system, &source.reference)
                });
                keys.extend(parts.map(|parts| KEY_HASHER.hash_one(parts)));
                // A unit's transaction claims the ticket that its request follows, and claims no ticket twice.
                keys.extend(screened.create.follows.map(|number| KEY_HASHER.hash_one(number.as_i64())));
            }
            Action::Change(change) => {
                keys.extend(change.numbers().iter().map(|number| KEY_HASHER.hash_one(number.as_i64())));
            }
        }
        keys.sort_unstable();
        keys.dedup();
        keys
    }
}
