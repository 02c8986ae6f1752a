//! Proposing: the first two checks. What is not complete and monotone is refused with everything that is wrong with it,
//! and leaves nothing behind.

use chrono::{NaiveDate, TimeDelta};
use chrono_tz::Asia::Shanghai;
use hotline_proto::v1::ErrorReason;

use super::decide::NOTICE;
use super::proposal::{self, Act, History, Proposal, ProposalState};
use crate::deadline::calendar::{self, sound};
use crate::deadline::{Calendar, Policy, RuleBook, RuleKind, Rules, YearTable, in_force, monotone};
use crate::platform::{Fault, Store, Violations, Work};
use crate::ticket::{Actor, Instant};

/// Who proposes, from when, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The principal.
    pub principal: String,
    /// From when the new version shall be in force.
    pub effective_from: Instant,
    /// Why.
    pub reason: String,
}

/// The day of an instant in Beijing.
fn day_of(instant: Instant) -> NaiveDate {
    instant.with_timezone(&Shanghai).date_naive()
}

/// A version takes effect after everybody has heard of it, and after the one that it is made from.
async fn check_time(work: &Work, kind: RuleKind, asked: &Asked, wrong: &mut Violations) -> Result<(), Fault> {
    if asked.effective_from < work.now() + NOTICE {
        wrong.add("effective_time", "lies at least a minute ahead");
    }
    let last = in_force::last(&work.tx, kind).await?;
    if last.effective_from >= asked.effective_from {
        let last = last.effective_from.to_rfc3339();
        wrong.add("effective_time", format!("lies after what is approved already, {last}"));
    }
    Ok(())
}

async fn add(
    work: &Work,
    kind: RuleKind,
    version: String,
    base_version: &str,
    asked: &Asked,
) -> Result<Proposal, Fault> {
    let proposed = Act { by: asked.principal.clone(), at: work.now(), note: asked.reason.clone() };
    let proposal = Proposal {
        number: 0,
        revision: 1,
        kind,
        version,
        base_version: base_version.to_owned(),
        effective_from: asked.effective_from,
        state: ProposalState::Proposed,
        history: History { proposed, dry_run: None, approved: None, withdrawn: None },
    };
    proposal::add(work, proposal).await
}

/// Proposes a policy.
///
/// # Errors
/// `INVALID_FIELDS` with every value that is out of bounds or, where none is, loses the order of limits.
pub async fn policy(work: &Work, book: &RuleBook, policy: &Policy, asked: &Asked) -> Result<Proposal, Fault> {
    let base = book.in_force(&work.tx, asked.effective_from).await?;
    let mut wrong = Violations::new();
    check_time(work, RuleKind::Policy, asked, &mut wrong).await?;
    let faults = policy.check().err();
    let faults =
        faults.unwrap_or_else(|| monotone::faults(policy, &base.calendar, day_of(asked.effective_from)));
    for fault in faults {
        wrong.add(fault.key, fault.wrong);
    }
    if policy.version() == base.policy_version {
        wrong.add("policy", "is what is in force then already");
    }
    wrong.into_result(())?;
    let version = book.keep_policy(work, policy).await?;
    add(work, RuleKind::Policy, version, &base.policy_version, asked).await
}

/// Proposes some years of the calendar in force then.
///
/// # Errors
/// `INVALID_FIELDS` with everything that is wrong with the years or, where nothing is, with the calendar they make.
pub async fn calendar(
    work: &Work,
    book: &RuleBook,
    years: &[YearTable],
    asked: &Asked,
) -> Result<Proposal, Fault> {
    let base = book.in_force(&work.tx, asked.effective_from).await?;
    let mut wrong = Violations::new();
    check_time(work, RuleKind::Calendar, asked, &mut wrong).await?;
    check_years(years, &mut wrong);
    wrong.into_result(())?;
    let next = base
        .calendar
        .with_years(years.to_vec())
        .map_err(|fault| Fault::new(ErrorReason::InvalidFields).at("years", fault.to_string()))?;
    check_calendar(&base, &next, day_of(asked.effective_from)).into_result(())?;
    let version = book.keep_calendar(work, &next).await?;
    add(work, RuleKind::Calendar, version, base.calendar.version(), asked).await
}

/// Everything that is wrong with years by themselves.
fn check_years(years: &[YearTable], wrong: &mut Violations) {
    for (place, year) in years.iter().enumerate() {
        for (at, fault) in calendar::faults(year) {
            wrong.add(format!("years[{place}].{at}"), fault.to_string());
        }
        if years[..place].iter().any(|other| other.year == year.year) {
            wrong.add(format!("years[{place}].year"), "is named already");
        }
        let missing = sound::missing_holidays(year);
        if !missing.is_empty() {
            let missing = missing.join("、");
            wrong.add(format!("years[{place}].holidays"), format!("has no day off for {missing}"));
        }
    }
}

/// Everything that keeps a calendar from following the one in force.
fn check_calendar(base: &Rules, next: &Calendar, from: NaiveDate) -> Violations {
    let mut wrong = Violations::new();
    for year in sound::forgotten_years(&base.calendar, next) {
        wrong.add("years", format!("more was known of {year} already"));
    }
    for year in sound::skipped_years(next) {
        wrong.add("years", format!("{year} is left out between two others"));
    }
    for fault in monotone::faults(&base.policy, next, from) {
        wrong.add("years", format!("{}: {}", fault.key, fault.wrong));
    }
    if next.version() == base.calendar.version() {
        wrong.add("years", "are what is in force then already");
    }
    wrong
}

/// Proposes the calendar that a release ships, where a database goes by another one and never heard of it: it takes
/// effect as any other does, once an administrator has tried and approved it.
///
/// # Errors
/// What the database refuses with.
pub async fn shipped(
    store: &Store,
    clock: &crate::platform::Clock,
    book: &RuleBook,
    shipped: Calendar,
) -> Result<(), Fault> {
    let book = book.clone();
    store
        .work(clock, move |work| {
            let (book, shipped) = (book.clone(), shipped.clone());
            Box::pin(async move { shipped_in(work, &book, &shipped).await })
        })
        .await
}

/// How long administrators have for a calendar that came with a release.
const RELEASE_NOTICE: TimeDelta = TimeDelta::days(7);

async fn shipped_in(work: &Work, book: &RuleBook, shipped: &Calendar) -> Result<(), Fault> {
    let version = shipped.version();
    if book.find_calendar(&work.tx, version).await?.is_some()
        || proposal::is_known(work, RuleKind::Calendar, version).await?
    {
        return Ok(());
    }
    let asked = Asked {
        principal: Actor::SYSTEM.to_owned(),
        effective_from: work.now() + RELEASE_NOTICE,
        reason: "the calendar of this release".to_owned(),
    };
    let base = book.in_force(&work.tx, asked.effective_from).await?;
    // What the operator has loaded meanwhile may know more than the release does.
    if !check_calendar(&base, shipped, day_of(asked.effective_from)).is_empty() {
        return Ok(());
    }
    book.keep_calendar(work, shipped).await?;
    let proposal = add(work, RuleKind::Calendar, version.to_owned(), base.calendar.version(), &asked).await?;
    tracing::info!(
        version,
        proposal = proposal.number,
        "this release brings a calendar; administrators approve it"
    );
    Ok(())
}
