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

hotline_proto::directory_service_methods!(serve for DirectoryApi);
