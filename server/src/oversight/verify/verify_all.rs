//! Verification of everything: the tickets by several concurrent readers, the audit records, and the checkpoints.

use std::sync::Arc;

use tokio::sync::Mutex;
use tokio::task::JoinSet;

use super::assessment::assessment;
use super::checkpoints::checkpoints;
use super::finding::{Finding, FindingPlace};
use super::options::VerifyOptions;
use super::part_report::PartReport;
use super::subjects::subjects;
use super::tickets::{Part, end_of_part};
use crate::platform::{Fault, Store};

/// Tickets in one part.
const PART: u64 = 500;
/// Subjects, and checkpoints, in one part.
const FEW: u64 = 100;

/// The result of a verification of everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VerifyReport {
    /// The tickets and their events.
    pub tickets: PartReport,
    /// The subjects of audit records, and the records.
    pub subjects: PartReport,
    /// The checkpoints and the heads under them.
    pub checkpoints: PartReport,
    /// The facts and rollups of the assessment.
    pub assessment: PartReport,
}

impl VerifyReport {
    /// Everything that is wrong.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        let parts = [&self.tickets, &self.subjects, &self.checkpoints, &self.assessment];
        parts.into_iter().flat_map(|part| &part.findings)
    }
}

/// Verifies everything, with this number of concurrent readers of tickets.
///
/// # Errors
/// If the database or the folder of exported checkpoints can't be read.
pub async fn verify_all(
    store: &Store,
    options: &VerifyOptions,
    readers: usize,
) -> Result<VerifyReport, Fault> {
    let (tickets, subjects, checkpoints, assessment) = tokio::try_join!(
        all_tickets(store, readers),
        all_subjects(store),
        all_checkpoints(store, options),
        assessment(store)
    )?;
    Ok(VerifyReport { tickets, subjects, checkpoints, assessment })
}

async fn all_tickets(store: &Store, readers: usize) -> Result<PartReport, Fault> {
    let next = Arc::new(Mutex::new(Some(i64::MIN)));
    let mut parts = JoinSet::new();
    for _ in 0..readers {
        parts.spawn(read_parts(store.clone(), Arc::clone(&next)));
    }
    let mut verified = PartReport::default();
    while let Some(part) = parts.join_next().await {
        let part = part.map_err(|error| Fault::internal(format!("verifying: {error}")))?;
        verified.add(part?);
    }
    verified.findings.sort_by_key(|finding| match finding.place {
        FindingPlace::Ticket(number) | FindingPlace::Events(number, ..) => number,
        _ => 0,
    });
    Ok(verified)
}

/// Verifies one part after the other until none is left.
async fn read_parts(store: Store, next: Arc<Mutex<Option<i64>>>) -> Result<PartReport, Fault> {
    let mut verified = PartReport::default();
    loop {
        let (after, until) = {
            let mut next = next.lock().await;
            let Some(after) = *next else { return Ok(verified) };
            *next = end_of_part(store.reader(), after, PART).await?;
            (after, next.unwrap_or(i64::MAX))
        };
        // Checked on this thread, which has no other tasks. Meanwhile the rows of another reader arrive, and it is not
        // woken for each.
        verified.add(Part::read(&store, after, until).await?.check());
    }
}

async fn all_subjects(store: &Store) -> Result<PartReport, Fault> {
    let mut verified = PartReport::default();
    let mut after = Some(String::new());
    while let Some(from) = after {
        let (part, next) = subjects(store, &from, FEW).await?;
        verified.add(part);
        after = next;
    }
    Ok(verified)
}

async fn all_checkpoints(store: &Store, options: &VerifyOptions) -> Result<PartReport, Fault> {
    let mut verified = PartReport::default();
    let mut after = Some(0);
    while let Some(from) = after {
        let (part, next) = checkpoints(store, options, from, FEW).await?;
        verified.add(part);
        after = next;
    }
    Ok(verified)
}
