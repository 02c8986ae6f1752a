//! `hotline.v1.DirectoryService`.

mod absences;
mod catalogue;
mod preview_deadline;
mod rosters;
mod seats;
mod text_templates;
mod topics;
mod units;

use hotline_proto::v1::directory_service_server::DirectoryService;

use super::handler::serve;
use crate::desk::absence::Absences;
use crate::desk::directory::Directory;
use crate::desk::roster::Rosters;
use crate::desk::seat::Seats;
use crate::desk::text_template::TextTemplates;

/// Serves the directory.
#[derive(Debug, Clone)]
pub struct DirectoryApi {
    /// The directory.
    pub directory: Directory,
    /// Seats, skills and shifts.
    pub seats: Seats,
    /// Staff of units on duty.
    pub rosters: Rosters,
    /// Absences of clerks of units.
    pub absences: Absences,
    /// Templates of texts.
    pub text_templates: TextTemplates,
}

hotline_proto::directory_service_methods!(serve for DirectoryApi);
