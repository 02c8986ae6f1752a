//! `hotline.v1.AdminService`.

mod calendar;
mod client_fields;
mod clients;
mod credentials;
mod policy;
mod proposals;
mod rules_in_force;

use hotline_proto::v1::admin_service_server::AdminService;

use super::handler::serve;
use crate::desk::clients::ClientAdmin;
use crate::desk::rules::RuleAdmin;

/// Serves the administration of the rules and of the clients.
#[derive(Debug, Clone)]
pub struct AdminApi {
    /// The rules.
    pub rules: RuleAdmin,
    /// The clients.
    pub clients: ClientAdmin,
}

hotline_proto::admin_service_methods!(serve for AdminApi);
