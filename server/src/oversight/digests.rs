//! Gathers the notices of fired rungs into digests. A unit gets one digest for each rung and tick of the runner, not
//! one message for each ticket.
//!
//! It takes no input, is idempotent, and any server may run it. If a tick or its server breaks off, the next tick
//! gathers its notices. It never fires a rung and changes no ticket.

use std::collections::BTreeMap;

use crate::ledger::digests::{self, NewDigest, Notice};
use crate::platform::{Clock, Fault, Store, Work, failpoint};
use crate::ticket::UnitCode;

/// Limits of one gathering.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Tickets in a digest. If a rung fired for more tickets of a unit, there are several digests.
    pub digest_tickets: usize,
    /// Tickets in one transaction; at least as many as in a digest.
    pub work_tickets: usize,
    /// Units in one transaction.
    pub work_units: usize,
    /// Transactions in one gathering; the next one continues.
    pub works: usize,
}

/// The limits on PostgreSQL, where commands run beside a transaction. A real batch has about 60 tickets.
pub const BOUNDS_POSTGRES: Bounds =
    Bounds { digest_tickets: 500, work_tickets: 2_000, work_units: 100, works: 1_000 };
/// The limits on SQLite, where every command waits for a transaction.
pub const BOUNDS_SQLITE: Bounds = Bounds { work_tickets: 500, ..BOUNDS_POSTGRES };

/// Plans the digests of pending notices, numbered on from each unit's `last`. Pure.
///
/// The notices are in the order of units and rungs. If the list `is_cut`, the last rung may have more notices than were
/// read. It is left to the next unit of work, unless it fills digests by itself.
#[must_use]
pub fn plan(
    waiting: &[Notice],
    last: &BTreeMap<UnitCode, i64>,
    is_cut: bool,
    digest_tickets: usize,
) -> Vec<NewDigest> {
    let mut last = last.clone();
    let mut gathered = Vec::new();
    let mut left = waiting.len();
    for group in waiting.chunk_by(|one, other| (&one.unit, one.rung) == (&other.unit, other.rung)) {
        left -= group.len();
        let is_unfinished = is_cut && left == 0;
        for part in group.chunks(digest_tickets.max(1)) {
            if is_unfinished && part.len() < digest_tickets {
                break;
            }
            let sequence = last.entry(part[0].unit.clone()).or_default();
            *sequence += 1;
            gathered.push(NewDigest {
                unit: part[0].unit.clone(),
                sequence: *sequence,
                rung: part[0].rung,
                tickets: part.iter().map(|notice| (notice.ticket, notice.cycle, notice.round)).collect(),
            });
        }
    }
    gathered
}

/// The result of one unit of work.
#[derive(Debug)]
struct Done {
    digests: u64,
    /// The unit that may have more notices; the units before it are finished.
    unfinished: Option<UnitCode>,
}

/// Gathers the notices of some units in one unit of work.
async fn gather_in(work: &Work, units: &[UnitCode], bounds: Bounds) -> Result<Done, Fault> {
    failpoint::reach("digest.gather").await?;
    let last = digests::lock(work, units).await?;
    let waiting = digests::waiting(work, units, bounds.work_tickets as u64).await?;
    let is_cut = waiting.len() == bounds.work_tickets;
    let gathered = plan(&waiting, &last, is_cut, bounds.digest_tickets);
    digests::write(work, &gathered).await?;
    let unfinished = waiting.last().filter(|_| is_cut).map(|notice| notice.unit.clone());
    Ok(Done { digests: gathered.len() as u64, unfinished })
}

/// Gathers all pending notices; returns how many digests it made.
///
/// # Errors
/// If the database can't be reached. What was gathered before stays gathered.
pub async fn gather(store: &Store, clock: &Clock) -> Result<u64, Fault> {
    let bounds = if store.is_sqlite() { BOUNDS_SQLITE } else { BOUNDS_POSTGRES };
    gather_within(store, clock, bounds).await
}

