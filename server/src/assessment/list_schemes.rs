//! `ListSchemes`.

use super::Assessment;
use super::scheme_record::{self, SchemeRecord};
use crate::access::Permit;
use crate::platform::Fault;

impl Assessment {
    /// Schemes, the newest first; for a unit the approved ones.
    ///
    /// # Errors
    /// If the database refuses.
    pub async fn list_schemes(
        &self,
        permit: &Permit,
        below: Option<u32>,
        limit: u64,
    ) -> Result<Vec<SchemeRecord>, Fault> {
        scheme_record::page(self.store.reader(), permit.unit().is_some(), below, limit).await
    }
}
