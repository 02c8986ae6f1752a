//! `hotline.v1.DirectoryService`.

mod catalogue;
mod preview_deadline;
mod topics;
mod units;

use hotline_proto::v1::directory_service_server::DirectoryService;

use super::handler::serve;
use crate::desk::directory::Directory;

/// Serves the directory.
#[derive(Debug, Clone)]
pub struct DirectoryApi {
    /// The directory.
    pub directory: Directory,
}

serve! {
    DirectoryService for DirectoryApi {
        list_units(ListUnitsRequest) -> ListUnitsResponse;
        get_unit(GetUnitRequest) -> GetUnitResponse;
        put_unit(PutUnitRequest) -> PutUnitResponse;
        list_catalogue_entries(ListCatalogueEntriesRequest) -> ListCatalogueEntriesResponse;
        put_catalogue_entry(PutCatalogueEntryRequest) -> PutCatalogueEntryResponse;
        list_topics(ListTopicsRequest) -> ListTopicsResponse;
        preview_deadline(PreviewDeadlineRequest) -> PreviewDeadlineResponse;
    }
}
