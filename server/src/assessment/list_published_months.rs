//! `ListPublishedMonths`.

use super::Assessment;
use super::publication::{self, Publication};
use crate::access::Permit;
use crate::platform::Fault;

impl Assessment {
    /// Publications and corrections, the newest month first; for a unit the published ones.
    ///
    /// # Errors
    /// If the database refuses.
    pub async fn list_published_months(
        &self,
        permit: &Permit,
        after: Option<(i32, i32)>,
        limit: u64,
    ) -> Result<Vec<Publication>, Fault> {
        publication::page(self.store.reader(), permit.unit().is_some(), after, limit).await
    }
}
