//! `ProposeCalendar`: some years of the calendar. An incomplete proposal is refused with all its faults.

use hotline_proto::v1::ErrorReason;
use prost::Message;
use sea_orm::ConnectionTrait;

use super::propose::{CheckedProposal, Document, ProposalMeta, check_time, crossings, day_of};
use super::{ProposalDetails, RuleAdmin};
use crate::access::Permit;
use crate::deadline::calendar::{self, validate};
use crate::deadline::{Calendar, CalendarFault, Policy, RuleBook, RuleKind, YearTable, in_force};
use crate::platform::idempotency::RequestKey;
use crate::platform::{Fault, Violations};
use crate::ticket::Instant;

/// Years of the calendar to propose.
#[derive(Debug)]
pub struct ProposeCalendar {
    /// The years, each whole.
    pub years: Vec<YearTable>,
    /// Who proposes them, from when, and why.
    pub meta: ProposalMeta,
    /// Violations found when the request was decoded, to be refused together with those of the years.
    pub wrong: Violations,
}

impl RuleAdmin {
    /// Proposes some years, once per request; `answer` makes the answer, which is recorded.
    ///
    /// # Errors
    /// Those of [`check_calendar`], `PROPOSAL_OUTDATED`, `REQUEST_ID_REUSED`, `UNAVAILABLE`.
    pub async fn propose_calendar<A: Message + Default + 'static>(
        &self,
        permit: &Permit,
        key: RequestKey,
        command: ProposeCalendar,
        answer: fn(&ProposalDetails) -> A,
    ) -> Result<A, Fault> {
        if let Some(earlier) = self.store.earlier_answer(&key).await? {
            return Ok(earlier);
        }
        let (reader, now) = (self.store.reader(), self.clock.now());
        let ProposeCalendar { years, meta, wrong } = command;
        let checked = check_calendar(reader, &self.book, (years, meta), now, wrong).await?;
        self.write_proposal(permit, key, checked, answer).await
    }
}

/// Checks some years of the calendar. All violations are refused together, with those found before. Holidays are facts:
/// if limits of the policy lose their order over them, that is a warning, not a refusal.
///
/// # Errors
/// `INVALID_FIELDS` with all faults of the years, and of the resulting calendar.
pub async fn check_calendar(
    db: &impl ConnectionTrait,
    book: &RuleBook,
    (years, meta): (Vec<YearTable>, ProposalMeta),
    now: Instant,
    mut wrong: Violations,
) -> Result<CheckedProposal, Fault> {
    let base = in_force::last(db, RuleKind::Calendar).await?;
    let beside = in_force::last(db, RuleKind::Policy).await?;
    let present = book.calendar(db, &base.version).await?;
    check_time(&meta, &base, now, &mut wrong);
    check_years(&years, &mut wrong);
    let next = present.with_years(years);
    if let Ok(next) = &next {
        check_grown(&present, next, &mut wrong);
    }
    wrong.into_result(())?;
    let next = next.map_err(|fault| Fault::new(ErrorReason::InvalidFields).at("years", fault.to_string()))?;
    let warnings = warnings(book.policy(db, &beside.version).await?.as_ref(), &next, &meta).await?;
    Ok(CheckedProposal { meta, document: Document::Calendar(next), base, beside, warnings })
}

/// The limits of a policy that lose their order on a calendar.
pub(super) async fn warnings(
    policy: &Policy,
    next: &Calendar,
    meta: &ProposalMeta,
) -> Result<Vec<String>, Fault> {
    let calendars = vec![std::sync::Arc::new(next.clone())];
    let found = crossings(policy.clone(), calendars, day_of(meta.effective_from)).await?;
    Ok(found.into_iter().map(|fault| format!("{}: {}", fault.key, fault.wrong)).collect())
}

/// All faults of the years alone.
fn check_years(years: &[YearTable], wrong: &mut Violations) {
    for (place, year) in years.iter().enumerate() {
        let faults = calendar::faults(year);
        let is_year = !faults.iter().any(|(_, fault)| matches!(fault, CalendarFault::UnknownYear(_)));
        for (at, fault) in faults {
            wrong.add(format!("years[{place}].{at}"), in_words(&fault));
        }
        if years[..place].iter().any(|other| other.year == year.year) {
            wrong.add(format!("years[{place}].year"), "is named already");
        }
        let missing = validate::missing_holidays(year);
        if is_year && !missing.is_empty() {
            let missing = missing.join("、");
            wrong.add(format!("years[{place}].holidays"), format!("has no day off for {missing}"));
        }
    }
}

/// The text of a fault, without the value that was sent.
fn in_words(fault: &CalendarFault) -> String {
    match fault {
        CalendarFault::NotADay { .. } => "is a day, 2027-01-01, or several, 2027-01-01/2027-01-03".to_owned(),
        CalendarFault::RangeReversed { .. } => "ends before it starts".to_owned(),
        CalendarFault::NoDays { .. } => "has neither a day off nor a workday".to_owned(),
        other => other.to_string(),
    }
}

/// All faults that keep a calendar from following another one.
pub(super) fn check_grown(present: &Calendar, next: &Calendar, wrong: &mut Violations) {
    for year in validate::forgotten_years(present, next) {
        wrong.add("years", format!("more was known of {year} already"));
    }
    for year in validate::skipped_years(next) {
        wrong.add("years", format!("{year} is left out between two others"));
    }
    if next.years().eq(present.years()) && next.years().all(|year| next.year(year) == present.year(year)) {
        wrong.add("years", "are what is in force then already");
    }
}
