//! Proposing: the first two checks. What is not complete and monotone is refused with everything that is wrong with it,
//! and leaves nothing behind.
//!
//! The checks count thousands of limits, so they are made before the unit of work begins, against the last version of
//! each kind; the unit of work then only looks whether these are still the last.

use chrono::{NaiveDate, TimeDelta};
use chrono_tz::Asia::Shanghai;
use hotline_proto::v1::ErrorReason;
use sea_orm::ConnectionTrait;

use super::decide::NOTICE;
use super::proposal::{self, Act, History, Proposal, ProposalState};
use crate::deadline::calendar::{self, validate};
use crate::deadline::{
    Calendar, CalendarFault, Policy, PolicyFault, RuleBook, RuleInForce, RuleKind, YearTable, in_force,
    tier_order,
};
use crate::platform::{Clock, Fault, Store, Violations, Work};
use crate::ticket::{Actor, Instant};

/// Who proposes, from when, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Motion {
    /// The principal.
    pub principal: String,
    /// From when the new version shall be in force.
    pub effective_from: Instant,
    /// Why.
    pub reason: String,
}

/// What is proposed, whole.
#[derive(Debug, Clone)]
enum Document {
    Policy(Policy),
    Calendar(Calendar),
}

/// A motion that was checked, and what against.
#[derive(Debug, Clone)]
pub struct Checked {
    motion: Motion,
    document: Document,
    base: RuleInForce,
    beside: RuleInForce,
    warnings: Vec<String>,
}

/// The day of an instant in Beijing.
fn day_of(instant: Instant) -> NaiveDate {
    instant.with_timezone(&Shanghai).date_naive()
}

/// A version takes effect after everybody has heard of it, and after the one that it is made from.
fn check_time(motion: &Motion, base: &RuleInForce, now: Instant, wrong: &mut Violations) {
    if motion.effective_from < now + NOTICE {
        wrong.add("effective_time", "lies at least a minute ahead");
    }
    if base.effective_from >= motion.effective_from {
        let base = base.effective_from.to_rfc3339();
        wrong.add("effective_time", format!("lies after what is approved already, {base}"));
    }
}

/// Counts limits where it keeps nobody waiting.
async fn crossings(
    policy: Policy,
    calendars: Vec<std::sync::Arc<Calendar>>,
    from: NaiveDate,
) -> Result<Vec<PolicyFault>, Fault> {
    let count = move || {
        let mut all: Vec<PolicyFault> = Vec::new();
        for fault in calendars.iter().flat_map(|calendar| tier_order::faults(&policy, calendar, from)) {
            if all.iter().all(|other| other.key != fault.key) {
                all.push(fault);
            }
        }
        all
    };
    let counted = tokio::task::spawn_blocking(count).await;
    counted.map_err(|error| Fault::internal(format!("counting limits: {error}")))
}

/// Checks a policy; everything that is wrong, with what was found wrong before, is refused together.
///
/// # Errors
/// `INVALID_FIELDS` with every value that is out of bounds or, where none is, loses the order of limits on a calendar
/// that is or will be in force then.
pub async fn check_policy(
    db: &impl ConnectionTrait,
    book: &RuleBook,
    (policy, motion): (Policy, Motion),
    now: Instant,
    mut wrong: Violations,
) -> Result<Checked, Fault> {
    let base = in_force::last(db, RuleKind::Policy).await?;
    let beside = in_force::last(db, RuleKind::Calendar).await?;
    check_time(&motion, &base, now, &mut wrong);
    for fault in policy.check().err().unwrap_or_default() {
        // What is missing was read as zero, and named already.
        if !wrong.names(fault.key) {
            wrong.add(fault.key, fault.wrong);
        }
    }
    if wrong.is_empty() {
        if policy.version() == base.version {
            wrong.add("policy", "is what is in force then already");
        }
        let mut calendars = Vec::new();
        for rule in in_force::from(db, RuleKind::Calendar, motion.effective_from).await? {
            calendars.push(book.calendar(db, &rule.version).await?);
        }
        for fault in crossings(policy.clone(), calendars, day_of(motion.effective_from)).await? {
            wrong.add(fault.key, fault.wrong);
        }
    }
    wrong.into_result(())?;
    Ok(Checked { motion, document: Document::Policy(policy), base, beside, warnings: Vec::new() })
}

/// Checks some years of the calendar; everything that is wrong, with what was found wrong before, is refused together.
/// Holidays are facts: where the policy loses the order of its limits over them, that is a warning and no refusal.
///
/// # Errors
/// `INVALID_FIELDS` with everything that is wrong with the years, and with the calendar they make.
pub async fn check_calendar(
    db: &impl ConnectionTrait,
    book: &RuleBook,
    (years, motion): (Vec<YearTable>, Motion),
    now: Instant,
    mut wrong: Violations,
) -> Result<Checked, Fault> {
    let base = in_force::last(db, RuleKind::Calendar).await?;
    let beside = in_force::last(db, RuleKind::Policy).await?;
    let present = book.calendar(db, &base.version).await?;
    check_time(&motion, &base, now, &mut wrong);
    check_years(&years, &mut wrong);
    let next = present.with_years(years);
    if let Ok(next) = &next {
        check_grown(&present, next, &mut wrong);
    }
    wrong.into_result(())?;
    let next = next.map_err(|fault| Fault::new(ErrorReason::InvalidFields).at("years", fault.to_string()))?;
    let warnings = warnings(book.policy(db, &beside.version).await?.as_ref(), &next, &motion).await?;
    Ok(Checked { motion, document: Document::Calendar(next), base, beside, warnings })
}

