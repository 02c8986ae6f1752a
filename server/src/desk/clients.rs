//! Clients and credentials, managed by administrators. They are made, issued and revoked, never deleted and never
//! renamed, so that a name in an event always means the same client. No token is stored; only the answer that issues it
//! shows it.

pub mod create_client;
pub mod get_client;
pub mod issue_credential;
pub mod list_clients;
pub mod revoke_client;
pub mod revoke_credential;

use hotline_proto::v1::ErrorReason;

use crate::access::client::{Client, read};
use crate::audit_log::records;
use crate::platform::{Clock, Fault, Store, Work};
use crate::ticket::Actor;

/// Credentials of one client, including the revoked ones.
pub const CREDENTIALS_MAX: u64 = 200;

/// The dependencies of the administration of clients.
#[derive(Debug, Clone)]
pub struct ClientAdmin {
    /// The database.
    pub store: Store,
    /// The clock.
    pub clock: Clock,
}

/// `CLIENT_NOT_FOUND`.
fn not_found(principal: &str) -> Fault {
    Fault::new(ErrorReason::ClientNotFound).with("client", principal)
}

/// A client that is not revoked, to be changed.
async fn find_active(work: &Work, principal: &str) -> Result<Client, Fault> {
    let client = read::find(&work.tx, principal).await?.ok_or_else(|| not_found(principal))?;
    if client.revoked.is_some() {
        return Err(Fault::new(ErrorReason::ClientRevoked).with("client", principal));
    }
    Ok(client)
}

/// Records an administrator's change of a client or of one of its credentials.
async fn record(
    work: &Work,
    administrator: &Actor,
    method: &str,
    principal: &str,
    details: serde_json::Value,
) -> Result<(), Fault> {
    records::record(work, administrator, method, &format!("client/{principal}"), details).await
}
