//! `ListObjections`: objections and requests for exclusion by number. What complains about a unit is in no list of that
//! unit.

use super::Assessment;
use super::exclusion::Exclusion;
use super::exclusion_rows;
use crate::access::Permit;
use crate::platform::Fault;

pub use super::exclusion_rows::ExclusionFilter;

impl Assessment {
    /// A page after a number. A unit gets its own.
    ///
    /// # Errors
    /// If the database refuses.
    pub async fn list_objections(
        &self,
        permit: &Permit,
        mut filter: ExclusionFilter,
        after: Option<u32>,
        limit: u64,
    ) -> Result<Vec<Exclusion>, Fault> {
        if let Some(own) = permit.unit() {
            if filter.unit.as_ref().is_some_and(|unit| unit != own) {
                return Ok(Vec::new());
            }
            filter = ExclusionFilter { unit: Some(own.clone()), is_by_unit: true, ..filter };
        }
        exclusion_rows::page(self.store.reader(), &filter, after, limit).await
    }
}
