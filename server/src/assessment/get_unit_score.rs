//! `GetUnitScore`: the score of a unit in a month, as it stands now.

use hotline_proto::v1::ErrorReason;

use super::score::{Month, Place, Scheme};
use super::{Assessment, follow, month_counts, scheme_record};
use crate::access::Permit;
use crate::platform::Fault;
use crate::ticket::UnitCode;

/// Scores of a month, and how they were counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountedScores {
    /// The month.
    pub month: Month,
    /// The number of the scheme.
    pub scheme_number: u32,
    /// The scheme.
    pub scheme: Scheme,
    /// The units.
    pub places: Vec<Place>,
    /// Events that are not counted yet.
    pub behind: u64,
}

/// Refuses a unit that asks for another unit, as if that did not exist.
///
/// # Errors
/// `UNIT_NOT_FOUND`.
pub(super) fn check_own(permit: &Permit, unit: &UnitCode) -> Result<(), Fault> {
    match permit.unit() {
        Some(own) if own != unit => Err(Fault::new(ErrorReason::UnitNotFound).with("unit", unit.as_str())),
        _ => Ok(()),
    }
}

impl Assessment {
    /// The score of a unit. It says nothing of other units, so its rank is not the rank in its group.
    ///
    /// # Errors
    /// `UNIT_NOT_FOUND`; if the database refuses.
    pub async fn get_unit_score(
        &self,
        permit: &Permit,
        unit: &UnitCode,
        month: Month,
    ) -> Result<CountedScores, Fault> {
        check_own(permit, unit)?;
        let snapshot = self.store.snapshot().await?;
        month_counts::check_unit(&snapshot, unit).await?;
        let numbered = scheme_record::in_force(&snapshot, month).await?;
        let counts = month_counts::read(&snapshot, month, Some(unit)).await?;
        let behind = follow::behind(&snapshot).await?;
        snapshot.rollback().await?;
        let places = counts.rank(&numbered.scheme, std::slice::from_ref(unit));
        let (scheme_number, scheme) = (numbered.number, numbered.scheme);
        Ok(CountedScores { month, scheme_number, scheme, places, behind })
    }
}
