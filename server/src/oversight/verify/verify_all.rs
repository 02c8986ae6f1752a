//! Verifying everything at once: the tickets by several readers, the audit, and the seals.

use std::sync::Arc;

use tokio::sync::Mutex;
use tokio::task::JoinSet;

use super::{Accepted, Part, Verified, end_of_part, seals, subjects};
use crate::platform::{Fault, Store};
use crate::timeline::{Finding, Place};

/// Tickets in one part.
const PART: u64 = 500;
/// Subjects, and seals, in one part.
const FEW: u64 = 100;

/// What was verified in all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Whole {
    /// The tickets and their events.
    pub tickets: Verified,
    /// The subjects of the audit and their records.
    pub subjects: Verified,
    /// The seals and the heads under them.
    pub seals: Verified,
}

impl Whole {
    /// Everything that is wrong.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        let parts = [&self.tickets, &self.subjects, &self.seals];
        parts.into_iter().flat_map(|part| &part.findings)
    }
}

/// Verifies everything, tickets by so many readers at once.
///
/// # Errors
/// Where the database or the folder of shipped seals can't be read.
pub async fn whole(store: &Store, accepted: &Accepted, readers: usize) -> Result<Whole, Fault> {
    let (tickets, subjects, seals) =
        tokio::try_join!(all_tickets(store, readers), all_subjects(store), all_seals(store, accepted))?;
    Ok(Whole { tickets, subjects, seals })
}

async fn all_tickets(store: &Store, readers: usize) -> Result<Verified, Fault> {
    let next = Arc::new(Mutex::new(Some(i64::MIN)));
    let mut parts = JoinSet::new();
    for _ in 0..readers {
        parts.spawn(read_parts(store.clone(), Arc::clone(&next)));
    }
    let mut verified = Verified::default();
    while let Some(part) = parts.join_next().await {
        let part = part.map_err(|error| Fault::internal(format!("verifying: {error}")))?;
        verified.add(part?);
    }
    verified.findings.sort_by_key(|finding| match finding.place {
        Place::Ticket(number) | Place::Events(number, ..) => number,
        _ => 0,
    });
    Ok(verified)
}

/// Verifies one part after the other until none is left.
async fn read_parts(store: Store, next: Arc<Mutex<Option<i64>>>) -> Result<Verified, Fault> {
    let mut verified = Verified::default();
    loop {
        let (behind, until) = {
            let mut next = next.lock().await;
            let Some(behind) = *next else { return Ok(verified) };
            *next = end_of_part(store.reader(), behind, PART).await?;
            (behind, next.unwrap_or(i64::MAX))
        };
        // Checked on this thread, where nobody else is served: meanwhile the rows of another reader gather, and it is not
        // woken for each.
        verified.add(Part::read(&store, behind, until).await?.check());
    }
}

async fn all_subjects(store: &Store) -> Result<Verified, Fault> {
    let mut verified = Verified::default();
    let mut behind = Some(String::new());
    while let Some(from) = behind {
        let (part, next) = subjects(store, &from, FEW).await?;
        verified.add(part);
        behind = next;
    }
    Ok(verified)
}

async fn all_seals(store: &Store, accepted: &Accepted) -> Result<Verified, Fault> {
    let mut verified = Verified::default();
    let mut behind = Some(0);
    while let Some(from) = behind {
        let (part, next) = seals(store, accepted, from, FEW).await?;
        verified.add(part);
        behind = next;
    }
    Ok(verified)
}
