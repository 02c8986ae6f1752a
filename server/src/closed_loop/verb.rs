//! A verb: its row in the table of transitions, the data it needs, and its pure decision; and the checks before every
//! decision.

use hotline_proto::v1::ErrorReason;

use super::draw::Draw;
use crate::access::Permit;
use crate::deadline::{self, Calendar, Policy};
use crate::desk::directory::UnitSet;
use crate::desk::free_text::FreeText;
use crate::desk::knowledge::{KnowledgeNeeded, KnowledgeSet};
use crate::identity::attachment_keys::StoredFile;
use crate::platform::Fault;
use crate::platform::idempotency::RequestKey;
use crate::ticket::{
    CallerUpdate, Command, Deadline, Event, Instant, Relation, Ticket, TicketNumber, Tier, UnitCode,
};

/// The inputs of a decision besides the ticket. All of them are fixed before the decision.
#[derive(Debug, Clone, Copy)]
pub struct DecisionContext<'a> {
    /// The instant of the unit of work; never before the ticket's last event.
    pub now: Instant,
    /// The proof that the caller may call, and whom it acts for.
    pub permit: &'a Permit,
    /// The policy of the ticket's intake.
    pub policy: &'a Policy,
    /// Its version.
    pub policy_version: &'a str,
    /// The calendar of working days that the cycle began with, or begins with.
    pub calendar: &'a Calendar,
    /// The units that the verb named, and those above them.
    pub units: &'a UnitSet,
    /// The articles that the verb cites.
    pub knowledge: &'a KnowledgeSet,
    /// The draw of a verb that draws.
    pub draw: Draw,
    /// Who stands in for the clerk that the verb names, if that clerk is absent.
    pub stand_in: Option<&'a str>,
}

/// A verb of the loop.
pub trait Verb: std::fmt::Debug + Send + Sync + 'static {
    /// Its row in the table of transitions.
    const COMMAND: Command;

    /// Whether it begins a handling cycle, which is counted by the calendar in force then. Everything within a cycle is
    /// counted by the calendar that the cycle began with.
    const BEGINS_CYCLE: bool = false;

    /// Whether its texts are screened on every ticket. They stay on the ticket, and any unit that has it later can read
    /// them, even after it has become confidential.
    const ALWAYS_SCREENED: bool = false;

    /// Whether units get work by it. They are then kept active until the unit of work ends.
    const GIVES_WORK: bool = false;

    /// Whether its decision depends on a draw about the cycle of the ticket.
    const DRAWS: bool = false;

    /// The texts of staff that must not identify a confidential caller. Texts of a unit are not included: the unit does
    /// not know the caller, and a refusal would confirm a right guess.
    fn free_texts(&self) -> Vec<FreeText<'_>> {
        Vec::new()
    }

    /// The units that the decision needs. The accused units of a complaint are added to them.
    fn units_named(&self, _ticket: &Ticket) -> Vec<UnitCode> {
        Vec::new()
    }

    /// What the decision needs to know of the knowledge base.
    fn knowledge_needed(&self, _ticket: &Ticket) -> KnowledgeNeeded {
        KnowledgeNeeded::default()
    }

    /// The topic that it gives the ticket. One that is not in force is refused, unless the ticket has it already.
    fn topic_named(&self) -> Option<&str> {
        None
    }

    /// Whether a ticket in the caller's scope is there for it; to a caller for whom it is not, it does not exist.
    fn is_there_for(&self, _permit: &Permit, _ticket: &Ticket) -> bool {
        true
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

    /// Whether it adds to the units that the ticket accuses.
    fn accuses(&self) -> bool {
        false
    }

    /// Decides what happens. Pure; the state has been checked against the table.
    ///
    /// # Errors
    /// The verb's own refusals.
    fn decide(&self, ticket: &Ticket, ctx: &DecisionContext<'_>) -> Result<Vec<Event>, Fault>;
}

/// A command on a ticket.
#[derive(Debug, Clone)]
pub struct Change<V> {
    /// The request's key, for repeats.
    pub key: RequestKey,
    /// The ticket.
    pub number: TicketNumber,
    /// The etag that the caller has read, if it wants to be sure.
    pub etag: Option<String>,
    /// The verb.
    pub verb: V,
}

impl DecisionContext<'_> {
    /// The limit of a tier, counted from an instant.
    ///
    /// # Errors
    /// An internal error if the instant lies outside the years of the calendars.
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

    /// The unit that the caller acts for, which must lead the ticket or assist.
    ///
    /// # Errors
    /// `NOT_INVOLVED`.
    pub fn working_unit(&self, ticket: &Ticket) -> Result<UnitCode, Fault> {
        let unit = self.permit.unit();
        let works =
            |unit: &&UnitCode| matches!(ticket.relation_of(unit), Some(Relation::Lead | Relation::Assist));
        unit.filter(works).cloned().ok_or_else(|| Fault::new(ErrorReason::NotInvolved))
    }
}

/// Refuses with `WRONG_STATE`, unless the table allows the command in the ticket's state.
///
/// # Errors
/// `WRONG_STATE` with the state, and the states in which the command is allowed.
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

/// Refuses with `ETAG_STALE` if the caller gave an etag and the ticket has changed since.
pub(super) fn check_etag(permit: &Permit, etag: Option<&str>, ticket: &Ticket) -> Result<(), Fault> {
    let present = if permit.unit().is_some() { ticket.etag_for_unit() } else { ticket.etag() };
    if etag.is_none_or(|etag| etag == present) {
        return Ok(());
    }
    Err(Fault::new(ErrorReason::EtagStale).with("ticket_number", ticket.number.to_string()))
}

pub(crate) fn not_found(number: TicketNumber) -> Fault {
    Fault::new(ErrorReason::TicketNotFound).with("ticket_number", number.to_string())
}
