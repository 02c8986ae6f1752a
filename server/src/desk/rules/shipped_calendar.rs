//! The calendar of a release. A database with another calendar gets it as a proposal.

use chrono::TimeDelta;

use super::propose::{CheckedProposal, Document, ProposalMeta, check_time, write};
use super::propose_calendar::{check_grown, warnings};
use crate::deadline::{Calendar, RuleBook, RuleKind, in_force};
use crate::platform::{Clock, Fault, Store, Violations, Work};
use crate::ticket::Actor;

/// The time that administrators have for the calendar of a release.
const RELEASE_NOTICE: TimeDelta = TimeDelta::days(7);

/// Proposes the calendar of a release if the database has another one and never had it. It takes effect as any other,
/// after an administrator has tried it and another one approved it.
///
/// # Errors
/// Refusals of the database.
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
    let meta = ProposalMeta {
        principal: Actor::SYSTEM.to_owned(),
        effective_from: clock.now() + RELEASE_NOTICE,
        reason: "the calendar of this release".to_owned(),
    };
    let base = in_force::last(db, RuleKind::Calendar).await?;
    let mut wrong = Violations::new();
    check_time(&meta, &base, clock.now(), &mut wrong);
    check_grown(book.calendar(db, &base.version).await?.as_ref(), &shipped, &mut wrong);
    if !wrong.is_empty() {
        let in_force = base.version;
        tracing::info!(in_force, "the calendar of this release is not proposed: more is known already");
        return Ok(());
    }
    let beside = in_force::last(db, RuleKind::Policy).await?;
    let warnings = warnings(book.policy(db, &beside.version).await?.as_ref(), &shipped, &meta).await?;
    let document = Document::Calendar(shipped);
    let checked = CheckedProposal { meta, document, base, beside, warnings };
    let input = (book.clone(), checked);
    store.run(clock, input, async |work, (book, checked)| write_shipped(work, book, checked).await).await
}

async fn write_shipped(work: &Work, book: &RuleBook, checked: &CheckedProposal) -> Result<(), Fault> {
    // If several servers start at once, only one proposes.
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
