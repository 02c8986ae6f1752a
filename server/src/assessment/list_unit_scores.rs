//! `ListUnitScores`: the ranking of a group in a month, as it stands now.

use super::get_unit_score::CountedScores;
use super::score::Month;
use super::{Assessment, follow, month_counts, scheme_record};
use crate::desk::directory::UnitGroup;
use crate::platform::Fault;

impl Assessment {
    /// The ranking of a group.
    ///
    /// # Errors
    /// If the database refuses.
    pub async fn list_unit_scores(&self, month: Month, group: UnitGroup) -> Result<CountedScores, Fault> {
        let snapshot = self.store.snapshot().await?;
        let numbered = scheme_record::in_force(&snapshot, month).await?;
        let counts = month_counts::read(&snapshot, month, None).await?;
        let members = month_counts::members(&snapshot, group, &counts).await?;
        let behind = follow::behind(&snapshot).await?;
        snapshot.rollback().await?;
        let places = counts.rank(&numbered.scheme, &members);
        let (scheme_number, scheme) = (numbered.number, numbered.scheme);
        Ok(CountedScores { month, scheme_number, scheme, places, behind })
    }
}
