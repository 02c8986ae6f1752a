//! `GetUnitScore`: the score of a unit in a month, as it stands now.

use super::Assessment;
use super::month_counts::{self, MonthCounts};
use super::scheme_record::NumberedScheme;
use super::score::{Month, Place, Scheme};
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

impl CountedScores {
    /// The scores of some units.
    pub(super) fn of(counts: MonthCounts, units: &[UnitCode]) -> Self {
        let places = counts.rank(&counts.scheme.scheme, units);
        let MonthCounts { month, scheme: NumberedScheme { number, scheme }, behind, .. } = counts;
        Self { month, scheme_number: number, scheme, places, behind }
    }
}

/// Refuses a unit that asks for another unit, as if that did not exist.
///
/// # Errors
/// `UNIT_NOT_FOUND`.
pub(super) fn check_own(permit: &Permit, unit: &UnitCode) -> Result<(), Fault> {
    match permit.unit() {
        Some(own) if own != unit => Err(month_counts::no_unit(unit)),
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
        let counts = month_counts::read(self.store.reader(), month, Some(unit)).await?;
        if !counts.knows(unit) {
            return Err(month_counts::no_unit(unit));
        }
        Ok(CountedScores::of(counts, std::slice::from_ref(unit)))
    }
}
