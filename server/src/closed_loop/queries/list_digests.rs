//! `ListDigests`: the digests of the ladder for units, each within the reader's present scope.

use std::collections::HashMap;

use hotline_proto::v1::ErrorReason;

use super::TicketQueries;
use crate::access::{Permit, Scope};
use crate::ledger::digests::list::{self, Digest, DigestCursor, DigestFilter, DigestTicket, Key};
use crate::platform::{Fault, ReadConn};

/// Tickets in one answer. A page ends early if its digests have more; a digest is never split.
const TICKETS_MAX: usize = 5_000;

/// Digests to read.
#[derive(Debug, Clone)]
pub struct ListDigests {
    /// The filter.
    pub filter: DigestFilter,
    /// The position of the previous page.
    pub after: Option<DigestCursor>,
    /// Maximum number of digests.
    pub size: u64,
}

/// A page of digests.
#[derive(Debug, Clone)]
pub struct DigestPage {
    /// The digests that were found: at most one more than fits.
    pub found: Vec<Digest>,
    /// The number of them that are on the page.
    pub fitting: usize,
    /// The tickets of the digests on the page.
    pub tickets: HashMap<Key, Vec<DigestTicket>>,
}

impl TicketQueries {
    /// Reads digests.
    ///
    /// # Errors
    /// `FEED_GAP` if the reader goes on after a sequence that no digest of the unit has; if the database refuses.
    pub async fn list_digests(&self, permit: &Permit, query: ListDigests) -> Result<DigestPage, Fault> {
        let (scope, reading) = (permit.scope(), self.reading(permit).await?);
        let ListDigests { filter, after, size } = query;
        if after.is_none() {
            check_sequence(&reading, &scope, &filter).await?;
        }
        let found = list::page(&reading, &scope, &filter, after.as_ref(), size + 1).await?;
        let fitting = fitting(&found).min(usize::try_from(size).unwrap_or(usize::MAX));
        let tickets = list::tickets(&reading, &scope, &found[..fitting]).await?;
        Ok(DigestPage { found, fitting, tickets })
    }
}

/// Refuses to go on after a digest that is not there: the reader knows it from before a backup was restored, and what
/// came after it is lost as well.
async fn check_sequence(reading: &ReadConn, scope: &Scope, filter: &DigestFilter) -> Result<(), Fault> {
    let own = match scope {
        Scope::Unit(own) => Some(own),
        Scope::All => None,
    };
    let unit = own.or(filter.unit.as_ref());
    let is_foreign = own.is_some() && filter.unit.is_some() && filter.unit.as_ref() != own;
    let Some(unit) = unit.filter(|_| filter.after_sequence > 0 && !is_foreign) else { return Ok(()) };
    let found = list::by_keys(reading, &[(unit.clone(), filter.after_sequence)]).await?;
    if found.is_empty() {
        return Err(Fault::new(ErrorReason::FeedGap).with("oldest_sequence", "0"));
    }
    Ok(())
}

/// How many of these digests fit into one answer: at least one.
fn fitting(digests: &[Digest]) -> usize {
    let sums = digests.iter().scan(0, |sum, digest| {
        *sum += digest.ticket_count;
        Some(*sum)
    });
    sums.take_while(|sum| *sum <= TICKETS_MAX).count().max(1).min(digests.len())
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;
    use crate::ticket::{Rung, UnitCode};

    fn digests(counts: &[usize]) -> Vec<Digest> {
        let digest = |(sequence, count): (i64, &usize)| Digest {
            unit: UnitCode("district-chaoyang".to_owned()),
            sequence,
            rung: Rung::Urged,
            gathered_at: DateTime::UNIX_EPOCH,
            ticket_count: *count,
        };
        (1..).zip(counts).map(digest).collect()
    }

    #[test]
    fn a_page_holds_so_many_tickets_and_at_least_one_digest() {
        const MAX: usize = TICKETS_MAX;
        for (counts, expected) in [
            (&[][..], 0),
            (&[60], 1),
            (&[MAX + 1], 1),
            (&[MAX + 1, 1], 1),
            (&[MAX - 1, 1, 1], 2),
            (&[0, MAX, 0, 1], 3),
        ] {
            assert_eq!(fitting(&digests(counts)), expected, "{counts:?}");
        }
    }
}