async fn warnings(policy: &Policy, next: &Calendar, motion: &Motion) -> Result<Vec<String>, Fault> {
    let calendars = vec![std::sync::Arc::new(next.clone())];
    let found = crossings(policy.clone(), calendars, day_of(motion.effective_from)).await?;
    Ok(found.into_iter().map(|fault| format!("{}: {}", fault.key, fault.wrong)).collect())
}

/// Everything that is wrong with years by themselves.
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

/// A fault without what was sent.
fn in_words(fault: &CalendarFault) -> String {
    match fault {
        CalendarFault::NotADay { .. } => "is a day, 2027-01-01, or several, 2027-01-01/2027-01-03".to_owned(),
        CalendarFault::RangeReversed { .. } => "ends before it starts".to_owned(),
        CalendarFault::NoDays { .. } => "has neither a day off nor a workday".to_owned(),
        other => other.to_string(),
    }
}

/// Everything that keeps a calendar from following another one.
fn check_grown(present: &Calendar, next: &Calendar, wrong: &mut Violations) {
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

/// Writes a proposal that was checked.
///
/// # Errors
/// `PROPOSAL_OUTDATED` where other rules were approved since the check.
pub async fn write(work: &Work, book: &RuleBook, checked: &Checked) -> Result<Proposal, Fault> {
    let kind = match checked.document {
        Document::Policy(_) => RuleKind::Policy,
        Document::Calendar(_) => RuleKind::Calendar,
    };
    for (kind, then) in [(kind, &checked.base), (kind.other(), &checked.beside)] {
        let last = in_force::last(&work.tx, kind).await?;
        if last.version != then.version {
            return Err(Fault::new(ErrorReason::ProposalOutdated).with("last_version", last.version));
        }
    }
    let version = match &checked.document {
        Document::Policy(policy) => book.keep_policy(work, policy).await?,
        Document::Calendar(calendar) => book.keep_calendar(work, calendar).await?,
    };
    let Motion { principal, effective_from, reason } = checked.motion.clone();
    let proposal = Proposal {
        number: 0,
        revision: 1,
        kind,
        version,
        base_version: checked.base.version.clone(),
        effective_from,
        state: ProposalState::Proposed,
        history: History {
            proposed: Act { by: principal, at: work.now(), note: reason },
            beside_version: checked.beside.version.clone(),
            warnings: checked.warnings.clone(),
            dry_run: None,
            approved: None,
            withdrawn: None,
        },
    };
    proposal::add(work, proposal).await
}

/// How long administrators have for a calendar that came with a release.
const RELEASE_NOTICE: TimeDelta = TimeDelta::days(7);

/// Proposes the calendar that a release ships, where a database goes by another one and never heard of it: it takes
/// effect as any other does, once an administrator has tried and approved it.
///
/// # Errors
/// What the database refuses with.
pub async fn propose_shipped(
    store: &Store,
    clock: &Clock,
    book: &RuleBook,
    shipped: Calendar,
) -> Result<(), Fault> {
    let db = store.reader();
    if book.find_calendar(db, shipped.version()).await?.is_some() {
        return Ok(());
    }
    let motion = Motion {
        principal: Actor::SYSTEM.to_owned(),
        effective_from: clock.now() + RELEASE_NOTICE,
        reason: "the calendar of this release".to_owned(),
    };
    let base = in_force::last(db, RuleKind::Calendar).await?;
    let mut wrong = Violations::new();
    check_time(&motion, &base, clock.now(), &mut wrong);
    check_grown(book.calendar(db, &base.version).await?.as_ref(), &shipped, &mut wrong);
    if !wrong.is_empty() {
        let in_force = base.version;
        tracing::info!(in_force, "the calendar of this release is not proposed: more is known already");
        return Ok(());
    }
    let beside = in_force::last(db, RuleKind::Policy).await?;
    let warnings = warnings(book.policy(db, &beside.version).await?.as_ref(), &shipped, &motion).await?;
    let document = Document::Calendar(shipped);
    let checked = Checked { motion, document, base, beside, warnings };
    let book = book.clone();
    store
        .work(clock, move |work| {
            let (book, checked) = (book.clone(), checked.clone());
            Box::pin(async move { write_shipped(work, &book, &checked).await })
        })
        .await
}

async fn write_shipped(work: &Work, book: &RuleBook, checked: &Checked) -> Result<(), Fault> {
    // Of servers that start at once, one proposes.
    in_force::lock(work).await?;
    let Document::Calendar(shipped) = &checked.document else { return Ok(()) };
    if book.find_calendar(&work.tx, shipped.version()).await?.is_some() {
        return Ok(());
    }
    let proposal = write(work, book, checked).await?;
    tracing::info!(
        version = proposal.version,
        proposal = proposal.number,
        "this release brings a calendar; administrators approve it"
    );
    Ok(())
}