/// Gathers within these limits; returns how many digests it made.
///
/// # Errors
/// If the database can't be reached. What was gathered before stays gathered.
pub async fn gather_within(store: &Store, clock: &Clock, bounds: Bounds) -> Result<u64, Fault> {
    let mut made = 0;
    let mut behind: Option<UnitCode> = None;
    for _ in 0..bounds.works {
        // Looked up outside a transaction, so that a tick that fired nothing begins none.
        let units = digests::units_waiting(store.reader(), behind.as_ref(), bounds.work_units as u64).await?;
        if units.is_empty() {
            break;
        }
        let input = (units.clone(), bounds);
        let done = store
            .run(clock, input, async |work, (units, bounds)| gather_in(work, units, *bounds).await)
            .await?;
        made += done.digests;
        behind = match done.unfinished {
            None => units.last().cloned(),
            Some(unit) => units.iter().take_while(|one| **one != unit).last().cloned().or(behind),
        };
    }
    if made > 0 {
        tracing::debug!(count = made, "digests created");
    }
    Ok(made)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ticket::Rung::{self, Supervised, Urged};

    /// Notices of a unit and rung, for this number of tickets.
    fn notices(unit: &str, rung: Rung, tickets: std::ops::Range<i64>) -> Vec<Notice> {
        let notice = |ticket| Notice { unit: UnitCode(unit.to_owned()), rung, ticket, cycle: 1, round: 0 };
        tickets.map(notice).collect()
    }

    /// Unit, sequence, rung and the tickets of each digest.
    fn planned(waiting: &[Vec<Notice>], is_cut: bool) -> Vec<(String, i64, Rung, Vec<i64>)> {
        let last = BTreeMap::from([(UnitCode("a".to_owned()), 7), (UnitCode("b".to_owned()), 0)]);
        let gathered = plan(&waiting.concat(), &last, is_cut, 3);
        let tickets = |one: &NewDigest| one.tickets.iter().map(|(number, ..)| *number).collect();
        gathered.iter().map(|one| (one.unit.0.clone(), one.sequence, one.rung, tickets(one))).collect()
    }

    fn digest(
        unit: &str,
        sequence: i64,
        rung: Rung,
        tickets: std::ops::Range<i64>,
    ) -> (String, i64, Rung, Vec<i64>) {
        (unit.to_owned(), sequence, rung, tickets.collect())
    }

    #[test]
    fn a_unit_has_one_digest_for_each_rung_counted_on_from_its_last() {
        assert_eq!(planned(&[], false), []);
        let waiting = [notices("a", Urged, 1..3), notices("a", Supervised, 3..4), notices("b", Urged, 4..7)];
        let expected =
            [digest("a", 8, Urged, 1..3), digest("a", 9, Supervised, 3..4), digest("b", 1, Urged, 4..7)];
        assert_eq!(planned(&waiting, false), expected);
    }

    #[test]
    fn more_tickets_than_a_digest_holds_make_another() {
        let expected =
            [digest("a", 8, Urged, 1..4), digest("a", 9, Urged, 4..7), digest("a", 10, Urged, 7..8)];
        assert_eq!(planned(&[notices("a", Urged, 1..8)], false), expected);
    }

    #[test]
    fn what_was_cut_waits_as_far_as_it_fills_no_digest() {
        let whole = digest("a", 8, Urged, 1..3);
        for (last, expected) in [
            (notices("b", Urged, 3..4), vec![whole.clone()]),
            (notices("b", Urged, 3..6), vec![whole.clone(), digest("b", 1, Urged, 3..6)]),
            (notices("b", Urged, 3..8), vec![whole.clone(), digest("b", 1, Urged, 3..6)]),
            (notices("a", Supervised, 3..4), vec![whole.clone()]),
        ] {
            assert_eq!(planned(&[notices("a", Urged, 1..3), last.clone()], true), expected, "{last:?}");
        }
    }

    #[test]
    fn a_cut_unit_of_work_makes_a_digest_all_the_same() {
        for bounds in [BOUNDS_POSTGRES, BOUNDS_SQLITE] {
            let waiting = notices("a", Urged, 0..i64::try_from(bounds.work_tickets).expect("a small bound"));
            assert!(!plan(&waiting, &BTreeMap::new(), true, bounds.digest_tickets).is_empty());
        }
    }
}
