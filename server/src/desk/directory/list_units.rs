//! `ListUnits`: handling units, by code.

use super::units::{self, UnitFilter};
use super::{Directory, Unit};
use crate::platform::Fault;

impl Directory {
    /// The units after a code, at most `limit`.
    ///
    /// # Errors
    /// If the database refuses.
    pub async fn list_units(
        &self,
        filter: UnitFilter,
        after: Option<&str>,
        limit: u64,
    ) -> Result<Vec<Unit>, Fault> {
        units::page(self.store.reader(), filter, after, limit).await
    }
}
