//! `ListUnitScores`: the ranking of a group in a month, as it stands now.

use super::get_unit_score::CountedScores;
use super::score::Month;
use super::{Assessment, month_counts};
use crate::desk::directory::UnitGroup;
use crate::platform::Fault;

impl Assessment {
    /// The ranking of a group.
    ///
    /// # Errors
    /// If the database refuses.
    pub async fn list_unit_scores(&self, month: Month, group: UnitGroup) -> Result<CountedScores, Fault> {
        let counts = month_counts::read(self.store.reader(), month, None).await?;
        let members = counts.members(group);
        Ok(CountedScores::of(counts, &members))
    }
}
