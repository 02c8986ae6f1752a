//! `RevokeClient`: from the next call on, no server admits the client with any credential.

use hotline_proto::v1::ErrorReason;
use prost::Message;
use serde_json::json;

use super::{ClientAdmin, find_active, record};
use crate::access::Permit;
use crate::access::client::write::ClientWriteLock;
use crate::access::client::{Act, Client};
use crate::platform::idempotency::RequestKey;
use crate::platform::{Fault, Work};
use crate::ticket::Actor;

/// A client to revoke.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevokeClient {
    /// Its name.
    pub principal: String,
    /// Why.
    pub note: String,
}

impl ClientAdmin {
    /// Runs the command, once per request; `answer` makes the answer, which is recorded.
    ///
    /// # Errors
    /// Those of [`RevokeClient::run`], `REQUEST_ID_REUSED`, `UNAVAILABLE`.
    pub async fn revoke_client<A: Message + Default + 'static>(
        &self,
        permit: &Permit,
        key: RequestKey,
        command: RevokeClient,
        answer: fn(&Client) -> A,
    ) -> Result<A, Fault> {
        self.store
            .run_once(&self.clock, key, (permit.clone(), command, answer), async |work, input| {
                let (permit, command, answer) = input;
                Ok(answer(&command.run(work, &permit.actor(), permit.credentials()).await?))
            })
            .await
    }
}

impl RevokeClient {
    /// Revokes the client. Administrators cannot revoke themselves or the gateway that they call through, because then
    /// the last administrator could be revoked.
    ///
    /// # Errors
    /// `CLIENT_NOT_FOUND`, `CLIENT_REVOKED`, `OWN_ACCESS`.
    pub async fn run(&self, work: &Work, administrator: &Actor, shown: &[String]) -> Result<Client, Fault> {
        let turn = ClientWriteLock::take(work, &administrator.principal, shown).await?;
        let mut client = find_active(work, &self.principal).await?;
        if self.principal == administrator.principal || administrator.via.as_ref() == Some(&self.principal) {
            return Err(Fault::new(ErrorReason::OwnAccess).with("client", &self.principal));
        }
        client.revoked =
            Some(Act { by: administrator.principal.clone(), at: work.now(), note: self.note.clone() });
        turn.put(work, &client).await?;
        record(work, administrator, "RevokeClient", &client.principal, json!({})).await?;
        Ok(client)
    }
}
