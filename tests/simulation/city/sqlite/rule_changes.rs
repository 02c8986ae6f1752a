//! Changes of rules in a database: an administrator proposes a version, tries it on the open tickets, and another one
//! approves it, all in the product's own units of work.

use hotline_server::closed_loop::ClosedLoop;
use hotline_server::deadline::{Policy, RuleBook, YearTable};
use hotline_server::desk::rules::propose::{self, CheckedProposal, ProposalMeta};
use hotline_server::desk::rules::propose_calendar::check_calendar;
use hotline_server::desk::rules::propose_policy::check_policy;
use hotline_server::desk::rules::{Proposal, approve_proposal, dry_run, dry_run_proposal};
use hotline_server::platform::{Pool, Violations};
use hotline_server::ticket::Instant;

use super::table_checks::describe;
use crate::in_memory_product::at;

/// The administrators that propose and approve.
const ADMINISTRATORS: [&str; 2] = ["administrator-1", "administrator-2"];

fn meta(from: i64) -> ProposalMeta {
    let (principal, reason) = (ADMINISTRATORS[0].to_owned(), "decided by the city".to_owned());
    ProposalMeta { principal, effective_from: at(from), reason }
}

/// Brings a policy into force from an instant on.
pub(super) async fn put_policy(closed_loop: &ClosedLoop, policy: Policy, from: i64) -> Result<(), String> {
    let (reader, rule_versions, now) = ground(closed_loop);
    let proposal = (policy, meta(from));
    let checked = check_policy(reader, rule_versions, proposal, now, Violations::new()).await;
    propose(closed_loop, checked.map_err(describe)?).await
}

/// Brings some years of the calendar into force from an instant on.
pub(super) async fn put_years(
    closed_loop: &ClosedLoop,
    years: Vec<YearTable>,
    from: i64,
) -> Result<(), String> {
    let (reader, rule_versions, now) = ground(closed_loop);
    let proposal = (years, meta(from));
    let checked = check_calendar(reader, rule_versions, proposal, now, Violations::new()).await;
    propose(closed_loop, checked.map_err(describe)?).await
}

/// The inputs of a proposal's checks.
fn ground(closed_loop: &ClosedLoop) -> (&Pool, &RuleBook, Instant) {
    (closed_loop.store.reader(), closed_loop.ledger.rules(), closed_loop.clock.now())
}

/// Writes a checked proposal, and lets it be approved.
async fn propose(closed_loop: &ClosedLoop, checked: CheckedProposal) -> Result<(), String> {
    let rule_versions = closed_loop.ledger.rules().clone();
    let proposed = closed_loop.store.work(&closed_loop.clock, move |work| {
        let (rule_versions, checked) = (rule_versions.clone(), checked.clone());
        Box::pin(async move { propose::write(work, &rule_versions, &checked).await })
    });
    approve(closed_loop, proposed.await.map_err(describe)?).await
}

/// Tries a proposal on the open tickets, and approves it.
async fn approve(closed_loop: &ClosedLoop, proposal: Proposal) -> Result<(), String> {
    let (store, clock) = (&closed_loop.store, &closed_loop.clock);
    let (rule_versions, number) = (closed_loop.ledger.rules(), proposal.number);
    let report = dry_run::run(store.reader(), rule_versions, &proposal, ADMINISTRATORS[0], clock.now()).await;
    let report = report.map_err(describe)?;
    let tried =
        store.work(clock, move |work| Box::pin(dry_run_proposal::report(work, number, report.clone())));
    let etag = tried.await.map_err(describe)?.etag();
    let approved = store.work(clock, move |work| {
        let etag = etag.clone();
        Box::pin(async move { approve_proposal::approve(work, ADMINISTRATORS[1], number, &etag).await })
    });
    approved.await.map(drop).map_err(describe)
}
