//! The assessment: its facts and rollups are what the events and the decisions make of them.

use super::finding::{Finding, FindingKind, FindingPlace};
use super::part_report::PartReport;
use crate::assessment::check::{StoredDifference, check};
use crate::platform::{Fault, Store};

/// Verifies the facts and the rollups, in one snapshot.
///
/// # Errors
/// If the database can't be reached.
pub(super) async fn assessment(store: &Store) -> Result<PartReport, Fault> {
    let checked = check(store).await?;
    let findings = checked.differences.into_iter().map(finding).collect();
    Ok(PartReport { chains: checked.tickets, links: checked.facts, findings, ..PartReport::default() })
}

fn finding(difference: StoredDifference) -> Finding {
    let (place, kind) = match difference {
        StoredDifference::Facts(number) => {
            (FindingPlace::Ticket(number), FindingKind::RowAltered("assessment_fact"))
        }
        StoredDifference::Cases(number) => {
            (FindingPlace::Ticket(number), FindingKind::RowAltered("assessment_case"))
        }
        StoredDifference::Analysis(number) => {
            (FindingPlace::Ticket(number), FindingKind::RowAltered("analysis_ticket"))
        }
        StoredDifference::Unreadable(number) => (FindingPlace::Ticket(number), FindingKind::Inconsistent),
        StoredDifference::Rollup(month, owner, district) => {
            let row = format!("assessment_rollup, month {month}, {owner:?} {district:?}");
            (FindingPlace::Table(row), FindingKind::Inconsistent)
        }
    };
    Finding::new(place, kind)
}
