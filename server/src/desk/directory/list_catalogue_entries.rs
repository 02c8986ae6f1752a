//! `ListCatalogueEntries`: the dispatch catalogue, by topic, district and start.

use super::Directory;
use super::catalogue::{self, CatalogueEntry, CatalogueFilter, Cursor};
use crate::platform::Fault;

impl Directory {
    /// The entries after a cursor, at most `limit`.
    ///
    /// # Errors
    /// If the database refuses.
    pub async fn list_catalogue_entries(
        &self,
        filter: &CatalogueFilter,
        after: Option<&Cursor>,
        limit: u64,
    ) -> Result<Vec<CatalogueEntry>, Fault> {
        catalogue::page(self.store.reader(), filter, after, limit).await
    }
}
