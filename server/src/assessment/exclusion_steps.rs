//! The steps of a request to leave a case out: somebody files it, and others decide. If the month is published, a
//! second supervisor has to accept, because a correction follows.

use hotline_proto::v1::ErrorReason;
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::exclusion::{Decision, Exclusion, ExclusionHistory, ExclusionState, not_found};
use super::score::{Fact, Month, rollup};
use super::screening::screen;
use super::{Step, check_etag, exclusion_rows, follow, publication, rows};
use crate::access::Permit;
use crate::audit_log::records;
use crate::desk::free_text::FreeText;
use crate::identity::vault::Vault;
use crate::ledger;
use crate::platform::{Fault, Work};
use crate::ticket::{TicketNumber, UnitCode};

/// A case that a request names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CaseName {
    /// The ticket.
    pub ticket: TicketNumber,
    /// The cycle.
    pub cycle: u32,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExclusionRequest {
    /// The case.
    pub case: CaseName,
    /// Its unit.
    pub unit: UnitCode,
    /// The month.
    pub month: Month,
    /// Why.
    pub reason: String,
    /// What proves it; may be empty.
    pub evidence: String,
}

/// A decision to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionCommand {
    /// The number of the request.
    pub number: u32,
    /// The etag that the caller has read.
    pub etag: String,
    /// Whether the case is to be left out.
    pub is_accepted: bool,
    /// Why.
    pub note: String,
}

/// Writes a request; or answers a refusal of its texts, which is recorded in this unit of work.
///
/// # Errors
/// `LINE_NOT_FOUND`, also for a ticket that complains about the unit; `EXCLUSION_PENDING`; `INVALID_FIELDS`,
/// `TEXT_TRIES_EXHAUSTED`.
pub(super) async fn file(
    work: &Work,
    vault: &Vault,
    permit: &Permit,
    request: &ExclusionRequest,
    is_objection: bool,
) -> Result<Result<Exclusion, Fault>, Fault> {
    check_case(&work.tx, request).await?;
    let CaseName { ticket, cycle } = request.case;
    let others = exclusion_rows::of_cases(&work.tx, &[ticket.as_i64()]).await?;
    if others.iter().any(|one| one.cycle == cycle) {
        return Err(Fault::new(ErrorReason::ExclusionPending));
    }
    let texts = [
        FreeText::leaving_ticket("reason", &request.reason),
        FreeText::leaving_ticket("evidence", &request.evidence),
    ];
    if let Some(refusal) = screen(work, vault, permit, ticket, &texts).await? {
        return Ok(Err(refusal));
    }
    let by = permit.principal().to_owned();
    let filed = Step { by, at: work.now(), note: request.reason.clone() };
    let history = ExclusionHistory { filed, evidence: request.evidence.clone(), decisions: Vec::new() };
    let exclusion = Exclusion {
        number: 0,
        revision: 1,
        ticket,
        cycle,
        unit: request.unit.clone(),
        month: request.month,
        state: ExclusionState::Filed,
        is_objection,
        is_confidential: false,
        history,
    };
    let exclusion = exclusion_rows::add(work, exclusion).await?;
    record(work, permit, &exclusion).await?;
    Ok(Ok(exclusion))
}

/// Refuses a case that the unit does not have in the month, or that it may not know of.
async fn check_case(db: &impl ConnectionTrait, request: &ExclusionRequest) -> Result<(), Fault> {
    let number = request.case.ticket;
    let facts = rows::facts(db, &[number.as_i64()]).await?.remove(&number.as_i64()).unwrap_or_default();
    let is_it = |fact: &Fact| fact.cycle == request.case.cycle && fact.unit.as_ref() == Some(&request.unit);
    let cases = rollup::cases(&facts);
    let is_in_month = cases.iter().any(|case| {
        case.cycle == request.case.cycle
            && case.month == request.month
            && case.unit.as_ref() == Some(&request.unit)
    });
    if !facts.iter().any(is_it) || !is_in_month || ledger::accused::accuses(db, number, &request.unit).await?
    {
        return Err(Fault::new(ErrorReason::LineNotFound));
    }
    Ok(())
}

/// Decides a request; or answers a refusal of the note, which is recorded in this unit of work.
///
/// # Errors
/// `EXCLUSION_NOT_FOUND`, `EXCLUSION_DECIDED`, `ETAG_STALE`, `SECOND_DECIDER_NEEDED`, `INVALID_FIELDS`,
/// `TEXT_TRIES_EXHAUSTED`.
pub(super) async fn decide(
    work: &Work,
    vault: &Vault,
    permit: &Permit,
    command: &DecisionCommand,
    is_objection: bool,
) -> Result<Result<Exclusion, Fault>, Fault> {
    // Nobody publishes the month meanwhile.
    follow::take_turn(work).await?;
    let mut exclusion = exclusion_rows::lock(work, command.number).await?;
    let refusal = |reason| Fault::new(reason).with("exclusion_number", command.number.to_string());
    if exclusion.is_objection != is_objection {
        return Err(not_found(command.number));
    }
    if exclusion.state.is_decided() {
        return Err(refusal(ErrorReason::ExclusionDecided));
    }
    check_etag(&command.etag, &exclusion.etag())?;
    let history = &exclusion.history;
    let decided = history.decisions.iter().map(|decision| &decision.step.by);
    if decided.chain([&history.filed.by]).any(|by| by == permit.principal()) {
        return Err(refusal(ErrorReason::SecondDeciderNeeded));
    }
    let texts = [FreeText::leaving_ticket("note", &command.note)];
    if let Some(refusal) = screen(work, vault, permit, exclusion.ticket, &texts).await? {
        return Ok(Err(refusal));
    }
    let step = Step { by: permit.principal().to_owned(), at: work.now(), note: command.note.clone() };
    exclusion.history.decisions.push(Decision { is_accepted: command.is_accepted, step });
    let is_published = publication::is_published(&work.tx, exclusion.month).await?;
    exclusion.state = match (command.is_accepted, exclusion.state) {
        (false, _) => ExclusionState::Rejected,
        (true, ExclusionState::Filed) if is_published => ExclusionState::AcceptedOnce,
        (true, _) => ExclusionState::Accepted,
    };
    let exclusion = exclusion_rows::update(work, exclusion).await?;
    if exclusion.state == ExclusionState::Accepted {
        follow::recount(work, exclusion.ticket.as_i64()).await?;
    }
    record(work, permit, &exclusion).await?;
    Ok(Ok(exclusion))
}

async fn record(work: &Work, permit: &Permit, one: &Exclusion) -> Result<(), Fault> {
    let subject = format!("exclusion/{}", one.number);
    let details = json!({ "month": one.month.to_string(), "etag": one.etag() });
    records::record(work, &permit.actor(), permit.method().method, &subject, details).await
}
